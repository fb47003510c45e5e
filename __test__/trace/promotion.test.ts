/** Which traces are promoted, for which reason, and what the limit leaves of it. */
import fc from 'fast-check';
import { mockClock, type Meter, type TracingOptions } from 'nanometer';
import { quietMeter, thrown } from '../support/meter';

const NOTHING = { sampleRate: 0, promoteErrors: false, maxPromotionsPerSecond: null } as const;
const TWO_TO_56 = 2n ** 56n;
const meters: Meter[] = [];

function traced(tracing: TracingOptions | false = {}) {
  const clock = mockClock(1e12);
  const meter = quietMeter({
    clock,
    tracing: tracing === false ? false : { ...NOTHING, ...tracing },
  });
  meters.push(meter);
  return { meter, clock, flow: meter.flow('orders', ['source', 'parse', 'sink']) };
}

afterEach(() => Promise.all(meters.splice(0).map((meter) => meter.close())));

const LOST = new Error('lost');

test('with a sample rate of 0, an element that fails in its third component yields its whole trace', () => {
  const { meter, clock, flow } = traced({ promoteErrors: true });
  const good = flow.begin();
  const element = flow.begin();
  const { traceId, spanId } = element;
  for (const name of ['source', 'parse'] as const) {
    flow.components[name].run(element, () => clock.advance(1e6));
    flow.components[name].run(good, () => undefined);
  }
  const fail = () => {
    clock.advance(2e6);
    throw LOST;
  };
  expect(() => flow.components.sink.run(element, fail)).toThrow(LOST);
  expect(meter.traces()).toEqual([]);
  element.fail(LOST);
  good.end();
  const [trace, ...others] = meter.traces();
  expect(others).toEqual([]);
  expect(trace).toMatchObject({ traceId, reason: 'error', status: 'error', durationNs: 4e6 });
  expect(trace!.spans).toMatchObject([
    { name: 'flow:orders', spanId, parentSpanId: null, durationNs: 4e6, status: 'error' },
    { name: 'component:source:invoke:1', parentSpanId: spanId, durationNs: 1e6, status: 'unset' },
    { name: 'component:parse:invoke:1', parentSpanId: spanId, durationNs: 1e6, status: 'unset' },
    { name: 'component:sink:invoke:1', parentSpanId: spanId, durationNs: 2e6, status: 'error' },
  ]);
});

test('an element that takes as long as the threshold is promoted, one that takes less is not', () => {
  const { meter, clock, flow } = traced({ promoteLatencyMs: 10 });
  for (const ns of [10e6 - 1, 10e6]) {
    const element = flow.begin();
    flow.components.parse.run(element, () => clock.advance(ns));
    element.end();
  }
  const failed = flow.begin();
  clock.advance(10e6);
  failed.fail(LOST);
  expect(meter.traces().map(({ reason, durationNs }) => [reason, durationNs])).toEqual([
    ['latency', 10e6],
    ['latency', 10e6],
  ]);
  expect(meter.traces().map(({ spans }) => spans.length)).toEqual([1, 2]);
});

test('an element is promoted by hand, with what has happened and what is to come', () => {
  const { meter, flow } = traced();
  const element = flow.begin();
  const { traceId } = element;
  flow.components.source.run(element, () => undefined);
  element.promote();
  expect(meter.traces()).toMatchObject([{ traceId, reason: 'manual', spans: [{}] }]);
  flow.components.parse.run(element, () => undefined);
  element.end();
  const [trace] = meter.traces();
  expect(trace!.spans).toHaveLength(3);
  element.promote();
  expect(meter.traces()).toHaveLength(1);
});

test('a trace that is asked for by its id is promoted while it is in flight, and after it', () => {
  const { meter, flow } = traced();
  const [first, second, third] = [flow.begin(), flow.begin(), flow.begin()];
  const ids = [first, second, third].map(({ traceId }) => traceId);
  for (const element of [first, second, third]) {
    flow.components.source.run(element, () => undefined);
  }
  second.end();
  meter.tracing.promote(ids[0]!);
  meter.tracing.promote(ids[1]!);
  first.end();
  third.end();
  const reasons = meter
    .traces()
    .map(({ traceId, reason, spans }) => [traceId, reason, spans.length]);
  expect(new Set(reasons.map(String))).toEqual(
    new Set([`${ids[0]!},manual,2`, `${ids[1]!},manual,2`]),
  );
  for (const id of ['', 'abc', '0'.repeat(32), 'A'.repeat(32), 5, null]) {
    expect(thrown(() => meter.tracing.promote(id as string)).code).toBe('NANOMETER_INVALID_OPTION');
  }
});

