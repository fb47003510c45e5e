/** How spans are read, by whichever backend owns the memory that they were written into. */
import { randomUUID } from 'node:crypto';
import type { OpenSpanData, SnapshotData, TraceData, TraceQuery, TracingOptions } from 'nanometer';
import type { BackendMeter } from '../dist/backend/backend';
import { chooseBackend } from '../dist/backend/choose';
import * as layout from '../dist/generated/layout';
import { resolveOptions } from '../dist/open/options';
import type { PromotedSpan } from '../dist/trace/poller';
import { idWords, SpanWriter, timeless, type WrittenSpan } from './support/span-writer';
import { thrown } from './support/meter';

const { FORM_BACKPRESSURE, FORM_COPY, FORM_FLOW, FORM_INVOKE, FORM_TRANSFER } = layout;
const { REASON_ERROR, REASON_HEAD, REASON_LATENCY, REASON_MANUAL, STATUS_ERROR } = layout;
const LATEST = Number.MAX_SAFE_INTEGER;

const meters: BackendMeter[] = [];
let meter: BackendMeter;
let writer: SpanWriter;

function openMeter(tracing: TracingOptions | false): BackendMeter {
  const options = { stateDir: false, inspection: false, tracing } as const;
  const made = chooseBackend().open(
    resolveOptions({ service: `spans ${randomUUID()}`, ...options }).resolved,
  );
  meters.push(made);
  return made;
}

beforeEach(() => {
  meter = openMeter({ flightSpans: 64 });
  writer = new SpanWriter(meter.traceMemory());
});

afterEach(() => Promise.all(meters.splice(0).map((made) => made.close())));

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');
const traceId = (number: number) => hex(number, 32);
const spanId = (number: number) => hex(number, 16);
const span = (trace: number, id: number, more: Partial<WrittenSpan> = {}): WrittenSpan => ({
  ...{ trace: traceId(trace), id: spanId(id) },
  ...more,
});
const traces = (query: TraceQuery = {}) =>
  (JSON.parse(meter.traces(JSON.stringify(query))) as { traces: TraceData[] }).traces;
const traceOf = (number: number) => JSON.parse(meter.trace(traceId(number))) as TraceData | null;
const numbers = (found: readonly TraceData[]) => found.map((each) => Number(`0x${each.traceId}`));
const spans = (after = 0) =>
  JSON.parse(meter.spans(after)) as { spans: PromotedSpan[]; lost: number; last: number };
const openSpans = (flow: string | null = null) =>
  JSON.parse(meter.openSpans(flow)) as OpenSpanData[];
const now = () => {
  const { clock } = chooseBackend();
  clock.tick();
  return clock.cell[0]!;
};

