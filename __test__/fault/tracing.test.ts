/**
 * Which traces are kept, whole, when it is decided afterwards: by a clock that is moved by hand, with
 * nothing sampled at the head.
 */
import { mockClock, type Meter, type MockClock, type TraceData } from 'nanometer';
import { chooseBackend } from '../../dist/backend/choose';
import { resolveOptions } from '../../dist/open/options';
import { quietMeter } from '../support/meter';
import { accountOf } from '../support/numbered-spans';
import { BACKEND } from '../support/surroundings';

const MS = 1_000_000;
const SECOND_NS = 1_000 * MS;
const NAMES = ['read', 'parse', 'write'] as const;
/** The root, and a span of each component. */
const SPANS = 1 + NAMES.length;

let clock: MockClock;
let meter: Meter;

function open(tracing: object, level: 'off' | 'production' | 'diagnostic' = 'production'): void {
  clock = mockClock(5 * SECOND_NS);
  meter = quietMeter({ level, clock, tracing: { sampleRate: 0, ...tracing } });
}

afterEach(() => meter.close());

const flowOf = () => meter.flow('orders', NAMES);
type OrderFlow = ReturnType<typeof flowOf>;

/** An element that takes 2 ms to be read, 3 ms to be parsed, and waits 1 ms before each. */
function begin(flow: OrderFlow) {
  const element = flow.begin();
  for (const [name, ms] of [
    ['read', 2],
    ['parse', 3],
  ] as const) {
    clock.advance(MS);
    flow.components[name].run(element, () => {
      clock.advance(ms * MS);
    });
  }
  clock.advance(MS);
  return element;
}

/** Its third component, which takes that long, and may throw. */
function write(flow: OrderFlow, element: ReturnType<typeof begin>, ms: number, error?: Error) {
  flow.components.write.run(element, () => {
    clock.advance(ms * MS);
    if (error !== undefined) throw error;
  });
}

function put(ms = 4): string {
  const flow = flowOf();
  const element = begin(flow);
  const { traceId } = element;
  write(flow, element, ms);
  element.end();
  return traceId;
}

function fail(): string {
  const flow = flowOf();
  const element = begin(flow);
  const { traceId } = element;
  const error = new RangeError('no room');
  try {
    write(flow, element, 4, error);
  } catch (thrown) {
    element.fail(thrown);
  }
  return traceId;
}

/** Name, parent's name, start after the first one's, duration, both in milliseconds, and status. */
function inBrief({ spans }: TraceData): [string, string, number, number, string][] {
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  return spans.map(({ name, parentSpanId, startMs, durationNs, status }) => {
    const afterMs = Math.round((startMs - spans[0]!.startMs) * 1_000) / 1_000;
    return [name, names.get(parentSpanId ?? '') ?? '-', afterMs, durationNs / MS, status];
  });
}

/** The whole trace of the first element. */
const whole = (writeMs: number, status: string): ReturnType<typeof inBrief> => [
  ['flow:orders', '-', 0, 8 + writeMs, status],
  ['component:read:invoke:1', 'flow:orders', 1, 2, 'unset'],
  ['component:parse:invoke:1', 'flow:orders', 4, 3, 'unset'],
  ['component:write:invoke:1', 'flow:orders', 8, writeMs, status],
];