test('the limit counts promotions a second, of all reasons but by hand, and tells what it refused', () => {
  const { meter, clock, flow } = traced({ promoteErrors: true, maxPromotionsPerSecond: 3 });
  const fail = () => {
    const element = flow.begin();
    const { traceId } = element;
    flow.components.source.run(element, () => undefined);
    element.fail(LOST);
    return traceId;
  };
  const first = Array.from({ length: 10 }, fail);
  const own = (name: string, labels = {}) => meter.snapshot().value(`nanometer.${name}`, labels);
  expect(new Set(meter.traces().map(({ traceId }) => traceId))).toEqual(new Set(first.slice(0, 3)));
  expect(own('promotions_refused')).toBe(7);
  expect(own('spans_dropped', { cause: 'limit' })).toBe(14);
  expect(own('spans_promoted')).toBe(6);
  expect(own('spans_recorded')).toBe(20);
  expect(meter.snapshot().value('system.spans_dropped')).toBe(14);
  const byHand = flow.begin();
  byHand.promote();
  byHand.end();
  expect(meter.traces()).toHaveLength(4);
  clock.advance(1e9);
  Array.from({ length: 5 }, fail);
  expect(meter.traces()).toHaveLength(7);
  meter.tracing.maxPromotionsPerSecond = 4;
  Array.from({ length: 5 }, fail);
  expect(meter.traces()).toHaveLength(8);
  expect(meter.trace(first[9]!)).toMatchObject({ reason: null });
});

test('head sampling decides from the id, as others do: all that it says yes to, and no others', () => {
  for (const sampleRate of [0, 0.1, 0.5, 0.9, 1]) {
    const { meter, flow } = traced({ sampleRate });
    const threshold = BigInt(Math.round((1 - sampleRate) * 2 ** 32)) << 24n;
    let sampled = 0;
    const count = 2_000;
    for (let i = 0; i < count; i++) {
      const element = flow.begin();
      const random = BigInt(`0x${element.traceId}`) % TWO_TO_56;
      const isSampled = element.traceparent().endsWith('-03');
      expect(isSampled).toBe(random >= threshold);
      sampled += Number(isSampled);
      element.end();
    }
    const deviation = 5 * Math.sqrt(count * sampleRate * (1 - sampleRate));
    expect(Math.abs(sampled - count * sampleRate)).toBeLessThanOrEqual(deviation);
    expect(meter.snapshot().value('nanometer.spans_promoted')).toBe(sampled);
  }
});

test("a caller's decision is kept to", () => {
  const { meter, flow } = traced({ sampleRate: 1 });
  const parent = (flags: string) =>
    `00-${'4bf92f3577b34da6a3ce929d0e0e4736'}-00f067aa0ba902b7-${flags}`;
  for (const flags of ['00', '02']) {
    const element = flow.begin(parent(flags));
    expect(element.traceparent()).toBe(parent(flags).replace('00f067aa0ba902b7', element.spanId));
    element.end();
  }
  expect(meter.traces()).toEqual([]);
  meter.tracing.sampleRate = 0;
  flow.begin(parent('01')).end();
  expect(meter.traces()).toMatchObject([{ reason: 'head', spans: [{ name: 'flow:orders' }] }]);
});

test('settings change while elements are in flight, and each is decided by those of its time', () => {
  const { meter, clock, flow } = traced();
  const { tracing } = meter;
  expect(tracing.isEnabled).toBe(true);
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('errors', 'latency', 'fail', 'slow', 'end'), { maxLength: 40 }),
      (acts) => {
        let expected = meter.snapshot().value('nanometer.spans_promoted')!;
        for (const act of acts) {
          if (act === 'errors') tracing.promoteErrors = !tracing.promoteErrors;
          else if (act === 'latency') {
            tracing.promoteLatencyMs = tracing.promoteLatencyMs === null ? 5 : null;
          } else {
            const element = flow.begin();
            if (act === 'slow') clock.advance(5e6);
            if (act === 'fail') element.fail(LOST);
            else element.end();
            const isWanted =
              act === 'slow' ? tracing.promoteLatencyMs !== null : tracing.promoteErrors;
            expected += Number(act !== 'end' && isWanted);
          }
        }
        // The reader makes room.
        meter.traces({ limit: 1 });
        expect(meter.snapshot().value('nanometer.spans_promoted')).toBe(expected);
      },
    ),
    { numRuns: 50 },
  );
});

test('settings are checked, and stay as they are where they are wrong', () => {
  const { tracing } = traced({ sampleRate: 0.25, promoteLatencyMs: 7 }).meter;
  const before = () => [
    ...[tracing.sampleRate, tracing.promoteErrors],
    ...[tracing.promoteLatencyMs, tracing.maxPromotionsPerSecond],
  ];
  expect(before()).toEqual([0.25, false, 7, null]);
  const wrong: readonly (readonly [string, unknown[]])[] = [
    ['sampleRate', [-0.1, 1.1, NaN, '1', null]],
    ['promoteErrors', [1, 'yes', null]],
    ['promoteLatencyMs', [0, -1, NaN, Infinity, '5']],
    ['maxPromotionsPerSecond', [-1, 0.5, NaN, Infinity, '5']],
  ];
  for (const [name, values] of wrong) {
    for (const value of values) {
      const set = () => Reflect.set(tracing, name, value);
      expect(thrown(set).code).toBe('NANOMETER_INVALID_OPTION');
    }
  }
  expect(before()).toEqual([0.25, false, 7, null]);
});

