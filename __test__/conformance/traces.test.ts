/** `/traces`, `/traces/{id}` and `/tracing`, judged by HTTP from outside. */
import type { Element, Flow, Meter, OpenSpanData, SpanData, TraceData } from 'nanometer';
import { quietMeter } from '../support/meter';
import { request } from '../support/request';
import { temporaryDirectory, until } from '../support/surroundings';

const TOKEN = 'not-a-secret';
const AUTHORIZATION = { authorization: `Bearer ${TOKEN}` };
const QUIET = { sampleRate: 0, promoteErrors: false, promoteLatencyMs: null };
const open: Meter[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((meter) => meter.close()));
});

function traced(tracing: object | false, more: object = {}): Meter {
  const inspection = { host: '127.0.0.1', port: 0, socket: false, ...more };
  const stateDir = 'socket' in more ? temporaryDirectory() : false;
  const meter = quietMeter({ stateDir, inspection, tracing });
  open.push(meter);
  return meter;
}

const ask = async (meter: Meter, path: string, how = {}) => {
  const { status, text } = await request(new URL(path, meter.inspection!.url!), how);
  return { status, body: JSON.parse(text) as { error?: { code: string; message: string } } };
};
const tracesOf = async (meter: Meter, query = '') => {
  const { status, body } = await ask(meter, `/traces${query}`);
  expect(status).toBe(200);
  return (body as unknown as { traces: TraceData[] }).traces;
};
const ids = (traces: readonly TraceData[]) => traces.map(({ traceId }) => traceId);
const byName = (trace: TraceData, name: string): SpanData => {
  const found = trace.spans.find((span) => span.name === name);
  if (found === undefined)
    throw new Error(`no span ${name} among ${trace.spans.map((s) => s.name)}`);
  return found;
};

/** Sends an element through all components, the last of which may fail; answers its ids. */
function work(flow: Flow<'read' | 'parse' | 'write'>, fails = false): Ids {
  const element = flow.begin();
  const ids = idsOf(element);
  const { read, parse, write } = flow.components;
  try {
    read.run(element, () => undefined);
    parse.run(element, () => undefined);
    write.run(element, () => {
      if (fails) throw new Error('the disk is full');
    });
    element.end();
  } catch (error) {
    element.fail(error);
  }
  return ids;
}

interface Ids {
  readonly traceId: string;
  readonly spanId: string;
}

/** An element has them while it is in flight. */
function idsOf({ traceId, spanId }: Element): Ids {
  return { traceId, spanId };
}

const flowOf = (meter: Meter) => meter.flow('ingest', ['read', 'parse', 'write']);

test('an element that fails in its last component is there whole, though none is sampled', async () => {
  const meter = traced({ ...QUIET, promoteErrors: true });
  const flow = flowOf(meter);
  const before = Date.now();
  work(flow);
  const failed = work(flow, true);
  work(flow);
  const [trace, ...others] = await tracesOf(meter);
  expect(others).toEqual([]);
  expect(trace).toMatchObject({ name: 'flow:ingest', status: 'error', reason: 'error' });
  expect(trace!.traceId).toBe(failed.traceId);
  const root = byName(trace!, 'flow:ingest');
  expect(root).toMatchObject({ parentSpanId: null, spanId: failed.spanId, status: 'error' });
  const parts = ['read', 'parse', 'write'].map((id) => byName(trace!, `component:${id}:invoke:2`));
  expect(trace!.spans).toHaveLength(4);
  let endMs = root.startMs;
  for (const part of parts) {
    expect(part.parentSpanId).toBe(root.spanId);
    expect(part.startMs).toBeGreaterThanOrEqual(endMs - 1e-3);
    endMs = part.startMs + part.durationNs / 1e6;
  }
  expect(root.startMs + root.durationNs / 1e6).toBeGreaterThanOrEqual(endMs - 1e-3);
  expect(parts.map(({ status }) => status)).toEqual(['unset', 'unset', 'error']);
  expect(root.startMs).toBeGreaterThanOrEqual(before - 5);
  expect(root.startMs).toBeLessThanOrEqual(Date.now() + 5);
  const { status, body } = await ask(meter, `/traces/${failed.traceId}`);
  expect(status).toBe(200);
  expect(body).toEqual(trace);
});