describe('a whole trace, with what was before the decision, is had of an element', () => {
  test('that fails in its third component', () => {
    open({});
    put();
    const traceId = fail();
    const trace = meter.trace(traceId)!;
    expect(trace).toMatchObject({ reason: 'error', name: 'flow:orders', status: 'error' });
    expect(inBrief(trace)).toEqual(
      whole(4, 'error').map(([name, ...rest]) => [name.replace('invoke:1', 'invoke:2'), ...rest]),
    );
    const [root, read, , third] = trace.spans;
    expect(root!.parentSpanId).toBeNull();
    expect(root!.attributes).toEqual({ 'flow.id': 'orders' });
    expect(read!.attributes).toEqual({ 'flow.id': 'orders', 'component.id': 'read' });
    expect(third).toMatchObject({ message: 'no room', events: [{ name: 'exception' }] });
    expect(third!.events[0]!.attributes).toEqual({
      'exception.type': 'RangeError',
      'exception.message': 'no room',
    });
    expect(third!.events[0]!.atMs - third!.startMs).toBeCloseTo(4, 2);
    // It is the only one.
    expect(meter.traces()).toEqual([trace]);
    expect(accountOf(meter)).toMatchObject({ recorded: 2 * SPANS, promoted: SPANS });
    expect(meter.snapshot().value('system.spans_dropped')).toBe(0);
  });

  test('that takes as long as the threshold, and not of one that takes a little less', () => {
    open({ promoteLatencyMs: 12 });
    const traceId = put(4);
    const sooner = put(4 - 1e-3);
    const trace = meter.trace(traceId)!;
    expect(trace).toMatchObject({ reason: 'latency', status: 'unset', durationNs: 12 * MS });
    expect(inBrief(trace)).toEqual(whole(4, 'unset'));
    expect(meter.trace(sooner)).toMatchObject({ reason: null });
    expect(meter.traces()).toEqual([trace]);
    meter.tracing.promoteLatencyMs = null;
    put(4_000);
    expect(meter.traces()).toEqual([trace]);
  });

  const OTHERS: [string, (traceId: string) => void][] = [
    [
      'this thread asks for',
      (traceId) => {
        meter.tracing.promote(traceId);
      },
    ],
    [
      'another handle of the meter asks for',
      (traceId) => {
        const options = {
          service: meter.service,
          stateDir: false as const,
          inspection: false as const,
        };
        chooseBackend().open(resolveOptions(options).resolved).wantTrace(traceId);
      },
    ],
  ];
  // A second one in a thread is no part of the other backend's.
  test.each(BACKEND === 'native' ? OTHERS : OTHERS.slice(0, 1))(
    'that is in flight when %s it',
    (_, promote) => {
      open({});
      const flow = flowOf();
      const element = begin(flow);
      const { traceId } = element;
      expect(meter.trace(traceId)!.spans).toHaveLength(2);
      promote(traceId);
      write(flow, element, 4);
      element.end();
      const trace = meter.trace(traceId)!;
      expect(trace.reason).toBe('manual');
      expect(inBrief(trace)).toEqual(whole(4, 'unset'));
      expect(accountOf(meter)).toMatchObject({ recorded: SPANS, promoted: SPANS, missed: 0 });
    },
  );

  test('that promotes itself, at any time', () => {
    open({ maxPromotionsPerSecond: 0 });
    const flow = flowOf();
    const element = begin(flow);
    element.promote();
    write(flow, element, 4);
    const { traceId } = element;
    element.end();
    expect(meter.trace(traceId)!.reason).toBe('manual');
    expect(inBrief(meter.trace(traceId)!)).toEqual(whole(4, 'unset'));
  });

  test('of which more was overwritten than is there: what is missing is counted', () => {
    open({ flightSpans: 64 });
    const flow = flowOf();
    const element = begin(flow);
    for (let i = 0; i < 200; i++) put();
    const { traceId } = element;
    write(flow, element, 4);
    element.promote();
    element.end();
    expect(meter.trace(traceId)!.spans.map(({ name }) => name)).toEqual([
      'flow:orders',
      'component:write:invoke:201',
    ]);
    const slots = 511;
    expect(accountOf(meter)).toMatchObject({
      ...{ recorded: 201 * SPANS, promoted: 2, missed: 2 },
      overwritten: 201 * SPANS - slots,
    });
  });
});

