/**
 * Elements of flows in several threads, while settings are toggled as fast as they can be, and in a
 * storm of errors: by the clock, with nothing made slow.
 */
import type { Meter, SpanData, TraceData } from 'nanometer';
import { Hand } from '../support/hand';
import { quietMeter } from '../support/meter';
import { accountOf, allTraces, spansIn, stillThere } from '../support/numbered-spans';

/** So many traced elements, of which some fail in the second component; answers how many there were. */
const WORK = `({ count, failEvery }) => {
  const flow = meter.flow('orders', ['read', 'parse', 'write']);
  const { read, parse, write } = flow.components;
  const nothing = () => undefined;
  const fail = () => { throw new Error('on purpose'); };
  const done = { traced: 0, failed: 0 };
  while (done.traced < count) {
    const element = flow.begin();
    const isTraced = element.traceId !== '';
    done.traced += isTraced;
    read.run(element, nothing);
    if (isTraced && done.traced % failEvery === 0) {
      done.failed += 1;
      try { parse.run(element, fail); } catch (error) { element.fail(error); }
      continue;
    }
    parse.run(element, nothing);
    element.copy('PayloadRead', 8);
    write.run(element, nothing);
    element.end();
  }
  return done;
}`;

interface Done {
  readonly traced: number;
  readonly failed: number;
}

let meter: Meter;

function open(tracing: object): void {
  meter = quietMeter({ tracing: { sampleRate: 0, flightSpans: 64, ...tracing } });
}

afterEach(() => meter.close());

/** Has so many threads do that, meanwhile something else; answers what was traced in all of them. */
async function inThreads(
  threads: number,
  how: { readonly count: number; readonly failEvery: number },
  meanwhile: () => void,
): Promise<Done> {
  const hands = await Promise.all(Array.from({ length: threads }, () => Hand.start(meter.service)));
  let isWorking = true;
  const working = Promise.all(
    hands.map((hand) => hand.run<Done>(`(${WORK})(${JSON.stringify(how)})`)),
  );
  void working.then(() => (isWorking = false));
  while (isWorking) {
    meanwhile();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const done = await working;
  const sum = (key: keyof Done): number => done.reduce((total, one) => total + one[key], 0);
  return { traced: sum('traced'), failed: sum('failed') };
}

/** What is wrong with the spans of an element, of which some may not be there, a line each. */
function faults({ traceId, spans }: TraceData): string[] {
  const root = spans.find(({ name }) => name === 'flow:orders');
  const ofSpan = (span: SpanData): string[] => {
    const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
    const isOfRoot = /^(component|backpressure):/.test(span.name) && root !== undefined;
    // An element's wait may have begun before the component that took it; nothing takes longer.
    const isWait = span.name.startsWith('resource:transfer');
    const earlyMs = (parent?.startMs ?? 0) - span.startMs;
    const longNs = span.durationNs - (root?.durationNs ?? Infinity);
    return [
      ...(span.traceId === traceId ? [] : [`is of trace ${span.traceId}`]),
      ...(isOfRoot && parent !== root ? [`is below ${parent?.name ?? 'nothing'}`] : []),
      ...(isWait || earlyMs <= 1e-3 ? [] : [`starts ${earlyMs} ms before ${parent!.name}`]),
      ...(longNs <= 0 ? [] : [`takes ${longNs} ns longer than its element`]),
      ...(span.durationNs >= 0 ? [] : [`takes ${span.durationNs} ns`]),
    ].map((fault) => `${span.name} ${fault}; the element ${root?.durationNs} ns`);
  };
  return spans.flatMap(ofSpan);
}

/** The promoted ones that lack a span of the element, or of a component that it came to. */
function incomplete(traces: readonly TraceData[]): TraceData[] {
  return traces.filter(({ reason, status, spans }) => {
    const names = spans.map(({ name }) => name.split(':', 2).join(':'));
    const came = status === 'error' ? ['read', 'parse'] : ['read', 'parse', 'write'];
    const needed = ['flow:orders', ...came.map((id) => `component:${id}`)];
    return reason !== null && !needed.every((name) => names.includes(name));
  });
}

describe('elements of several threads', () => {
  test.each([
    ['level', ['off', 'production'] as const, 10_000],
    ['level, diagnostic too,', ['production', 'diagnostic', 'off'] as const, 5_000],
  ])('while the %s and the sample rate are toggled', async (_, levels, count) => {
    open({ maxPromotionsPerSecond: null });
    let toggles = 0;
    const { traced, failed } = await inThreads(3, { count, failEvery: 500 }, () => {
      for (let i = 0; i < 500; i++) {
        toggles += 1;
        meter.level = levels[toggles % levels.length]!;
        meter.tracing.sampleRate = (toggles % 5) / 5_000;
      }
      expect(meter.traces().flatMap(faults)).toEqual([]);
    });
    meter.level = 'production';
    expect(toggles).toBeGreaterThan(1_000);
    expect(traced).toBe(3 * count);
    expect(failed).toBe((3 * count) / 500);
    const account = accountOf(meter);
    // What is traced is traced to its end, whatever the level has become.
    const spans = 4 * traced - failed;
    expect(account.recorded).toBeGreaterThanOrEqual(spans);
    expect(account.promoted).toBeGreaterThan(0);
    expect(account).toMatchObject({ limit: 0, missed: 0, refused: 0 });
    // An ordinary counter, which at the level off counts nothing.
    expect(meter.snapshot().value('system.spans_dropped')).toBeLessThanOrEqual(account.full);
    expect(meter.openSpans()).toEqual([]);
    const traces = allTraces(meter);
    expect(traces.flatMap(faults)).toEqual([]);
    if (levels.length === 2) {
      expect(account.recorded).toBe(spans);
      const kept = traces.filter(({ reason }) => reason === null);
      expect(stillThere(account)).toBe(spansIn(kept));
      expect(incomplete(traces)).toEqual([]);
    } else {
      // A wait before two components, a copy, and backpressure in none.
      expect(account.recorded).toBeLessThanOrEqual(spans + 3 * traced);
    }
  });

  test('in a storm of errors: no more are promoted in a second than may be, all are counted', async () => {
    const most = 25;
    open({ maxPromotionsPerSecond: most });
    const second = (): number => Math.floor(meter.now() / 1e9);
    const began = second();
    const { traced, failed } = await inThreads(4, { count: 5_000, failEvery: 1 }, () => {
      expect(stillThere(accountOf(meter))).toBeGreaterThanOrEqual(0);
    });
    const seconds = second() - began + 1;
    expect({ traced, failed }).toEqual({ traced: 20_000, failed: 20_000 });
    const account = accountOf(meter);
    const promoted = account.promoted / 3;
    expect(promoted).toBeGreaterThanOrEqual(most);
    expect(promoted).toBeLessThanOrEqual(most * seconds);
    expect(account).toEqual({
      ...{ recorded: 3 * failed, promoted: account.promoted, full: 0, overwritten: 0, missed: 0 },
      ...{ refused: failed - promoted, limit: 3 * (failed - promoted) },
    });
    expect(meter.snapshot().value('system.spans_dropped')).toBe(account.limit);
    const traces = meter.traces({ limit: 1_000 });
    expect(traces).toHaveLength(Math.min(promoted, 256));
    expect([...traces.flatMap(faults), ...incomplete(traces)]).toEqual([]);
    expect(new Set(traces.map(({ reason }) => reason))).toEqual(new Set(['error']));
  });
});
