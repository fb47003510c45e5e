/** The traces of elements: which spans they have, with exact times and parents, and where they lead. */
import { mockClock, type SpanData, type TraceData } from 'nanometer';
import { elementsRefused } from '../support/flow';
import { quietMeter } from '../support/meter';

const clock = mockClock(5e9);
const meter = quietMeter({
  clock,
  tracing: { sampleRate: 0, promoteErrors: false, maxPromotionsPerSecond: null },
});
const COMPONENTS = ['source', 'parse', 'sink'] as const;
const CALLER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';
let made = 0;
const fresh = (options = {}) => meter.flow(`traced ${String((made += 1))}`, COMPONENTS, options);

beforeEach(() => {
  meter.level = 'production';
});
afterAll(() => meter.close());

const traceOf = (traceId: string): TraceData => {
  const trace = meter.trace(traceId);
  if (trace === null) throw new Error('there is no such trace');
  return trace;
};

/** Each span: its name, that of its parent, when it started after the first, and for how long. */
const tree = ({ spans, startMs }: TraceData) =>
  spans.map(({ name, parentSpanId, startMs: from, durationNs }) => [
    name,
    spans.find(({ spanId }) => spanId === parentSpanId)?.name ?? null,
    Math.round((from - startMs) * 1e6),
    durationNs,
  ]);

test('an element has a span, and one of each invocation below it', () => {
  const flow = fresh();
  const element = flow.begin();
  const { traceId, spanId } = element;
  expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(element.traceparent()).toBe(`00-${traceId}-${spanId}-02`);
  clock.advance(1e6);
  flow.components.source.run(element, () => clock.advance(2e6));
  clock.advance(1e6);
  flow.components.parse.start(element);
  clock.advance(3e6);
  flow.components.parse.end(element);
  flow.components.sink.run(element, () => clock.advance(4e6));
  clock.advance(9e6);
  element.end();
  const trace = traceOf(traceId);
  expect(trace).toMatchObject({ name: `flow:${flow.id}`, durationNs: 11e6, status: 'unset' });
  expect(tree(trace)).toEqual([
    [`flow:${flow.id}`, null, 0, 11e6],
    ['component:source:invoke:1', `flow:${flow.id}`, 1e6, 2e6],
    ['component:parse:invoke:1', `flow:${flow.id}`, 4e6, 3e6],
    ['component:sink:invoke:1', `flow:${flow.id}`, 7e6, 4e6],
  ]);
  expect(trace.spans[0]).toMatchObject({ spanId, parentSpanId: null, kind: 'internal' });
  expect(trace.spans[1]!.attributes).toEqual({ 'flow.id': flow.id, 'component.id': 'source' });
});

test('invocations are numbered, and all ids of many elements differ', () => {
  const flow = fresh();
  const spans: SpanData[] = [];
  for (let i = 1; i <= 50; i++) {
    const element = flow.begin();
    const { traceId } = element;
    for (const name of COMPONENTS) flow.components[name].run(element, () => undefined);
    element.end();
    const trace = traceOf(traceId);
    expect(trace.spans.map(({ name }) => name)).toContain(`component:parse:invoke:${String(i)}`);
    spans.push(...trace.spans);
  }
  expect(spans).toHaveLength(200);
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(200);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(50);
});

test('work that ends out of order, and after its element, is part of its trace', async () => {
  const flow = fresh();
  const element = flow.begin();
  const { traceId } = element;
  const releases: (() => void)[] = [];
  const wait = () => new Promise<void>((resolve) => releases.push(resolve));
  const first = flow.components.source.run(element, wait);
  clock.advance(1e6);
  const second = flow.components.parse.run(element, wait);
  clock.advance(1e6);
  releases[1]!();
  await second;
  // An element that ends while a component works on it, and another that takes its place at once.
  let other = flow.begin();
  flow.components.sink.run(element, () => {
    element.end();
    other.end();
    other = flow.begin();
    clock.advance(5e6);
  });
  const open = meter.openSpans(flow.id).map((span) => [span.traceId, span.component]);
  expect(open).toContainEqual([other.traceId, null]);
  clock.advance(1e6);
  releases[0]!();
  await first;
  other.end();
  const name = `flow:${flow.id}`;
  expect(tree(traceOf(traceId))).toEqual([
    [name, null, 0, 2e6],
    ['component:source:invoke:1', name, 0, 8e6],
    ['component:parse:invoke:1', name, 1e6, 1e6],
    ['component:sink:invoke:1', name, 2e6, 5e6],
  ]);
  expect(meter.openSpans(flow.id)).toEqual([]);
});