test('a full export ring drops, counts, and goes on when it has been read', () => {
  const { meter, flow } = traced({ sampleRate: 1 });
  // Nothing here reads, or lets others read: 2,044 slots are what there is.
  for (let i = 0; i < 3_000; i++) flow.begin().end();
  const own = (name: string, labels = {}) => meter.snapshot().value(`nanometer.${name}`, labels)!;
  const promoted = own('spans_promoted');
  const dropped = own('spans_dropped', { cause: 'full' });
  expect(promoted + dropped).toBe(3_000);
  expect(promoted).toBeGreaterThanOrEqual(2_044);
  expect(meter.snapshot().value('system.spans_dropped')).toBe(dropped);
  meter.traces({ limit: 1 });
  flow.begin().end();
  expect(own('spans_promoted')).toBe(promoted + 1);
});

test('an element below a span is promoted with it, whichever of them is', () => {
  const { meter, flow } = traced({ promoteErrors: true });
  const [request, other] = [meter.span('request'), meter.span('other')];
  const element = flow.begin(request);
  flow.components.parse.run(element, () => undefined);
  element.fail(LOST);
  const below = flow.begin(other);
  below.end();
  request.end();
  other.fail(LOST);
  const found = meter.traces().map(({ traceId, reason, spans }) => [traceId, reason, spans.length]);
  expect(found).toHaveLength(2);
  expect(found).toEqual(
    expect.arrayContaining([
      [request.traceId, 'error', 3],
      [other.traceId, 'error', 2],
    ]),
  );
});

test('without tracing nothing has a trace, and callers are carried on', () => {
  const { meter, flow } = traced(false);
  expect(meter.tracing.isEnabled).toBe(false);
  const element = flow.begin();
  expect(flow.components.parse.run(element, () => 5)).toBe(5);
  expect([element.traceId, element.traceparent()]).toEqual(['', '']);
  element.promote();
  element.end();
  const parent = `00-${'4bf92f3577b34da6a3ce929d0e0e4736'}-00f067aa0ba902b7-01`;
  const below = flow.begin(parent, 'vendor=1');
  expect([below.isInFlight, below.traceparent(), below.tracestate()]).toEqual([
    ...[true, parent, 'vendor=1'],
  ]);
  below.end();
  expect(meter.span('job', parent).traceparent()).toBe(parent);
  expect(meter.span('job').isRecording).toBe(false);
  meter.tracing.promote('4bf92f3577b34da6a3ce929d0e0e4736');
});

test('a run of a pipeline is one trace: each component for its whole time, with what it did', async () => {
  const { meter } = traced({ promoteErrors: true });
  // A flow has one life: each run is the next one's.
  const next = () => meter.flow('copying', ['read', 'change', 'write']);
  const seen: number[] = [];
  const stages = (limit: number) => ({
    read: [1, 2, 3, 4, 5],
    change: async function* (source: AsyncIterable<number>) {
      for await (const chunk of source) {
        if (chunk === limit) throw LOST;
        yield chunk;
      }
    },
    write: async (source: AsyncIterable<number>) => {
      for await (const chunk of source) seen.push(chunk);
    },
  });
  await next().pipeline(stages(9) as never);
  expect(seen).toEqual([1, 2, 3, 4, 5]);
  expect(meter.traces()).toEqual([]);
  const [whole] = meter.traces({ flow: 'copying' });
  expect(whole!.spans.map(({ name, attributes }) => [name, attributes.elements])).toEqual(
    expect.arrayContaining([
      ['flow:copying', undefined],
      ['component:change:invoke:1', 5],
      ['component:write:invoke:1', 5],
    ]),
  );
  await expect(next().pipeline(stages(3) as never)).rejects.toBe(LOST);
  const [trace] = meter.traces();
  expect(trace).toMatchObject({ reason: 'error', status: 'error' });
  const root = trace!.spans.find(({ parentSpanId }) => parentSpanId === null);
  expect(root).toMatchObject({ name: 'flow:copying', status: 'error', message: 'lost' });
  const change = trace!.spans.find(({ name }) => name === 'component:change:invoke:1');
  expect(change).toMatchObject({ status: 'error', attributes: { errors: 1 }, message: 'lost' });
  expect(change!.parentSpanId).toBe(root!.spanId);
  expect(trace!.spans).toHaveLength(4);
  expect(meter.openSpans()).toEqual([]);
});