describe('an error storm', () => {
  test('promotes no more traces a second than it may, and what it drops is counted for itself', () => {
    open({ maxPromotionsPerSecond: 7 });
    const storm = 100;
    const promoted: string[] = [];
    for (let second = 1; second <= 3; second++) {
      // Each takes 12 ms: they are all of the same second.
      for (let i = 0; i < storm / 2; i++) {
        const traceId = fail();
        if (i < 7) promoted.push(traceId);
      }
      clock.advance(SECOND_NS - (storm / 2) * 12 * MS);
      const refused = second * (storm / 2 - 7);
      const account = accountOf(meter);
      expect(account).toMatchObject({
        ...{ recorded: (second * storm * SPANS) / 2, promoted: second * 7 * SPANS },
        ...{ limit: refused * SPANS, refused, full: 0, overwritten: 0, missed: 0 },
      });
      expect(meter.snapshot().value('system.spans_dropped')).toBe(account.limit);
    }
    const kept = meter.traces();
    expect(kept.map(({ traceId }) => traceId).sort()).toEqual(promoted.sort());
    for (const { spans } of kept) expect(spans).toHaveLength(SPANS);
  });

  test('leaves alone what is promoted by hand', () => {
    open({ maxPromotionsPerSecond: 0 });
    expect(meter.trace(fail())!.reason).toBeNull();
    const flow = flowOf();
    const element = begin(flow);
    element.promote();
    const { traceId } = element;
    element.fail(new Error('by hand, and failed'));
    expect(meter.trace(traceId)).toMatchObject({ reason: 'manual', status: 'error' });
  });
});

describe('a full export ring', () => {
  test('drops, counts, never waits, and takes spans again when it has been emptied', async () => {
    open({ maxPromotionsPerSecond: null, sampleRate: 1 });
    // Some 33 slots each: it is full in no time, whoever empties it.
    const attributes = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`long.${i}`, 'x'.repeat(100)]),
    );
    const times = 3_000;
    for (let i = 0; i < times; i++) meter.span('fat', null, { attributes }).end();
    const account = accountOf(meter);
    expect(account).toMatchObject({ recorded: times, limit: 0, overwritten: 0, missed: 0 });
    expect(account.full).toBeGreaterThan(0);
    expect(account.promoted + account.full).toBe(times);
    expect(meter.snapshot().value('system.spans_dropped')).toBe(account.full);
    expect(meter.traces({ limit: 1_000 }).length).toBeLessThanOrEqual(256);
    // What asks empties it.
    const last = meter.span('thin', null);
    const { traceId } = last;
    last.end();
    expect(meter.trace(traceId)).toMatchObject({ name: 'thin', reason: 'head' });
    expect(accountOf(meter)).toMatchObject({
      ...{ recorded: times + 1, promoted: account.promoted + 1, full: account.full },
    });
  });
});