describe('what all threads share', () => {
  test('settings as they were given, and bounds that are left out as infinity', () => {
    const { cells } = meter.traceSettings();
    expect(cells[layout.TRACING_ENABLED]).toBe(1);
    expect(cells[layout.TRACING_SAMPLE_RATE]).toBe(0.01);
    expect(cells[layout.TRACING_PROMOTE_ERRORS]).toBe(1);
    expect(cells[layout.TRACING_PROMOTE_LATENCY_NS]).toBe(Infinity);
    expect(cells[layout.TRACING_MOST_PROMOTIONS]).toBe(100);
    const limits = { promoteLatencyMs: 2.5, maxPromotionsPerSecond: null };
    const other = openMeter({ sampleRate: 1, promoteErrors: false, ...limits }).traceSettings();
    expect([...other.cells.slice(0, 4)]).toEqual([1, 0, 2.5e6, Infinity]);
  });

  test('the memory of a thread, the same each time', () => {
    const again = meter.traceMemory();
    expect(again.flight).toHaveLength(Math.ceil(64 / layout.SPANS_PER_BLOCK));
    expect(again.exports).toHaveLength(layout.EXPORT_BLOCKS);
    expect(openMeter({ flightSpans: 512 }).traceMemory().flight).toHaveLength(2);
    again.open.cells[layout.OPEN_SERIALS] = 17;
    expect(writer.memory.open.cells[layout.OPEN_SERIALS]).toBe(17);
    expect(again.open.words.byteOffset).toBe(again.open.cells.byteOffset);
    expect(again.shared.cells[layout.TRACING_ENABLED]).toBe(1);
  });

  test('nothing of it without tracing', () => {
    const other = openMeter(false);
    expect(other.traceSettings().cells[layout.TRACING_ENABLED]).toBe(0);
    expect(thrown(() => other.traceMemory()).code).toBe('NANOMETER_CAPACITY');
    expect(JSON.parse(other.traces('{}'))).toEqual({ traces: [] });
    expect(JSON.parse(other.trace(traceId(1)))).toBeNull();
    expect(JSON.parse(other.spans(5))).toEqual({ spans: [], lost: 0, last: 0 });
    expect(JSON.parse(other.openSpans(null))).toEqual([]);
  });

  test('numbers of texts, each once; 0 for one that is too long', () => {
    const texts = ['a', 'b', '', 'é\u{1f600}', 'x'.repeat(1_024), '\ufeff', 'lone \ud800'];
    const given = texts.map((text) => meter.traceText(text));
    expect(new Set(given).size).toBe(texts.length);
    expect(Math.min(...given)).toBeGreaterThan(0);
    expect(texts.map((text) => meter.traceText(text))).toEqual(given);
    expect(meter.traceText('x'.repeat(1_025))).toBe(0);
    expect(meter.traceText('é'.repeat(513))).toBe(0);
    const ids = given.map((name, index) => writer.record(span(1, index + 1, { name })));
    expect(ids).toHaveLength(texts.length);
    expect(new Set(traceOf(1)!.spans.map(({ name }) => name))).toEqual(
      new Set(texts.map((text) => text.toWellFormed())),
    );
  });

  test('no more texts than there are numbers for; those that have one keep it', () => {
    const numbers = Array.from({ length: layout.MOST_TEXTS }, (_, n) => meter.traceText(`t${n}`));
    expect(numbers).toEqual(Array.from({ length: layout.MOST_TEXTS }, (_, n) => n + 1));
    expect(meter.traceText('one more')).toBe(0);
    expect(meter.traceText('t17')).toBe(18);
    writer.record(span(1, 1, { name: layout.MOST_TEXTS }));
    expect(traceOf(1)!.name).toBe(`t${layout.MOST_TEXTS - 1}`);
  });

  test('the traces that were asked for, in turn', () => {
    const { cells, words } = meter.traceSettings();
    for (let number = 1; number <= layout.WANTED_TRACES + 1; number++) {
      meter.wantTrace(traceId(number));
      expect(cells[layout.TRACING_WANTED]).toBe(number);
    }
    const at = (place: number) => [
      ...words.slice(layout.WANTED_FIRST + place * 4, layout.WANTED_FIRST + place * 4 + 4),
    ];
    expect(at(0)).toEqual(idWords(traceId(layout.WANTED_TRACES + 1)));
    expect(at(1)).toEqual(idWords(traceId(2)));
    meter.wantTrace('f'.repeat(32));
    expect(at(1)).toEqual([-1, -1, -1, -1]);
  });
});