test('a query finds what nobody has promoted', async () => {
  const meter = traced(QUIET);
  const flow = flowOf(meter);
  const first = work(flow);
  const second = work(meter.flow('other/flow', ['read', 'parse', 'write']), true);
  expect(await tracesOf(meter)).toEqual([]);
  for (const [query, expected] of [
    ['?minDurationMs=0', [second, first]],
    ['?minDurationMs=0&limit=1', [second]],
    ['?minDurationMs=100000', []],
    ['?flow=ingest', [first]],
    ['?flow=other%2Fflow', [second]],
    ['?status=error', [second]],
    ['?component=parse', [second, first]],
    ['?component=none', []],
    ['?component=write&status=error&flow=ingest', []],
    ['?name=component%3Aparse%3Ainvoke%3A1&flow=ingest', [first]],
  ] as const) {
    const found = ids(await tracesOf(meter, query));
    expect([query, [...found].sort()]).toEqual([query, expected.map((e) => e.traceId).sort()]);
  }
  const { body } = await ask(meter, `/traces/${first.traceId}`);
  expect(body).toMatchObject({ reason: null, traceId: first.traceId });
});

test('a trace that is asked for by its id while it is in flight is promoted', async () => {
  const meter = traced(QUIET);
  const flow = flowOf(meter);
  const element = flow.begin();
  flow.components.read.run(element, () => undefined);
  const { traceId } = element;
  meter.tracing.promote(traceId);
  flow.components.parse.run(element, () => undefined);
  element.end();
  const [trace] = await tracesOf(meter);
  expect(trace).toMatchObject({ traceId, reason: 'manual' });
  expect(trace!.spans).toHaveLength(3);
});

test.each<[string, RegExp]>([
  ['?limit=0', /limit.*1 to 1000/],
  ['?limit=1001', /limit.*1 to 1000/],
  ['?limit=ten', /limit.*"?ten/],
  ['?minDurationMs=-1', /minDurationMs/],
  ['?minDurationMs=1e3', /minDurationMs/],
  ['?status=bad', /status.*unset, ok or error/],
  ['?flow=%ff', /flow/],
  ['?flow=a&flow=b', /flow/],
  ['?componnent=parse', /"componnent".*flow, component, name, status, minDurationMs, limit/],
  ['/1', /32 hexadecimal digits/],
  ['/00000000000000000000000000000000', /32 hexadecimal digits/],
  ['/0AF7651916CD43DD8448EB211C80319C', /32 hexadecimal digits/],
])('/traces%s is refused, with what is accepted', async (path, said) => {
  const { status, body } = await ask(traced(QUIET), `/traces${path}`);
  expect(status).toBe(400);
  expect(body.error).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringMatching(said) });
});

test('a trace that nobody knows is 404', async () => {
  const { status, body } = await ask(traced(QUIET), '/traces/0af7651916cd43dd8448eb211c80319c');
  expect([status, body.error?.code]).toEqual([404, 'NOT_FOUND']);
});

