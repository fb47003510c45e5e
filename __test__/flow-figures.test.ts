/** What is told of flows, in `/flows` and by snapshots: numbers that were computed on paper. */
import type { FlowFigures, FlowSummary } from 'nanometer';
import { Fixture } from './support/fixture';
import { request } from './support/request';

const ID = 'a/b é';
const IN_PATH = 'a%2Fb%20%C3%A9';

/**
 * Of 20 elements, ten took 10 µs and ten 25 µs: the bucket that ends at 10 µs holds the first ten,
 * from its beginning, no less than the smallest, to its end; that which ends at 25 µs the others.
 * The 18th of 20 is 8 tenths into the second, the 19.8th 98 hundredths.
 */
const LATENCY = { p50: 10_000, p90: 22_000, p99: 24_700 };

const SUMMARY: FlowSummary = {
  id: ID,
  state: 'running',
  components: ['parse', 'count'],
  elements: 20,
  errors: 2,
  throughput: 5,
  latency: LATENCY,
};

const NO_QUANTILES = { p50: null, p90: null, p99: null };
const NOTHING = { elements: 0, errors: 0, throughput: 0, latency: NO_QUANTILES };
const NO_SPREAD = { count: 0, mean: null, min: null, max: null, ...NO_QUANTILES };

const LIST: { flows: FlowSummary[] } = {
  flows: [
    SUMMARY,
    { id: 'idle', state: 'validated', components: [], ...NOTHING },
    { id: 'over', state: 'completed', components: [], ...NOTHING },
  ],
};

const FIGURES: FlowFigures = {
  ...SUMMARY,
  components: [
    {
      id: 'parse',
      invocations: 20,
      errors: 2,
      memoryBytes: 0,
      fuel: 0,
      // One value in the bucket from 1 to 2.5 µs at its end, one at 1.5: evenly spread between.
      processingTime: {
        count: 2,
        mean: 2_000,
        min: 1_500,
        max: 2_500,
        p50: 2_000,
        p90: 2_400,
        p99: 2_490,
      },
    },
    {
      id: 'count',
      invocations: 18,
      errors: 0,
      memoryBytes: 65_536,
      fuel: 12.5,
      processingTime: NO_SPREAD,
    },
  ],
  inFlight: 3,
  oldestAgeNs: 1.5e9,
  abandoned: 1,
  activeDurationNs: 4e9,
  copies: { total: 7, bytes: 4096, byReason: { PayloadRead: 5, 'fan-out': 2 } },
  streams: [
    {
      id: 'parse->count',
      transferred: 18,
      depth: 2,
      peakDepth: 16,
      backpressure: { events: 3, durationNs: 1_234_567_891, active: true },
      waitTime: { count: 1, mean: 300, min: 300, max: 300, p50: 300, p90: 300, p99: 300 },
    },
  ],
};

let fixture: Fixture;
let url = '';

beforeAll(async () => {
  fixture = Fixture.start('flow-metrics-service.cjs');
  ({ url } = await fixture.next<{ url: string }>());
});

const get = (path: string, ask = {}) => request(new URL(path, url), ask);

test('the list has every flow that has a state, in the order in which they were made', async () => {
  const { status, headers, text } = await get('/flows');
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('application/json');
  expect(text).toBe(JSON.stringify(LIST));
});

test('one flow is told with its components and its streams', async () => {
  const { status, text } = await get(`/flows/${IN_PATH}?whatever`);
  expect(status).toBe(200);
  // Nothing that a snapshot could tell is among what is open.
  const told = { ...FIGURES, open: [] };
  expect(JSON.parse(text)).toEqual(told);
  expect(text).toBe(JSON.stringify(told));
});

test('a flow that did nothing has nothing but noughts', async () => {
  const { text } = await get('/flows/idle');
  expect(JSON.parse(text)).toEqual({
    id: 'idle',
    state: 'validated',
    components: [],
    ...NOTHING,
    inFlight: 0,
    // Nothing is in flight, whatever the stopwatch says.
    oldestAgeNs: null,
    abandoned: 0,
    activeDurationNs: 0,
    copies: { total: 0, bytes: 0, byReason: { 'another flow': 1 } },
    streams: [],
    open: [],
  });
});

test('snapshots tell the same', async () => {
  const { flows, flow } = await fixture.ask<{ flows: unknown; flow: unknown }>({
    do: 'figures',
    id: ID,
  });
  expect(flows).toEqual(LIST.flows);
  expect(flow).toEqual(FIGURES);
  const none = await fixture.ask<{ flow?: unknown }>({ do: 'figures', id: 'too many' });
  expect(none.flow).toBeUndefined();
});

describe('asked for otherwise', () => {
  const problem = (code: string, message: string) => JSON.stringify({ error: { code, message } });

  test.each(['none', 'too%20many', 'a%2Fb', '%', '%2', '%zz', '%ff', '%C3', '{id}'])(
    'there is no flow %s',
    async (id) => {
      const { status, text } = await get(`/flows/${id}`);
      expect(status).toBe(404);
      const message = 'there is no such flow; GET /flows lists those that there are';
      expect(text).toBe(problem('NOT_FOUND', message));
    },
  );

  test.each(['/flows/', '/flows/idle/', '/flows/a/b', '/flow', '/flows2'])(
    'there is nothing at %s',
    async (path) => {
      const { status, text } = await get(path);
      expect(status).toBe(404);
      expect(text).toBe(problem('NOT_FOUND', 'there is nothing here; GET / lists what there is'));
    },
  );

  test.each([
    ['/flows', '/flows'],
    ['/flows/idle', '/flows/{id}'],
  ])('%s is for reading', async (path, route) => {
    const { status, headers, text } = await get(path, { method: 'PUT', body: 'x' });
    expect(status).toBe(405);
    expect(headers.allow).toBe('GET, HEAD');
    expect(text).toBe(problem('METHOD_NOT_ALLOWED', `${route} is for GET, HEAD`));
  });

  test('HEAD says how long the answer is', async () => {
    const [head, whole] = await Promise.all([get('/flows', { method: 'HEAD' }), get('/flows')]);
    expect(head.status).toBe(200);
    expect(head.text).toBe('');
    expect(head.headers['content-length']).toBe(String(whole.body.length));
  });

  test('the list of routes has both', async () => {
    const { text } = await get('/');
    expect(text).toMatch(/^\/flows {8}flows with their state/m);
    expect(text).toMatch(/^\/flows\/\{id\} {3}one flow/m);
  });
});

// The last: it records more.
test('of an interval they tell what was added, and how things are at its end', async () => {
  const { flows, flow } = await fixture.ask<{ flows: FlowSummary[]; flow: FlowFigures }>({
    do: 'more',
    id: ID,
  });
  expect(flows[0]).toMatchObject({ state: 'draining', elements: 30, errors: 0, throughput: 15 });
  expect(flows[1]).toEqual(LIST.flows[1]);
  expect(flow).toMatchObject({ inFlight: 0, oldestAgeNs: null, activeDurationNs: 6e9 });
  // One value, of which only the bucket is known: from 500 ms to 1 s.
  expect(flow.latency).toEqual({ p50: 750e6, p90: 950e6, p99: 995e6 });
  expect(flow.components.map(({ invocations }) => invocations)).toEqual([30, 0]);
  expect(flow.components[0]?.processingTime).toEqual(NO_SPREAD);
  expect(flow.streams[0]).toMatchObject({ transferred: 0, depth: 2, peakDepth: 16 });
});