describe('a span', () => {
  test('has the name and the attributes of its form', () => {
    const [flow, component, reason, stream, own] = ['f', 'c', 'PayloadRead', 'a->b', 'own'].map(
      (text) => meter.traceText(text),
    ) as [number, number, number, number, number];
    const parts = { flow, component, sequence: 7 };
    writer.record(span(1, 1, { form: FORM_FLOW, flow }));
    writer.record(span(1, 2, { form: FORM_INVOKE, ...parts, startNs: 1 }));
    writer.record(span(1, 3, { form: FORM_TRANSFER, ...parts, startNs: 2 }));
    writer.record(span(1, 4, { form: FORM_COPY, ...parts, name: reason, amount: 9, startNs: 3 }));
    const held = { flow, component: stream, startNs: 4 };
    writer.record(span(1, 5, { form: FORM_BACKPRESSURE, ...held }));
    writer.record(span(1, 6, { name: own, startNs: 5 }));
    const inFlow = { 'flow.id': 'f', 'component.id': 'c' };
    expect(traceOf(1)!.spans.map(({ name, attributes }) => [name, attributes])).toEqual([
      ['flow:f', { 'flow.id': 'f' }],
      ['component:c:invoke:7', inFlow],
      ['resource:transfer:7', inFlow],
      ['resource:copy:7', { ...inFlow, 'copy.reason': 'PayloadRead', 'copy.bytes': 9 }],
      ['backpressure:a->b', { 'flow.id': 'f', 'stream.id': 'a->b' }],
      ['own', {}],
    ]);
  });

  test('says what its text says, whatever its numbers are', () => {
    const startNs = now();
    const text = JSON.stringify({
      name: 'a name',
      message: 'so it went',
      attributes: { text: 'é'.repeat(300), number: 1.5, flag: true },
      events: [{ name: 'happened', atNs: startNs + 2e6, attributes: { n: 1 }, dropped: 4 }],
      dropped: [3, 0],
    });
    const more = {
      kind: 2,
      status: STATUS_ERROR,
      startNs,
      durationNs: 3e6,
      text,
      traceFlags: 0x203,
    };
    writer.record(span(1, 5, { ...more, parent: 'fedcba9876543210' }));
    const trace = traceOf(1)!;
    const [only] = trace.spans;
    expect(only).toEqual({
      ...{ traceId: traceId(1), spanId: spanId(5), parentSpanId: 'fedcba9876543210' },
      ...{ name: 'a name', kind: 'client', status: 'error', message: 'so it went' },
      ...{ startMs: expect.any(Number) as number, durationNs: 3e6 },
      ...{ isParentRemote: true, traceFlags: 3 },
      attributes: { text: 'é'.repeat(300), number: 1.5, flag: true },
      events: [
        {
          ...{ name: 'happened', atMs: expect.any(Number) as number },
          ...{ attributes: { n: 1 }, droppedAttributes: 4 },
        },
      ],
      droppedAttributes: 3,
    });
    // The wall clock tells whole milliseconds, and is looked at twice.
    expect(Math.abs(only!.startMs - Date.now())).toBeLessThan(1_000);
    expect(only!.events[0]!.atMs - only!.startMs).toBeCloseTo(2, 2);
    expect(trace).toMatchObject({ startMs: only!.startMs, name: 'a name', reason: null });
  });

  test('is what its numbers say where its text makes no sense', () => {
    const name = meter.traceText('named');
    writer.record(span(1, 1, { name, text: '{"name":' }));
    expect(traceOf(1)!.spans).toMatchObject([{ name: 'named', attributes: {}, events: [] }]);
  });

  test('has a question mark for a text that had no number any more', () => {
    writer.record(span(1, 1));
    writer.record(span(2, 1, { form: FORM_FLOW }));
    writer.record(span(3, 1, { form: FORM_INVOKE, sequence: 2 }));
    expect([1, 2, 3].map((trace) => traceOf(trace)!.name)).toEqual([
      ...['?', 'flow:?', 'component:?:invoke:2'],
    ]);
  });

  test('never takes less than no time', () => {
    writer.record(span(1, 1, { durationNs: -5 }));
    writer.record(span(1, 2, { durationNs: NaN }));
    expect(traceOf(1)!.spans.map(({ durationNs }) => durationNs)).toEqual([0, 0]);
    expect(traceOf(1)!.durationNs).toBe(0);
  });

  test('is not shown while it is written, nor where it has been overwritten', () => {
    const first = writer.record(span(1, 1));
    writer.record(span(2, 1));
    writer.setWord(first, -1);
    expect(traceOf(1)).toBeNull();
    for (let id = 1; id <= writer.flightSlots; id++) writer.record(span(3, id));
    expect(traceOf(2)).toBeNull();
    expect(traceOf(3)!.spans).toHaveLength(writer.flightSlots);
  });

  test('is whole though its text goes round the end of the ring', () => {
    for (let id = 1; id < writer.flightSlots; id++) writer.record(span(1, id));
    const attributes = { long: 'x'.repeat(1_000) };
    writer.record(span(2, 1, { text: JSON.stringify({ attributes }) }));
    expect(traceOf(2)!.spans).toMatchObject([{ attributes }]);
  });
});