describe('/tracing', () => {
  const set = (meter: Meter, settings: unknown, how: object = { headers: AUTHORIZATION }) =>
    ask(meter, '/tracing', { method: 'PUT', body: JSON.stringify(settings), ...how });
  const shown = async (meter: Meter) =>
    (await ask(meter, '/tracing', { headers: AUTHORIZATION })).body;

  test('shows what tracing began with, and changes what a body names, at once', async () => {
    const meter = traced(QUIET, { token: TOKEN });
    const flow = flowOf(meter);
    const began = { isEnabled: true, ...QUIET, maxPromotionsPerSecond: 100 };
    expect(await shown(meter)).toEqual(began);
    work(flow);
    const { status, body } = await set(meter, { sampleRate: 1, promoteLatencyMs: 2.5 });
    expect(status).toBe(200);
    expect(body).toEqual({ ...began, sampleRate: 1, promoteLatencyMs: 2.5 });
    expect(await shown(meter)).toEqual(body);
    expect(meter.tracing).toMatchObject({ isEnabled: true, sampleRate: 1, promoteLatencyMs: 2.5 });
    const sampled = work(flow);
    const answer = await ask(meter, '/traces', { headers: AUTHORIZATION });
    const { traces } = answer.body as unknown as { traces: TraceData[] };
    expect(traces).toMatchObject([{ traceId: sampled.traceId, reason: 'head' }]);
    meter.tracing.sampleRate = 0.5;
    expect(await shown(meter)).toMatchObject({ sampleRate: 0.5 });
  });

  test.each([
    {},
    [],
    7,
    { sampleRate: 1, more: 1 },
    { sampleRate: 1, isEnabled: true },
    { promoteErrors: true, sampleRate: 1.01 },
    { promoteErrors: true, sampleRate: null },
    { promoteErrors: true, sampleRate: '1' },
    { sampleRate: 1, promoteErrors: 'yes' },
    { sampleRate: 1, promoteLatencyMs: 0 },
    { sampleRate: 1, maxPromotionsPerSecond: -1 },
    { sampleRate: 1, maxPromotionsPerSecond: 0.5 },
    { sampleRate: 1, flightSpans: 64 },
  ])('%j is refused, and changes nothing', async (settings) => {
    const meter = traced(QUIET, { token: TOKEN });
    const before = await shown(meter);
    const { status, body } = await set(meter, settings);
    expect([status, body.error?.code]).toEqual([400, 'BAD_REQUEST']);
    expect(await shown(meter)).toEqual(before);
  });

  test('is set over TCP with a token only, and over the Unix socket by whoever may open it', async () => {
    const meter = traced(QUIET, { socket: true });
    const answer = await set(meter, { sampleRate: 1 }, {});
    expect([answer.status, answer.body.error?.code]).toEqual([403, 'FORBIDDEN']);
    expect(meter.tracing.sampleRate).toBe(0);
    const socketPath = String(meter.inspection?.socketPath);
    expect((await set(meter, { sampleRate: 1 }, { socketPath })).status).toBe(200);
    expect(meter.tracing.sampleRate).toBe(1);
  });

  test('takes no body that is longer than those that it has a use for', async () => {
    const meter = traced(QUIET, { token: TOKEN });
    const { status, body } = await set(meter, { sampleRate: 1, padding: 'x'.repeat(2_000) });
    expect([status, body.error?.code]).toEqual([413, 'BODY_TOO_LARGE']);
    expect(meter.tracing.sampleRate).toBe(0);
  });

  test('says so where there is none, and begins none', async () => {
    const meter = traced(false, { token: TOKEN });
    expect(await shown(meter)).toMatchObject({ isEnabled: false });
    const { status, body } = await set(meter, { sampleRate: 1 });
    expect([status, body.error?.code]).toEqual([409, 'NOT_TRACING']);
    expect(await shown(meter)).toMatchObject({ isEnabled: false, sampleRate: 0 });
  });
});

test('a flow shows the oldest of what it has in flight, and which component hangs', async () => {
  const meter = traced(QUIET);
  const flow = flowOf(meter);
  const openOf = async (id: string) => {
    const { body } = await ask(meter, `/flows/${id}`);
    return (body as unknown as { open: OpenSpanData[] }).open;
  };
  meter.flow('idle', ['a']);
  const waiting = flow.begin();
  const stuck = flow.begin();
  let release = (): void => undefined;
  const hanging = flow.components.parse.run(
    stuck,
    () => new Promise<void>((resolve) => (release = resolve)),
  );
  const listed = await openOf('ingest');
  expect(listed.map(({ traceId }) => traceId)).toEqual([waiting.traceId, stuck.traceId]);
  expect(listed[0]).toMatchObject({ flow: 'ingest', component: null, componentAgeNs: null });
  expect(listed[1]).toMatchObject({ component: 'parse', spanId: stuck.spanId });
  expect(listed[1]!.ageNs).toBeGreaterThanOrEqual(listed[1]!.componentAgeNs!);
  expect(await openOf('idle')).toEqual([]);
  release();
  await hanging;
  stuck.end();
  waiting.end();
  await until('nothing is open', async () => (await openOf('ingest')).length === 0);
});
