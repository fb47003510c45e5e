/** Traces, open spans and promoted spans, as a program asks its meter for them. */
import { mockClock, type Meter, type PromotedSpan, type TraceQuery } from 'nanometer';
import { quietMeter, thrown, watchWarnings } from '../support/meter';

const warnings = watchWarnings();
const NOTHING = { sampleRate: 0, promoteErrors: false } as const;
const EVERY = { sampleRate: 1, maxPromotionsPerSecond: null } as const;

const meters: Meter[] = [];
const traced = (tracing: object | false, more: object = {}) => {
  const meter = quietMeter({ tracing, ...more } as never);
  meters.push(meter);
  return meter;
};

afterEach(() => Promise.all(meters.splice(0).map((meter) => meter.close())));

test('a trace is there by its id, promoted or not, and by what a query says', () => {
  const clock = mockClock(1e9);
  const meter = traced(NOTHING, { clock });
  const flow = meter.flow('orders', ['parse', 'store']);
  const element = flow.begin();
  const { traceId, spanId } = element;
  flow.components.parse.run(element, () => clock.advance(2e6));
  flow.components.store.run(element, () => clock.advance(5e6));
  element.end();
  expect(meter.traces()).toEqual([]);
  const [trace, ...others] = meter.traces({ component: 'store', minDurationMs: 5 });
  expect(others).toEqual([]);
  expect(trace).toMatchObject({ traceId, name: 'flow:orders', durationNs: 7e6, reason: null });
  expect(trace!.spans).toMatchObject([
    { spanId, parentSpanId: null, name: 'flow:orders', durationNs: 7e6 },
    { parentSpanId: spanId, name: 'component:parse:invoke:1', durationNs: 2e6 },
    { parentSpanId: spanId, name: 'component:store:invoke:1', durationNs: 5e6 },
  ]);
  expect(meter.traces({ component: 'parse', minDurationMs: 5 })).toEqual([]);
  expect(meter.traces({ flow: 'others' })).toEqual([]);
  expect(meter.trace(traceId)?.spans).toHaveLength(3);
  expect(meter.trace('0af7651916cd43dd8448eb211c80319c')).toBeNull();
  meter.tracing.promote(traceId);
  // Threads look when something begins or ends.
  flow.begin().end();
  expect(meter.traces()).toMatchObject([{ traceId, reason: 'manual' }]);
});

test('what has begun and not ended is open, with the component at work on it', async () => {
  const meter = traced(NOTHING);
  const flow = meter.flow('orders', ['parse', 'store']);
  const span = meter.span('job');
  const element = flow.begin();
  let release = (): void => undefined;
  const stored = flow.components.store.run(
    element,
    () => new Promise<void>((resolve) => (release = resolve)),
  );
  const { traceId, spanId } = element;
  expect(meter.openSpans()).toMatchObject([
    { name: 'job', traceId: span.traceId, flow: null, component: null, componentAgeNs: null },
    { name: 'flow:orders', traceId, spanId, flow: 'orders', component: 'store' },
  ]);
  const [stuck, ...others] = meter.openSpans('orders');
  expect(others).toEqual([]);
  expect(stuck!.componentAgeNs).toBeGreaterThan(0);
  expect(stuck!.ageNs).toBeGreaterThanOrEqual(stuck!.componentAgeNs!);
  expect(meter.openSpans('other')).toEqual([]);
  release();
  await stored;
  expect(meter.openSpans('orders')).toMatchObject([{ component: null, componentAgeNs: null }]);
  element.end();
  span.end();
  expect(meter.openSpans()).toEqual([]);
});

test('a listener gets each promoted span once and in order, from when it listens', async () => {
  const meter = traced(EVERY);
  meter.span('before').end();
  const heard: PromotedSpan[] = [];
  const listener = (span: PromotedSpan) => {
    heard.push(span);
  };
  expect(meter.on('span', listener)).toBe(meter);
  meter.on('span', listener);
  const root = meter.span('root');
  meter.span('part', root, { kind: 'client', attributes: { n: 1 } }).end();
  root.end();
  await meter.flush();
  expect(heard.map(({ seq, name }) => [seq, name])).toEqual([
    [2, 'part'],
    [3, 'root'],
  ]);
  expect(heard[0]).toMatchObject({
    ...{ traceId: root.traceId, parentSpanId: root.spanId, reason: 'head', kind: 'client' },
    ...{ status: 'unset', attributes: { n: 1 }, events: [] },
  });
  meter.off('span', listener);
  meter.span('after').end();
  await meter.flush();
  expect(heard).toHaveLength(2);
});

