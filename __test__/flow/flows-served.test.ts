/** `GET /flows` and `GET /flows/{id}` against figures that the test works out from single times. */
import { mockClock, type Element, type FlowFigures, type FlowSummary } from 'nanometer';
import { holdIntervals, passTime } from '../support/flow';
import { quietMeter } from '../support/meter';
import { request } from '../support/request';

holdIntervals();
const SERVED = { host: '127.0.0.1', port: 0, socket: false } as const;
const clock = mockClock(1_000);
const meter = quietMeter({ clock, inspection: SERVED });

const ask = async (path: string, of = meter) => {
  const { status, text } = await request(new URL(path, of.inspection!.url!));
  return { status, body: JSON.parse(text) as unknown };
};
const flowOf = async (id: string, of = meter) => {
  const { status, body } = await ask(`/flows/${encodeURIComponent(id)}`, of);
  expect(status).toBe(200);
  return body as FlowFigures;
};
const flowsOf = async (of = meter) => {
  const { status, body } = await ask('/flows', of);
  expect(status).toBe(200);
  return (body as { flows: FlowSummary[] }).flows;
};

afterAll(() => meter.close());

/** 100, 250, 500, … ns to 10 s. */
const BOUNDS = Array.from(
  { length: 25 },
  (_, i) => [100, 250, 500][i % 3]! * 10 ** Math.floor(i / 3),
);

/** What a histogram of these values answers: spread evenly in their bucket, none past the extremes. */
function quantile(values: readonly number[], q: number): number | null {
  if (values.length === 0) return null;
  const bucketOf = (value: number) => BOUNDS.filter((bound) => bound < value).length;
  const sorted = [...values].sort((a, b) => a - b);
  const rank = q * sorted.length;
  const bucket = bucketOf(sorted[Math.max(0, Math.ceil(rank) - 1)]!);
  const below = sorted.filter((value) => bucketOf(value) < bucket).length;
  const inside = sorted.filter((value) => bucketOf(value) === bucket).length;
  const low = Math.max(BOUNDS[bucket - 1] ?? 0, sorted[0]!);
  const high = Math.min(BOUNDS[bucket] ?? Infinity, sorted.at(-1)!);
  return low + (high - low) * ((rank - below) / inside);
}

const quantiles = (values: readonly number[]) => ({
  p50: quantile(values, 0.5),
  p90: quantile(values, 0.9),
  p99: quantile(values, 0.99),
});

const spread = (values: readonly number[]) => ({
  count: values.length,
  mean: values.length === 0 ? null : values.reduce((sum, ns) => sum + ns, 0) / values.length,
  min: values.length === 0 ? null : Math.min(...values),
  max: values.length === 0 ? null : Math.max(...values),
  ...quantiles(values),
});

/** A fixed sequence, so that a failure can be had again. */
let seed = 20261201;
const below = (limit: number) => {
  seed = (seed * 48271) % 2147483647;
  return seed % limit;
};
/** From nanoseconds to seconds, so that most buckets have some. */
const someTime = () => Math.floor(10 ** (below(9_000) / 1_000));