describe('a trace', () => {
  test('is in the order of starts, parents first, and is told of by its root', () => {
    const [root, part] = ['root', 'part'].map((text) => meter.traceText(text)) as [number, number];
    const below = { parent: spanId(1), name: part };
    writer.record(span(1, 4, { ...below, startNs: 200, durationNs: 900 }));
    writer.record(span(1, 3, { ...below, startNs: 100, durationNs: 300, status: STATUS_ERROR }));
    writer.record(span(1, 2, { ...below, startNs: 100, durationNs: 400 }));
    writer.record(span(1, 1, { startNs: 100, durationNs: 500, name: root, status: 1 }));
    const trace = traceOf(1)!;
    expect(trace.spans.map((each) => each.spanId)).toEqual([1, 2, 3, 4].map(spanId));
    expect(trace).toMatchObject({ name: 'root', status: 'error', durationNs: 1_000 });
    expect(trace.startMs).toBe(trace.spans[0]!.startMs);
  });

  test('is told of by what is first where its root is elsewhere', () => {
    const name = meter.traceText('below');
    writer.record(span(1, 2, { parent: spanId(1), name, startNs: 5, durationNs: 10, status: 1 }));
    expect(traceOf(1)).toMatchObject({ name: 'below', status: 'ok', durationNs: 10 });
  });

  test('has each of its spans once, the promoted ones and those that are not', () => {
    for (const id of [1, 2, 3]) writer.record(span(1, id, { startNs: id }));
    writer.promote(span(1, 2, { startNs: 2 }), REASON_LATENCY);
    const trace = traceOf(1)!;
    expect(trace.spans.map((each) => each.spanId)).toEqual([1, 2, 3].map(spanId));
    expect(trace.reason).toBe('latency');
    expect(traces().map((each) => each.spans.length)).toEqual([1]);
    expect(traces({ minDurationMs: 0 }).map(timeless)).toEqual([timeless(trace)]);
  });

  test('has the first reason for which it was promoted', () => {
    const reasons = [REASON_HEAD, REASON_ERROR, REASON_LATENCY, REASON_MANUAL];
    reasons.forEach((reason, index) => {
      writer.promote(span(index + 1, 1), reason);
      writer.promote(span(index + 1, 2), REASON_MANUAL);
    });
    const found = [1, 2, 3, 4].map((number) => traceOf(number)!.reason);
    expect(found).toEqual(['head', 'error', 'latency', 'manual']);
  });
});

describe('traces()', () => {
  const named = (text: string) => meter.traceText(text);

  beforeEach(() => {
    const flow = named('f');
    const inFlow = { flow, component: named('c'), form: FORM_INVOKE, sequence: 1 };
    writer.record(span(1, 1, { form: FORM_FLOW, flow, startNs: 10, durationNs: 5e6 }));
    writer.record(span(1, 2, { ...inFlow, startNs: 11, durationNs: 2e6 }));
    writer.record(span(2, 1, { form: FORM_FLOW, flow: named('g'), startNs: 20 }));
    writer.record(span(3, 1, { name: named('n'), status: STATUS_ERROR, startNs: 30 }));
    writer.record(span(4, 1, { form: FORM_BACKPRESSURE, component: named('c'), startNs: 40 }));
    writer.promote(span(5, 1, { name: named('n'), startNs: 25, durationNs: 1e6 }), REASON_HEAD);
    writer.promote(span(6, 1, { ...inFlow, startNs: 26, status: 1 }), REASON_HEAD);
  });

  test.each<[TraceQuery, number[]]>([
    [{}, [6, 5]],
    [{ limit: 1 }, [6]],
    [{ minDurationMs: 0 }, [4, 3, 6, 5, 2, 1]],
    [{ minDurationMs: 0, limit: 2 }, [4, 3]],
    [{ minDurationMs: 1 }, [5, 1]],
    [{ minDurationMs: 5.000001 }, []],
    [{ flow: 'f' }, [6, 1]],
    [{ flow: 'f', status: 'ok' }, [6]],
    [{ flow: 'none' }, []],
    [{ component: 'c' }, [6, 1]],
    [{ component: 'c', minDurationMs: 3 }, []],
    [{ name: 'n' }, [3, 5]],
    [{ name: 'flow:g' }, [2]],
    [{ name: 'component:c:invoke:1' }, [6, 1]],
    [{ name: 'backpressure:c' }, [4]],
    [{ status: 'error' }, [3]],
    [{ status: 'unset', name: 'n' }, [5]],
  ])('%j finds %j', (query, expected) => {
    expect(numbers(traces(query))).toEqual(expected);
  });

  test('answers whole traces, of which one span has all that is asked for', () => {
    const [trace] = traces({ component: 'c', flow: 'f', minDurationMs: 2 });
    expect(timeless(trace!)).toEqual(timeless(traceOf(1)!));
    expect(trace!.spans).toHaveLength(2);
  });
});