test('the last spans reach a listener when the meter is closed', async () => {
  const meter = traced(EVERY);
  const heard: string[] = [];
  meter.on('span', ({ name }) => heard.push(name));
  const root = meter.span('root');
  for (let n = 1; n <= 1_000; n++) meter.span(`part ${n}`, root).end();
  await meter.close();
  expect(heard).toEqual(Array.from({ length: 1_000 }, (_, index) => `part ${index + 1}`));
});

test('a listener that throws is warned of once, and goes on being called', async () => {
  const meter = traced(EVERY);
  let calls = 0;
  meter.on('span', () => {
    calls += 1;
    throw new TypeError('the listener failed');
  });
  for (let n = 0; n < 3; n++) meter.span('work').end();
  await meter.flush();
  expect(calls).toBe(3);
  const told = warnings.filter(({ code }) => code === 'NANOMETER_LISTENER');
  expect(told.map(({ message }) => message)).toEqual([
    expect.stringMatching(/listener of spans threw at work: TypeError: the listener failed/),
  ]);
});

test('without tracing there is nothing to read', async () => {
  const meter = traced(false);
  const heard: unknown[] = [];
  meter.on('span', (span) => heard.push(span));
  meter.span('work').end();
  await meter.flush();
  expect(heard).toEqual([]);
  expect([meter.traces(), meter.traces({ minDurationMs: 0 }), meter.openSpans()]).toEqual([
    ...[[], [], []],
  ]);
  expect(meter.trace('0af7651916cd43dd8448eb211c80319c')).toBeNull();
});

describe('what is refused, with the value and what is accepted', () => {
  const refused: readonly [unknown, RegExp][] = [
    [[], /the options of traces\(\) are an object, not an array/],
    ['flow', /are an object, not "flow"/],
    [{ componnent: 'x' }, /no option "componnent"; accepted are flow, component, name, status/],
    [{ flow: 5 }, /flow is a text, not 5/],
    [{ component: null }, /component is a text, not null/],
    [{ name: ['x'] }, /name is a text, not an array/],
    [{ status: 'Error' }, /status is "unset", "ok" or "error", not "Error"/],
    [{ minDurationMs: -1 }, /minDurationMs is a number of milliseconds from 0, not -1/],
    [{ minDurationMs: NaN }, /not NaN/],
    [{ minDurationMs: Infinity }, /not Infinity/],
    [{ minDurationMs: '5' }, /not "5"/],
    [{ limit: 0 }, /limit is a whole number from 1 to 1000, not 0/],
    [{ limit: 1_001 }, /not 1001/],
    [{ limit: 1.5 }, /not 1.5/],
  ];

  test.each(refused)('traces(%j)', (query, said) => {
    const meter = traced(NOTHING);
    const { code, message } = thrown(() => meter.traces(query as TraceQuery));
    expect(code).toBe('NANOMETER_INVALID_OPTION');
    expect(message).toMatch(said);
  });

  test.each([
    [undefined],
    [''],
    ['0'.repeat(32)],
    ['0AF7651916CD43DD8448EB211C80319C'],
    ['0af7651916cd43dd8448eb211c80319'],
    ['0af7651916cd43dd8448eb211c80319c0'],
    [17],
  ])('trace(%j)', (id) => {
    const meter = traced(NOTHING);
    const { code, message } = thrown(() => meter.trace(id as string));
    expect(code).toBe('NANOMETER_INVALID_OPTION');
    expect(message).toMatch(/the id of a trace is 32 hexadecimal digits, in lower case .*, not /);
  });

  test('openSpans() of what is no id', () => {
    const meter = traced(NOTHING);
    const { code, message } = thrown(() => meter.openSpans(5 as never));
    expect([code, message]).toEqual([
      'NANOMETER_INVALID_OPTION',
      'the id of a flow is a text, not 5',
    ]);
  });
});

test('options that are left out may be given as undefined', () => {
  const meter = traced(NOTHING);
  meter.span('work').end();
  const query = { flow: undefined, limit: undefined } as unknown as TraceQuery;
  expect(meter.traces(query)).toEqual([]);
  expect(meter.openSpans(undefined)).toEqual([]);
});
