/** Spans of code that is no pipeline: what they say, where they are, and that nothing makes them throw. */
import fc from 'fast-check';
import { mockClock, type Meter } from 'nanometer';
import { quietMeter } from '../support/meter';

const MOST_TEXT_BYTES = 32 * 124;
const clock = mockClock(3e9);
const meter: Meter = quietMeter({
  clock,
  tracing: { sampleRate: 0, promoteErrors: false, maxPromotionsPerSecond: null },
});

beforeEach(() => {
  meter.level = 'production';
});
afterAll(() => meter.close());

const rejected = () => meter.snapshot().value('nanometer.values_rejected')!;
const spansOf = (traceId: string) => meter.trace(traceId)?.spans ?? [];

/** How many values are rejected while something runs. */
const rejectedBy = (run: () => void): number => {
  const before = rejected();
  run();
  return rejected() - before;
};

test('a span has what was said of it, and its exact time', () => {
  const span = meter.span('charge', null, {
    kind: 'client',
    attributes: { retries: 0, cold: true },
  });
  expect(span.isRecording).toBe(true);
  clock.advance(1e6);
  span.setAttribute('currency', 'CHF').setAttributes({ retries: 2, 'net.peer': 'é "x" \n' });
  span.event('retried', { after: 1.5 }).event('given up');
  clock.advance(2e6);
  span.setStatus('ok').end();
  expect(span.isRecording).toBe(false);
  const [found, ...others] = spansOf(span.traceId);
  expect(others).toEqual([]);
  const { startMs } = found!;
  expect(found).toEqual({
    ...{ traceId: span.traceId, spanId: span.spanId, parentSpanId: null, name: 'charge' },
    ...{ kind: 'client', status: 'ok', durationNs: 3e6, startMs, traceFlags: 2 },
    attributes: { retries: 2, cold: true, currency: 'CHF', 'net.peer': 'é "x" \n' },
    events: [
      {
        name: 'retried',
        atMs: expect.closeTo(startMs + 1, 2) as number,
        attributes: { after: 1.5 },
      },
      { name: 'given up', atMs: expect.closeTo(startMs + 1, 2) as number, attributes: {} },
    ],
  });
});

test('spans are below each other, in whichever order they end', () => {
  const root = meter.span('root');
  const child = meter.span('child', root);
  const grandchild = meter.span('grandchild', child);
  clock.advance(1e6);
  root.end();
  const late = meter.span('late', child);
  clock.advance(1e6);
  child.end();
  grandchild.end();
  late.end();
  const after = meter.span('after', child);
  expect(after.traceId).toBe(root.traceId);
  after.end();
  const spans = spansOf(root.traceId);
  const parents = Object.fromEntries(spans.map(({ name, parentSpanId }) => [name, parentSpanId]));
  expect(parents).toEqual({
    ...{ root: null, child: root.spanId, grandchild: child.spanId },
    ...{ late: child.spanId, after: child.spanId },
  });
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(5);
  expect(meter.openSpans()).toEqual([]);
});

test('a span below an element is part of its trace', () => {
  const flow = meter.flow('spanned', ['only']);
  const element = flow.begin();
  const span = flow.components.only.run(element, () => meter.span('query', element));
  element.promote();
  span.end();
  const { traceId, spanId } = element;
  element.end();
  expect(meter.traces({ name: 'query' })).toMatchObject([{ traceId, reason: 'manual' }]);
  expect(spansOf(traceId).find(({ name }) => name === 'query')!.parentSpanId).toBe(spanId);
});

test('a span that fails has the error, and a finally may end it', () => {
  const span = meter.span('charge');
  expect(
    rejectedBy(() => {
      span.fail(new TypeError('no card'));
      span.end();
    }),
  ).toBe(0);
  expect(rejectedBy(() => span.fail(new Error('again')))).toBe(1);
  expect(spansOf(span.traceId)).toMatchObject([
    {
      status: 'error',
      message: 'no card',
      events: [
        {
          name: 'exception',
          attributes: { 'exception.type': 'TypeError', 'exception.message': 'no card' },
        },
      ],
    },
  ]);
});

