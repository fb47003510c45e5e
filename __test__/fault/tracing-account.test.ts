/**
 * What becomes of spans in a ring that is overwritten many times, against a model of it (F64): each
 * is promoted, overwritten, dropped, or still there, and what is found is what the model has.
 */
import * as fc from 'fast-check';
import { mockClock, type Span } from 'nanometer';
import { quietMeter } from '../support/meter';
import { accountOf, type SpanAccount } from '../support/numbered-spans';

const SLOTS = 511;
const MOST_A_SECOND = 10;
const LATENCY_NS = 1e6;
const SECOND_NS = 1e9;
const SAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
/** Bytes of text around an attribute `p`, and of one slot. */
const BRACKETS = '{"attributes":{"p":""}}'.length;
const TEXT_SLOT_BYTES = 124;
/** Slots that are promoted before the ring of those is emptied: far fewer than it has. */
const MOST_UNREAD = 1_000;

type Fate = 'kept' | 'promoted' | 'dropped';

interface ModelSpan {
  readonly spanId: string;
  readonly slots: number;
  fate: Fate;
}

interface ModelTrace {
  readonly span: Span;
  readonly traceId: string;
  readonly beganNs: number;
  decision: 'none' | 'promoted' | 'refused';
  readonly spans: ModelSpan[];
}

/** The ring of a thread, and what is decided. */
class Model {
  readonly account: Record<keyof SpanAccount, number> = {
    ...{ recorded: 0, promoted: 0, overwritten: 0, full: 0, limit: 0, missed: 0, refused: 0 },
  };
  nowNs = SECOND_NS;
  /** Slots that were used, in all. */
  used = 0;
  unread = 0;
  readonly #ring = new Array<ModelSpan | null>(SLOTS).fill(null);
  #at = 0;
  #second = 1;
  #promotions = 0;

  begin(span: Span, isSampled: boolean): ModelTrace {
    const { traceId } = span;
    const trace: ModelTrace = { span, traceId, beganNs: this.nowNs, decision: 'none', spans: [] };
    if (isSampled) this.#decide(trace);
    return trace;
  }

  record(trace: ModelTrace, spanId: string, pad: number): void {
    const slots = 1 + (pad === 0 ? 0 : Math.ceil((BRACKETS + pad) / TEXT_SLOT_BYTES));
    const span: ModelSpan = { spanId, slots, fate: 'kept' };
    for (let i = 0; i < slots; i++) {
      if (this.#ring[this.#at]?.fate === 'kept') this.account.overwritten += 1;
      this.#ring[this.#at] = i === 0 ? span : null;
      this.#at = (this.#at + 1) % SLOTS;
    }
    this.used += slots;
    this.account.recorded += 1;
    trace.spans.push(span);
    if (trace.decision === 'promoted') this.#promoteSpan(span);
    if (trace.decision === 'refused') this.#drop(span);
  }

  end(trace: ModelTrace, spanId: string, hasFailed: boolean): void {
    this.record(trace, spanId, 0);
    const isSlow = this.nowNs - trace.beganNs >= LATENCY_NS;
    if (trace.decision === 'none' && (hasFailed || isSlow)) this.#decide(trace);
  }

  promoteByHand(trace: ModelTrace): void {
    if (trace.decision !== 'promoted') this.#promote(trace);
  }

  isThere(span: ModelSpan): boolean {
    return this.#ring.includes(span);
  }

  #decide(trace: ModelTrace): void {
    const second = Math.floor(this.nowNs / SECOND_NS);
    if (second !== this.#second) [this.#second, this.#promotions] = [second, 0];
    this.#promotions += 1;
    if (this.#promotions <= MOST_A_SECOND) {
      this.#promote(trace);
      return;
    }
    trace.decision = 'refused';
    this.account.refused += 1;
    for (const span of trace.spans) if (this.isThere(span)) this.#drop(span);
  }

  #promote(trace: ModelTrace): void {
    trace.decision = 'promoted';
    for (const span of trace.spans) {
      if (!this.isThere(span)) this.account.missed += 1;
      else if (span.fate === 'kept') this.#promoteSpan(span);
    }
  }

  #promoteSpan(span: ModelSpan): void {
    span.fate = 'promoted';
    this.unread += span.slots;
    this.account.promoted += 1;
  }

  #drop(span: ModelSpan): void {
    span.fate = 'dropped';
    this.account.limit += 1;
  }
}

/** One step of a program; numbers choose among the traces that are open. */
type Step =
  | { readonly do: 'begin'; readonly isSampled: boolean }
  | { readonly do: 'part'; readonly which: number; readonly pad: number; readonly times: number }
  | { readonly do: 'end'; readonly which: number; readonly how: 'well' | 'slow' | 'fail' }
  | { readonly do: 'promote'; readonly which: number; readonly isById: boolean }
  | { readonly do: 'wait' };