test('an error of a component is in its span, and one of the element in its own', () => {
  const flow = fresh();
  const element = flow.begin();
  const { traceId } = element;
  const error = new RangeError('no "such" line\n');
  expect(() =>
    flow.components.parse.run(element, () => {
      clock.advance(1e6);
      throw error;
    }),
  ).toThrow(error);
  clock.advance(1e6);
  element.fail(error);
  const { spans, status } = traceOf(traceId);
  expect(status).toBe('error');
  const attributes = { 'exception.type': 'RangeError', 'exception.message': error.message };
  for (const [i, afterMs] of [
    [0, 2],
    [1, 1],
  ] as const) {
    expect(spans[i]).toMatchObject({
      status: 'error',
      message: error.message,
      durationNs: afterMs * 1e6,
      events: [{ name: 'exception', attributes }],
    });
    expect(spans[i]!.events[0]!.atMs - spans[i]!.startMs).toBeCloseTo(afterMs, 2);
  }
  expect(spans.map(({ name }) => name)).toEqual([`flow:${flow.id}`, 'component:parse:invoke:1']);
});

test.each([
  ['none', undefined, undefined],
  ['a text', 'lost', 'lost'],
  ['null', null, 'null'],
  [
    'one that throws when it is looked at',
    {
      get message(): string {
        throw new Error('ha');
      },
    },
    '[object Object]',
  ],
  ['no object at all', Object.create(null), 'an error that cannot be shown'],
  ['a message that is none', { message: 5 }, '5'],
])('an element can fail with an error that is %s', (_, error, message) => {
  const element = fresh().begin();
  const { traceId } = element;
  element.fail(error);
  const span = traceOf(traceId).spans[0]!;
  expect(span.status).toBe('error');
  expect(span.message).toBe(message);
});