test('a failed child promotes its trace, the spans that have ended included', () => {
  meter.tracing.promoteErrors = true;
  const root = meter.span('outer');
  meter.span('first', root).end();
  const child = meter.span('second', root);
  root.end();
  child.fail(new Error('lost'));
  meter.tracing.promoteErrors = false;
  const found = meter.traces().filter(({ traceId }) => traceId === root.traceId);
  expect(found).toMatchObject([{ reason: 'error', status: 'error' }]);
  expect(found[0]!.spans).toHaveLength(3);
});

test('after its end nothing more is said, and each try is counted', () => {
  const span = meter.span('over');
  span.end();
  const tries = [
    () => span.setAttribute('a', 1),
    () => span.setAttributes({ a: 1 }),
    () => span.event('late'),
    () => span.setStatus('error'),
    () => {
      span.end();
    },
    () => {
      span.promote();
    },
  ];
  for (const one of tries) expect(rejectedBy(one)).toBe(1);
  expect(spansOf(span.traceId)).toMatchObject([{ attributes: {}, events: [], status: 'unset' }]);
});

test('what only looks like a span or an element is neither, whatever it answers', () => {
  const [span, element] = [meter.span('right'), meter.flow('looks', ['a']).begin()];
  const context = meter.extract({ traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01` })!;
  const thrower = (): never => {
    throw new Error('ha');
  };
  const alike: object[] = [
    ...[span, element, context].map((real) => Object.create(real) as object),
    ...[span, element, context].map((real) => new Proxy(real, {})),
    new Proxy({}, { get: thrower }),
    new Proxy({}, { get: () => thrower }),
    new Proxy({}, { get: () => () => true }),
  ];
  for (const [at, value] of alike.entries()) {
    const below: string[] = [];
    const refused = rejectedBy(() => {
      const child = meter.span('x', value as never);
      below.push(child.traceId);
      child.end();
    });
    expect([at, refused, below[0]]).toEqual([at, 1, expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect([span.traceId, element.traceId, context.traceId]).not.toContain(below[0]);
  }
  // The last one says yes to all that it is asked: it is active, and still nobody's parent.
  for (const value of [...alike.slice(0, -1), context]) {
    expect(rejectedBy(() => meter.active(value as never, () => 7))).toBe(1);
  }
  span.end();
  element.end();
});

test('what is wrong never throws, is left out and counted', () => {
  const getter = {
    get a(): number {
      throw new Error('ha');
    },
  };
  const parents = [5, {}, [], true, () => 1];
  const span = meter.span('right');
  const wrong: (() => unknown)[] = [
    ...parents.slice(0, 2).map((parent) => () => meter.span('x', parent as never).end()),
    ...['', undefined, 5, Symbol('x')].map((name) => () => meter.span(name as never).end()),
    () => meter.span('x', null, { kind: 'kind' as never }).end(),
    () => meter.span('x', null, { attributes: 5 as never }).end(),
    () => meter.span('x', null, { attributes: getter }).end(),
    ...[NaN, Infinity, null, undefined, {}, [], 5n, Symbol('x')].map(
      (value) => () => span.setAttribute('a', value as never),
    ),
    ...['', 5, null].map((name) => () => span.setAttribute(name as never, 1)),
    () => span.setAttributes(getter),
    () => span.setAttributes(null as never),
    () => span.event(5 as never),
    () => span.event('right', { a: NaN }),
    () => span.event('right', getter),
    () => span.setStatus('fine' as never),
    () => span.setStatus('ok', 5 as never),
  ];
  for (const one of wrong) expect([rejectedBy(one), one.toString()]).toEqual([1, one.toString()]);
  span.end();
  expect(spansOf(span.traceId)).toMatchObject([{ attributes: {}, status: 'ok' }]);
  expect(spansOf(span.traceId)[0]!.events).toHaveLength(2);
});

test('of what does not fit, whole attributes are left out, and how many', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
  const value = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ minLength: 1_000, maxLength: 5_000 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
  );
  fc.assert(
    fc.property(
      fc.dictionary(name, value, { maxKeys: 120, noNullPrototype: true }),
      (attributes) => {
        const span = meter.span('much', null, { attributes });
        span.end();
        const [found] = spansOf(span.traceId);
        const kept = Object.entries(found!.attributes);
        const dropped = Object.keys(attributes).length - kept.length;
        expect(found!.droppedAttributes ?? 0).toBe(dropped);
        const wanted = new Map(
          Object.entries(attributes).map(([key, one]) => [
            key.toWellFormed(),
            typeof one === 'string' ? one.toWellFormed() : Object.is(one, -0) ? 0 : one,
          ]),
        );
        for (const [key, one] of kept) expect(one).toEqual(wanted.get(key));
        const bytes = Buffer.byteLength(JSON.stringify(Object.fromEntries(wanted)));
        if (bytes < MOST_TEXT_BYTES - 100) expect(kept).toHaveLength(wanted.size);
      },
    ),
    { numRuns: 200 },
  );
});

test.each([0, 1, 2, 50, 123, 124, 125, 1_000, 3_700, 3_850, 3_885, 3_905, 4_000, 9_000])(
  'a text of %i characters is there, or it is not',
  (length) => {
    const span = meter.span('long');
    span.setAttribute('long', 'x'.repeat(length)).setAttribute('short', 1);
    span.end();
    const { attributes } = spansOf(span.traceId)[0]!;
    expect(attributes.short).toBe(1);
    expect(String(attributes.long ?? '').length).toBe(length < 3_900 ? length : 0);
  },
);

test('what is too much of one span is counted, attributes and events apart', () => {
  const many = Object.fromEntries(Array.from({ length: 130 }, (_, n) => [`a${n}`, n]));
  const span = meter.span('much', null, { attributes: many });
  span.event('first', many);
  for (let n = 0; n < 129; n++) span.event('e');
  span.end();
  const [found] = spansOf(span.traceId);
  const { attributes, events } = found!;
  expect([found!.droppedAttributes, Object.keys(attributes).length]).toEqual([2, 128]);
  expect(found!.droppedEvents).toBe(130 - events.length);
  const first = meter.span('first', null);
  first.event('much', many);
  first.end();
  expect(spansOf(first.traceId)).toMatchObject([{ events: [{ droppedAttributes: 2 }] }]);
});

test('only a span whose parent came by a header says so', () => {
  const caller = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03';
  const server = meter.span('server', caller);
  const child = meter.span('child', server);
  expect(child.traceparent()).toMatch(/-03$/);
  child.end();
  server.end();
  const late = meter.span('late', server);
  late.end();
  const isRemote = Object.fromEntries(
    spansOf(server.traceId).map(({ name, isParentRemote = false }) => [name, isParentRemote]),
  );
  expect(isRemote).toEqual({ server: true, child: false, late: false });
  expect(spansOf(server.traceId).map(({ traceFlags }) => traceFlags)).toEqual([3, 3, 3]);
});

test('names past those that have numbers are written out', () => {
  for (let i = 0; i < 4_100; i++) meter.span(`name ${String(i)}`).end();
  const span = meter.span('a name that is too many');
  span.end();
  expect(spansOf(span.traceId)).toMatchObject([{ name: 'a name that is too many' }]);
  const long = meter.span('é'.repeat(2_000));
  long.end();
  expect(spansOf(long.traceId)[0]!.name).toMatch(/^é{500,511}…$/);
});

test('at the level off a span records nothing, and one that is open still ends', () => {
  const open = meter.span('open');
  meter.level = 'off';
  const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const span = meter.span('nothing', parent);
  expect([span.isRecording, span.traceparent(), span.traceId]).toEqual([
    ...[false, parent, parent.slice(3, 35)],
  ]);
  span.setAttribute('a', 1).event('b').setStatus('ok');
  span.fail(new Error('x'));
  span.promote();
  span.end();
  expect(meter.span('below', span).traceparent()).toBe(parent);
  const none = meter.span('none');
  expect([none.traceId, none.spanId, none.traceparent(), none.tracestate()]).toEqual([
    ...['', '', '', ''],
  ]);
  open.end();
  meter.level = 'production';
  expect(spansOf(open.traceId)).toMatchObject([{ name: 'open' }]);
  expect(meter.openSpans()).toEqual([]);
});

test('a clock that goes back gives no duration below 0', () => {
  let now = 5e9;
  const cell = Float64Array.of(now);
  const moving = { cell, tick: () => void (cell[0] = now) };
  const other = quietMeter({ clock: moving, tracing: { sampleRate: 0 } });
  const flow = other.flow('back', ['only']);
  const element = flow.begin();
  const span = other.span('back', element);
  flow.components.only.run(element, () => (now -= 3e9));
  span.end();
  const { traceId } = element;
  element.end();
  expect(other.trace(traceId)!.spans.map(({ durationNs }) => durationNs)).toEqual([0, 0, 0]);
  return other.close();
});