describe('what is kept', () => {
  test('are the newest 256 traces', () => {
    for (let number = 1; number <= 300; number++) writer.promote(span(number, 1), REASON_HEAD);
    writer.promote(span(45, 2), REASON_HEAD);
    expect(traces({ limit: 1_000 })).toHaveLength(256);
    expect([44, 45, 300].map((number) => traceOf(number)?.spans.length)).toEqual([undefined, 2, 1]);
    expect(traces()).toHaveLength(100);
  });

  test('are 1,024 spans of a trace; the rest is lost, and is counted', () => {
    for (let id = 1; id <= 1_030; id++) writer.promote(span(1, id), REASON_HEAD);
    expect(traceOf(1)!.spans).toHaveLength(1_024);
    expect(spans()).toMatchObject({ lost: 6, last: 1_030 });
    expect(spans(1_024)).toEqual({ spans: [], lost: 6, last: 1_030 });
  });

  test('are 16,384 spans; the oldest traces make room', () => {
    const PER_TRACE = 1_000;
    for (let number = 1; number <= 17; number++) {
      for (let id = 1; id <= PER_TRACE; id++) {
        writer.promote(span(number, id), REASON_HEAD);
      }
      expect(spans(LATEST).last).toBe(number * PER_TRACE);
    }
    expect(numbers(traces()).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 16 }, (_, index) => index + 2),
    );
    const first = spans();
    expect([first.spans.length, first.lost, first.last]).toEqual([10_000, 1_000, 11_000]);
    const second = spans(first.last);
    expect([second.spans.length, second.lost, second.last]).toEqual([6_000, 0, 17_000]);
    expect(second.spans[0]!.seq).toBe(11_001);
  });

  test('is bounded in bytes, too', () => {
    const text = JSON.stringify({ attributes: { long: 'x'.repeat(3_900) } });
    for (let number = 1; number <= 250; number++) {
      for (let id = 1; id <= 20; id++) writer.promote(span(number, id, { text }), REASON_HEAD);
      spans(LATEST);
    }
    const found = traces({ limit: 1_000 });
    expect(found.length).toBeLessThan(120);
    expect(found.length).toBeGreaterThan(80);
  });
});

describe('spans()', () => {
  test('numbers promoted spans from 1, as they come, with their reasons', () => {
    expect(spans()).toEqual({ spans: [], lost: 0, last: 0 });
    writer.promote(span(1, 1), REASON_ERROR);
    writer.promote(span(2, 1), REASON_MANUAL);
    writer.promote(span(1, 2), REASON_ERROR);
    const all = spans();
    expect(all).toMatchObject({ lost: 0, last: 3 });
    expect(all.spans.map(({ seq, reason, traceId: id }) => [seq, reason, id])).toEqual([
      [1, 'error', traceId(1)],
      [2, 'manual', traceId(2)],
      [3, 'error', traceId(1)],
    ]);
    expect(spans(2)).toEqual({ spans: [all.spans[2]], lost: 0, last: 3 });
    expect(spans(3)).toEqual({ spans: [], lost: 0, last: 3 });
    // Whoever asks beyond the end sees that from `last`.
    expect(spans(1_000)).toEqual({ spans: [], lost: 0, last: 3 });
  });

  test('makes room in the ring, which goes round many times, texts across its end', () => {
    const text = (id: number) => JSON.stringify({ attributes: { id, pad: 'x'.repeat(id % 500) } });
    const seen: unknown[] = [];
    let after = 0;
    for (let id = 1; id <= 10_000; id++) {
      if (!writer.promote(span((id % 200) + 1, id, { text: text(id) }), REASON_HEAD)) {
        const found = spans(after);
        seen.push(...found.spans.map(({ attributes }) => attributes['id']));
        after = found.last;
        expect(writer.promote(span((id % 200) + 1, id, { text: text(id) }), REASON_HEAD)).toBe(
          true,
        );
      }
    }
    seen.push(...spans(after).spans.map(({ attributes }) => attributes['id']));
    expect(seen).toEqual(Array.from({ length: 10_000 }, (_, index) => index + 1));
  });
});