describe('the level', () => {
  const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

  test('off records nothing, and carries the caller on', () => {
    open({ sampleRate: 1 }, 'off');
    expect(put()).toBe('');
    const flow = flowOf();
    const element = flow.begin(CALLER, 'vendor=1');
    flow.components.read.run(element, () => undefined);
    expect(element.traceparent()).toBe(CALLER);
    expect(element.tracestate()).toBe('vendor=1');
    const span = meter.span('nothing', element);
    expect(span.isRecording).toBe(false);
    expect(span.traceparent()).toBe(CALLER);
    expect(meter.openSpans()).toEqual([]);
    span.end();
    element.end();
    expect(meter.traces({ minDurationMs: 0 })).toEqual([]);
    expect(accountOf(meter)).toMatchObject({ recorded: 0, promoted: 0 });
    expect(meter.snapshot().value('nanometer.values_rejected')).toBe(0);
    expect(meter.snapshot().value('nanometer.elements_refused')).toBe(0);
  });

  test('that goes off with an element in flight lets it end, whole', () => {
    open({ sampleRate: 1 });
    const flow = flowOf();
    const element = begin(flow);
    const { traceId } = element;
    meter.level = 'off';
    write(flow, element, 4);
    element.end();
    expect(inBrief(meter.trace(traceId)!)).toEqual(whole(4, 'unset'));
    expect(meter.openSpans()).toEqual([]);
  });

  test('diagnostic traces each element, with transfers, copies and backpressure', () => {
    open({ maxPromotionsPerSecond: null }, 'diagnostic');
    const flow = meter.flow('orders', NAMES, { highWaterMark: 2, lowWaterMark: 0 });
    const { read, parse } = flow.components;
    const [first, second] = [flow.begin(), flow.begin()];
    const ids = [first, second].map(({ traceId }) => traceId);
    const stop = () => clock.advance(MS);
    read.run(first, () => {
      first.copy('PayloadRead', 512);
      stop();
    });
    stop();
    // Two wait now: backpressure is on.
    read.run(second, stop);
    stop();
    parse.run(first, stop);
    // The last one leaves the queue: it is off.
    parse.run(second, () => {
      stop();
      second.copy('MetadataMarshal', 64);
    });
    first.end();
    second.copy('of no component', 1);
    second.end();
    const traces = ids.map((traceId) => meter.trace(traceId)!);
    expect(traces.map(({ reason }) => reason)).toEqual(['head', 'head']);
    const sorted = (trace: TraceData) =>
      inBrief(trace)
        .map(([name, parent, , ms]) => `${parent} > ${name} ${ms}`)
        .sort();
    expect(sorted(traces[0]!)).toEqual([
      '- > flow:orders 6',
      'component:parse:invoke:1 > resource:transfer:1 3',
      'component:read:invoke:1 > resource:copy:1 0',
      'flow:orders > component:parse:invoke:1 1',
      'flow:orders > component:read:invoke:1 1',
    ]);
    expect(sorted(traces[1]!)).toEqual([
      '- > flow:orders 6',
      'component:parse:invoke:2 > resource:copy:2 0',
      'component:parse:invoke:2 > resource:transfer:2 2',
      'flow:orders > backpressure:read->parse 2',
      'flow:orders > component:parse:invoke:2 1',
      'flow:orders > component:read:invoke:2 1',
      'flow:orders > resource:copy:3 0',
    ]);
    const named = (trace: TraceData, name: string) =>
      trace.spans.find((span) => span.name === name)!.attributes;
    expect(named(traces[0]!, 'resource:copy:1')).toMatchObject({
      ...{ 'flow.id': 'orders', 'copy.reason': 'PayloadRead', 'copy.bytes': 512 },
    });
    expect(named(traces[1]!, 'resource:copy:3')).toMatchObject({
      'copy.reason': 'of no component',
    });
    expect(named(traces[1]!, 'backpressure:read->parse')).toEqual({
      ...{ 'flow.id': 'orders', 'stream.id': 'read->parse' },
    });
    expect(accountOf(meter)).toMatchObject({ recorded: 12, promoted: 12 });
  });
});

describe('what is open', () => {
  test('is told with its flow, its component, and since when', () => {
    open({});
    const flow = flowOf();
    const stuck = begin(flow);
    flow.components.write.start(stuck);
    clock.advance(40 * MS);
    const waiting = begin(flow);
    const span = meter.span('of no flow', null);
    const inner = meter.span('inner', span);
    const spans = meter.openSpans();
    expect(spans.map(({ name, flow, component }) => [name, flow, component])).toEqual([
      ['flow:orders', 'orders', 'write'],
      ['flow:orders', 'orders', null],
      ['of no flow', null, null],
    ]);
    expect(spans.map(({ traceId, spanId }) => [traceId, spanId])).toEqual(
      [stuck, waiting, span].map(({ traceId, spanId }) => [traceId, spanId]),
    );
    // Ages are by the clock of the one who asks; starts tell how far they are apart.
    expect(spans[1]!.startMs - spans[0]!.startMs).toBeCloseTo(48, 2);
    expect(spans[0]!.ageNs - spans[0]!.componentAgeNs!).toBeCloseTo(8 * MS, -3);
    expect(spans[1]!.componentAgeNs).toBeNull();
    expect(meter.openSpans('orders')).toHaveLength(2);
    expect(meter.openSpans('another')).toEqual([]);
    stuck.end();
    span.end();
    // As long as a part of it is open, so is it.
    expect(meter.openSpans()).toHaveLength(2);
    inner.end();
    expect(meter.openSpans().map(({ traceId }) => traceId)).toEqual([waiting.traceId]);
  });
});