test('a long message is cut, and nothing else is lost', () => {
  const element = fresh().begin();
  const { traceId } = element;
  element.fail(new Error(`${'é"'.repeat(5_000)}end`));
  const span = traceOf(traceId).spans[0]!;
  expect(span.message).toMatch(/^(?:é")+é?…$/);
  expect(Buffer.byteLength(JSON.stringify(span.message))).toBeLessThanOrEqual(1_026);
  expect(Buffer.byteLength(JSON.stringify(span.message))).toBeGreaterThan(1_015);
  expect(span.events).toHaveLength(1);
});

test('at the level diagnostic, waits, copies and backpressure have spans', () => {
  meter.level = 'diagnostic';
  const flow = fresh({ highWaterMark: 1, lowWaterMark: 0 });
  const element = flow.begin();
  const { traceId } = element;
  expect(element.traceparent()).toMatch(/-03$/);
  flow.components.source.run(element, () => clock.advance(1e6));
  clock.advance(2e6);
  flow.components.parse.run(element, () => {
    clock.advance(1e6);
    element.copy('PayloadRead', 4096);
    clock.advance(1e6);
  });
  element.copy('MetadataMarshal', NaN);
  flow.components.parse.run(element, () => undefined);
  flow.components.sink.start(element);
  flow.components.sink.end(element);
  element.end();
  const trace = traceOf(traceId);
  const name = `flow:${flow.id}`;
  expect(trace.reason).toBe('head');
  expect(new Map(tree(trace).map(([span, ...rest]) => [span, rest]))).toEqual(
    new Map([
      [name, [null, 0, 5e6]],
      ['component:source:invoke:1', [name, 0, 1e6]],
      ['backpressure:source->parse', [name, 1e6, 2e6]],
      ['resource:transfer:1', ['component:parse:invoke:1', 1e6, 2e6]],
      ['component:parse:invoke:1', [name, 3e6, 2e6]],
      ['resource:copy:1', ['component:parse:invoke:1', 4e6, 0]],
      ['resource:copy:2', [name, 5e6, 0]],
      ['component:parse:invoke:2', [name, 5e6, 0]],
      ['resource:transfer:2', ['component:sink:invoke:1', 5e6, 0]],
      ['backpressure:parse->sink', [name, 5e6, 0]],
      ['component:sink:invoke:1', [name, 5e6, 0]],
    ]),
  );
  const copies = trace.spans.filter(({ name: span }) => span.startsWith('resource:copy'));
  expect(copies.map(({ attributes }) => attributes)).toMatchObject([
    { 'copy.reason': 'PayloadRead', 'copy.bytes': 4096 },
    { 'copy.reason': 'MetadataMarshal', 'copy.bytes': 0 },
  ]);
});

test('what a caller sends is gone on with, and handed on', () => {
  const flow = fresh();
  const element = flow.begin(`${CALLER}-02`, 'vendor=1, other=2');
  expect(element.traceparent()).toBe(`00-${CALLER.slice(3, 35)}-${element.spanId}-02`);
  expect(element.tracestate()).toBe('vendor=1,other=2');
  const below = flow.begin(element);
  expect(below.tracestate()).toBe('vendor=1,other=2');
  const { spanId } = below;
  const parentSpanId = element.spanId;
  below.end();
  element.end();
  const { spans } = traceOf(CALLER.slice(3, 35));
  expect(spans.map((span) => [span.spanId, span.parentSpanId])).toEqual(
    expect.arrayContaining([
      [parentSpanId, CALLER.slice(36, 52)],
      [spanId, parentSpanId],
    ]),
  );
});

test('a header that is not valid begins a new trace; what is no parent is counted', () => {
  const flow = fresh();
  const rejected = () => meter.snapshot().value('nanometer.values_rejected')!;
  const before = rejected();
  for (const parent of ['', '00-x', `${CALLER}-0`, `ff${CALLER.slice(2)}-01`]) {
    const element = flow.begin(parent, 'vendor=1');
    expect(element.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(element.tracestate()).toBe('');
    element.end();
  }
  expect(rejected()).toBe(before);
  for (const parent of [5, {}, () => 1, Symbol('x')]) flow.begin(parent as never).end();
  expect(rejected()).toBe(before + 4);
});

test('an element that records nothing carries its caller on', () => {
  const flow = fresh();
  const ended = flow.begin();
  ended.end();
  expect([ended.traceId, ended.spanId, ended.traceparent(), ended.tracestate()]).toEqual([
    '',
    '',
    '',
    '',
  ]);
  meter.level = 'off';
  expect(flow.begin().traceparent()).toBe('');
  const element = flow.begin(`${CALLER}-03`, 'vendor=1');
  expect(element.isInFlight).toBe(false);
  expect(element.traceparent()).toBe(`${CALLER}-03`);
  expect(element.tracestate()).toBe('vendor=1');
  meter.level = 'production';
  const before = elementsRefused(meter);
  expect(flow.components.parse.run(element, () => 5)).toBe(5);
  flow.components.sink.start(element);
  flow.components.sink.end(element);
  element.promote();
  element.end();
  expect(elementsRefused(meter)).toBe(before);
});

test('elements that give way to others are open no more', () => {
  const flow = fresh({ maxInFlight: 2 });
  const elements = Array.from({ length: 5 }, () => flow.begin());
  expect(meter.openSpans(flow.id)).toHaveLength(2);
  for (const element of elements) element.end();
  expect(meter.openSpans(flow.id)).toEqual([]);
});