const which = fc.nat(1_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('begin'), isSampled: fc.boolean() }) },
  {
    weight: 20,
    arbitrary: fc.record({
      ...{ do: fc.constant('part'), which },
      pad: fc.oneof(fc.constant(0), fc.nat(500)),
      times: fc.integer({ min: 1, max: 30 }),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      ...{ do: fc.constant('end'), which },
      how: fc.constantFrom('well', 'slow', 'fail'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('promote'), which, isById: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'wait' }) },
) as fc.Arbitrary<Step>;

/** A program against the model of it. */
class Run {
  readonly model = new Model();
  readonly all: ModelTrace[] = [];
  readonly #clock = mockClock(SECOND_NS);
  readonly #open: ModelTrace[] = [];
  readonly meter = quietMeter({
    clock: this.#clock,
    tracing: {
      ...{ sampleRate: 0, flightSpans: 64, maxPromotionsPerSecond: MOST_A_SECOND },
      promoteLatencyMs: LATENCY_NS / 1e6,
    },
  });

  take(next: Step): void {
    const trace = next.do === 'begin' || next.do === 'wait' ? null : this.#chosen(next.which);
    if (next.do === 'begin') this.#begin(next.isSampled);
    else if (next.do === 'wait') this.#wait(SECOND_NS);
    else if (trace === null) this.#begin(false);
    else if (next.do === 'part') this.#parts(trace, next.times, next.pad);
    else if (next.do === 'end') this.#end(trace, next.how);
    else {
      if (next.isById) this.meter.tracing.promote(trace.traceId);
      else trace.span.promote();
      this.model.promoteByHand(trace);
    }
    if (this.model.unread < MOST_UNREAD) return;
    this.meter.traces({ limit: 1 });
    this.model.unread = 0;
  }

  #chosen(number: number): ModelTrace | null {
    return this.#open[number % this.#open.length] ?? null;
  }

  #begin(isSampled: boolean): void {
    const span = this.meter.span('root', isSampled ? sampledParent(this.all.length) : null);
    const trace = this.model.begin(span, isSampled);
    this.all.push(trace);
    this.#open.push(trace);
  }

  #parts(trace: ModelTrace, times: number, pad: number): void {
    for (let i = 0; i < times; i++) {
      const part = this.meter.span('part', trace.span);
      if (pad > 0) part.setAttribute('p', 'x'.repeat(pad));
      part.end();
      this.model.record(trace, part.spanId, pad);
    }
  }

  #end(trace: ModelTrace, how: 'well' | 'slow' | 'fail'): void {
    this.#open.splice(this.#open.indexOf(trace), 1);
    if (how === 'slow') this.#wait(LATENCY_NS);
    if (how === 'fail') trace.span.fail();
    else trace.span.end();
    this.model.end(trace, trace.span.spanId, how === 'fail');
  }

  #wait(ns: number): void {
    this.#clock.advance(ns);
    this.model.nowNs += ns;
  }
}

/** A caller of another trace each time. */
function sampledParent(number: number): string {
  return SAMPLED.replace('0af76519', (number + 1).toString(16).padStart(8, '0'));
}

test('each span is promoted, overwritten, dropped or still there, as a model says', async () => {
  let mostUsed = 0;
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 100, maxLength: 600, size: 'max' }),
      async (steps) => {
        const run = new Run();
        const { meter, model } = run;
        for (const next of steps) run.take(next);
        expect(accountOf(meter)).toEqual(model.account);
        mostUsed = Math.max(mostUsed, model.used);
        for (const [name, count] of Object.entries(model.account)) if (count > 0) seen.add(name);
        // The newest, which are all kept where they were promoted.
        for (const { traceId, spans } of run.all.slice(-100)) {
          const found = meter.trace(traceId)?.spans ?? [];
          const there = spans.filter((span) => span.fate === 'promoted' || model.isThere(span));
          expect(found.map(({ spanId }) => spanId).sort()).toEqual(
            there.map(({ spanId }) => spanId).sort(),
          );
        }
        const { recorded, promoted, overwritten, limit } = model.account;
        const kept = run.all.flatMap(({ spans }) => spans).filter((span) => span.fate === 'kept');
        const left = kept.filter((span) => model.isThere(span)).length;
        expect(recorded - promoted - overwritten - limit).toBe(left);
        await meter.close();
      },
    ),
    { numRuns: 15 },
  );
  expect(mostUsed).toBeGreaterThan(10 * SLOTS);
  // All happened but a full export ring, which is emptied in time.
  expect([...seen].sort()).toEqual(
    ['limit', 'missed', 'overwritten', 'promoted', 'recorded', 'refused'].sort(),
  );
});