test('a flow of three components, element by element', async () => {
  const id = 'by hand';
  const flow = meter.flow(id, ['read', 'parse', 'write'], { highWaterMark: 3, lowWaterMark: 1 });
  const names = ['read', 'parse', 'write'] as const;
  const worked: Record<string, number[]> = { read: [], parse: [], write: [] };
  const failed: Record<string, number> = { read: 0, parse: 0, write: 0 };
  const waited: Record<string, number[]> = { 'read->parse': [], 'parse->write': [] };
  const latencies: number[] = [];
  const byReason = { PayloadRead: 0, MetadataMarshal: 0 };
  let bytes = 0;
  let errors = 0;
  const startedNs = meter.now();

  const work = (component: (typeof names)[number], element: Element, fails: boolean): boolean => {
    const ns = someTime();
    worked[component]!.push(ns);
    try {
      flow.components[component].run(element, () => {
        clock.advance(ns);
        if (fails) throw new Error('on purpose');
      });
      return true;
    } catch (error) {
      failed[component]! += 1;
      errors += 1;
      element.fail(error);
      return false;
    }
  };

  for (let i = 0; i < 200; i += 1) {
    const begunNs = meter.now();
    const element = flow.begin();
    let passes = true;
    for (const [at, component] of names.entries()) {
      if (at > 0) {
        const ns = someTime();
        clock.advance(ns);
        waited[`${names[at - 1]!}->${component}`]!.push(ns);
      }
      passes = work(component, element, below(12) === 0);
      if (!passes) break;
    }
    if (!passes) continue;
    latencies.push(meter.now() - begunNs);
    const reason = i % 3 === 0 ? 'PayloadRead' : 'MetadataMarshal';
    element.copy(reason, i);
    byReason[reason] += 1;
    bytes += i;
    element.end();
  }
  // A burst, which sets backpressure on.
  const burstNs = meter.now();
  const burst = [flow.begin(), flow.begin(), flow.begin()];
  for (const element of burst) work('read', element, false);
  const pressedNs = meter.now();
  clock.advance(5_000);
  burst[0]!.end();
  burst[1]!.fail(new Error('given up'));
  burst[2]!.end();
  errors += 1;
  const relievedNs = meter.now();
  // They never came to the last component, so they ended when they were said to.
  latencies.push(relievedNs - burstNs, relievedNs - burstNs);
  flow.components.parse.memory(123_456);
  flow.components.parse.fuel(77);
  flow.complete();
  const activeNs = meter.now() - startedNs;

  const elements = 203;
  const figures = await flowOf(id);
  const core = {
    ...{ id, state: 'completed', elements, errors },
    ...{ throughput: (1e9 * elements) / activeNs, latency: quantiles(latencies) },
  };
  expect(errors).toBeGreaterThan(20);
  expect(figures).toEqual({
    ...core,
    components: names.map((component) => ({
      id: component,
      invocations: worked[component]!.length,
      errors: failed[component],
      memoryBytes: component === 'parse' ? 123_456 : 0,
      fuel: component === 'parse' ? 77 : 0,
      processingTime: spread(worked[component]!),
    })),
    ...{ inFlight: 0, oldestAgeNs: null, abandoned: 0, activeDurationNs: activeNs },
    copies: { total: byReason.PayloadRead + byReason.MetadataMarshal, bytes, byReason },
    streams: ['read->parse', 'parse->write'].map((stream, i) => ({
      id: stream,
      transferred: waited[stream]!.length,
      depth: 0,
      peakDepth: i === 0 ? 3 : 1,
      backpressure: {
        ...{ events: i === 0 ? 1 : 0, durationNs: i === 0 ? relievedNs - pressedNs : 0 },
        active: false,
      },
      waitTime: spread(waited[stream]!),
    })),
    open: [],
  });
  expect((await flowsOf()).find((one) => one.id === id)).toEqual({
    ...core,
    components: [...names],
  });
});

test('the flows are listed in order, in whichever state', async () => {
  const own = quietMeter({ inspection: SERVED });
  expect(await flowsOf(own)).toEqual([]);
  own.flow('second/first', ['b', 'a']);
  own.flow('the first', ['x']).begin();
  const [one, other, ...rest] = await flowsOf(own);
  const nothing = { p50: null, p90: null, p99: null };
  const bare = { elements: 0, errors: 0, throughput: 0, latency: nothing };
  expect(one).toEqual({ id: 'second/first', state: 'created', components: ['b', 'a'], ...bare });
  expect(other).toEqual({ id: 'the first', state: 'running', components: ['x'], ...bare });
  expect(rest).toEqual([]);
  await own.close();
});

test('elements in flight and backpressure are shown while they last', async () => {
  // The server reads by the real clock.
  const own = quietMeter({ inspection: SERVED });
  const flow = own.flow('now', ['a', 'b'], { highWaterMark: 1, maxInFlight: 2 });
  const elements = [flow.begin(), flow.begin(), flow.begin()];
  flow.components.a.run(elements[2]!, () => undefined);
  passTime(1_000);
  const during = await flowOf('now', own);
  expect(during).toMatchObject({ state: 'running', inFlight: 2, abandoned: 1 });
  expect(during.oldestAgeNs).toBeGreaterThan(0);
  expect(during.oldestAgeNs).toBeLessThan(flow.oldestAgeNs);
  expect(during.activeDurationNs).toBeGreaterThan(during.oldestAgeNs!);
  expect(during.streams[0]).toMatchObject({
    ...{ depth: 1, peakDepth: 1 },
    backpressure: { events: 1, active: true },
  });
  for (const element of elements) element.end();
  const after = await flowOf('now', own);
  expect(after).toMatchObject({ inFlight: 0, oldestAgeNs: null });
  expect(after.streams[0]).toMatchObject({ depth: 0, backpressure: { events: 1, active: false } });
  expect(after.streams[0]!.backpressure.durationNs).toBeGreaterThan(0);
  await own.close();
});

test('a flow that is removed is there no more', async () => {
  const flow = meter.flow('gone', ['a']);
  flow.begin().end();
  flow.complete();
  expect((await flowsOf()).map(({ id }) => id)).toContain('gone');
  flow.remove();
  expect((await flowsOf()).map(({ id }) => id)).not.toContain('gone');
  const { status, body } = await ask('/flows/gone');
  expect(status).toBe(404);
  expect(body).toMatchObject({ error: { code: 'NOT_FOUND' } });
});

test.each(['a/b', '?', '#', '%', 'ä 😀', '...', '__proto__'])(
  'any name can be asked for: %p',
  async (name) => {
    meter.flow(name, ['a']);
    expect(await flowOf(name)).toMatchObject({ id: name, state: 'created' });
  },
);