describe('openSpans()', () => {
  const ids = (flow: string | null = null) => openSpans(flow).map(({ spanId: id }) => id);

  test('are what the table has, the oldest first', () => {
    const [flow, component, name] = ['f', 'c', 'n'].map((text) => meter.traceText(text)) as [
      number,
      number,
      number,
    ];
    const startNs = now() - 5e9;
    const working = { component, componentStartNs: startNs + 1e9 };
    writer.open(7, { trace: traceId(1), id: spanId(1), flow, startNs: startNs + 1e6, ...working });
    writer.open(2, { trace: traceId(2), id: spanId(2), name, startNs: startNs + 2e6 });
    writer.open(510, { trace: traceId(3), id: spanId(3), flow, startNs });
    writer.open(3, { trace: traceId(4), id: spanId(4), startNs: startNs + 3e6 });
    const [third, first, second, fourth] = openSpans();
    expect(first).toEqual({
      ...{ traceId: traceId(1), spanId: spanId(1), name: 'flow:f', flow: 'f', component: 'c' },
      ...{ componentAgeNs: expect.any(Number) as number, ageNs: expect.any(Number) as number },
      ...{ startMs: expect.any(Number) as number, lane: expect.any(Number) as number },
    });
    expect(first!.ageNs - first!.componentAgeNs!).toBeCloseTo(999e6, -3);
    expect(first!.ageNs).toBeGreaterThanOrEqual(4.999e9);
    expect(first!.ageNs).toBeLessThan(60e9);
    expect(Math.abs(first!.startMs + first!.ageNs / 1e6 - Date.now())).toBeLessThan(1_000);
    expect(second).toMatchObject({ name: 'n', flow: null, component: null, componentAgeNs: null });
    expect(third).toMatchObject({ spanId: spanId(3), name: 'flow:f', component: null });
    expect(fourth).toMatchObject({ spanId: spanId(4), name: '?' });
    expect(ids('f')).toEqual([spanId(3), spanId(1)]);
    expect(ids('n')).toEqual([]);
  });

  test('has no entry that is free, or being written', () => {
    writer.open(0, { trace: traceId(1), id: spanId(1) });
    expect(ids()).toEqual([spanId(1)]);
    writer.open(0, { trace: traceId(1), id: spanId(1) }, 0);
    expect(ids()).toEqual([]);
  });

  test('has no negative ages', () => {
    const startNs = now() + 60e9;
    const component = meter.traceText('c');
    const entry = { trace: traceId(1), id: spanId(1), startNs, componentStartNs: startNs };
    writer.open(0, { ...entry, component });
    expect(openSpans()).toMatchObject([{ ageNs: 0, componentAgeNs: 0 }]);
  });

  test('are 100 at most', () => {
    for (let index = 0; index < 511; index++) {
      writer.open(index, { trace: traceId(1), id: spanId(index + 1), startNs: 1_000 - index });
    }
    expect(ids()).toEqual(Array.from({ length: 100 }, (_, index) => spanId(511 - index)));
  });
});

test('what became of spans is in the metrics', () => {
  const { flight, exports, open } = writer.memory;
  const head = flight[0]!.cells;
  head[layout.FLIGHT_RECORDED] = 1_000;
  head[layout.FLIGHT_OVERWRITTEN] = 200;
  head[layout.FLIGHT_PROMOTED] = 30;
  head[layout.FLIGHT_DROPPED_FULL] = 4;
  head[layout.FLIGHT_DROPPED_LIMIT] = 5;
  exports[0]!.cells[layout.EXPORT_MISSED] = 6;
  open.cells[layout.OPEN_REFUSED] = 7;
  const { metrics } = JSON.parse(meter.snapshot()) as SnapshotData;
  const of = (name: string) => {
    const { kind, unit, series } = metrics.find((metric) => metric.name === `nanometer.${name}`)!;
    return { kind, unit, series };
  };
  const counter = { kind: 'counter', unit: '{span}' };
  const alone = (value: number) => ({ ...counter, series: [{ labels: {}, value }] });
  expect(of('spans_recorded')).toEqual(alone(1_000));
  expect(of('spans_overwritten')).toEqual(alone(200));
  expect(of('spans_promoted')).toEqual(alone(30));
  expect(of('spans_missed')).toEqual(alone(6));
  expect(of('promotions_refused')).toEqual({ ...alone(7), unit: '{trace}' });
  expect(of('spans_dropped')).toEqual({
    ...counter,
    series: [
      { labels: { cause: 'full' }, value: 4 },
      { labels: { cause: 'limit' }, value: 5 },
    ],
  });
});
