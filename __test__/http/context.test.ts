/** Which span is active where, in handlers and in `meter.active()`: and that none leaks. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Agent, request as nodeRequest } from 'node:http';
import type { HttpSpan, Meter } from 'nanometer';
import { contextByDefault } from '../../dist/http/options';
import { caller, httpMeter, serve, spansOf, treeOf } from '../support/http';
import { thrown } from '../support/meter';
import { until } from '../support/surroundings';

const rejected = (meter: Meter) => meter.snapshot().value('nanometer.values_rejected');

describe('meter.active', () => {
  test('is seen in all that a function calls and awaits, and nowhere else', async () => {
    const meter = httpMeter();
    const [outer, inner] = [meter.span('outer'), meter.span('inner')];
    expect(meter.activeSpan()).toBeUndefined();
    const seen = await meter.active(outer, async () => {
      await null;
      const within = meter.active(inner, () => meter.activeSpan());
      return [within, meter.activeSpan(), meter.active(null, () => meter.activeSpan())];
    });
    expect(seen).toEqual([inner, outer, undefined]);
    expect(meter.activeSpan()).toBeUndefined();
  });

  test('a span without a parent is below it; null begins a trace', () => {
    const meter = httpMeter();
    const parent = meter.span('parent');
    const [below, apart] = meter.active(parent, () => [meter.span('a'), meter.span('b', null)]);
    expect(below!.traceId).toBe(parent.traceId);
    expect(apart!.traceId).not.toBe(parent.traceId);
    for (const span of [below!, apart!, parent]) span.end();
  });

  test('an element can be the active one', () => {
    const meter = httpMeter();
    const element = meter.flow('f', ['c']).begin();
    const span = meter.active(element, () => meter.span('below'));
    expect(span.traceId).toBe(element.traceId);
    span.end();
    element.end();
  });

  test('what is no span is counted, and the function runs all the same', () => {
    const meter = httpMeter();
    expect(meter.active({ traceId: 'x' } as never, () => 7)).toBe(7);
    expect(rejected(meter)).toBe(1);
    expect(thrown(() => meter.active(null, 7 as never)).code).toBe('NANOMETER_INVALID_OPTION');
  });

  test('two meters have their own', () => {
    const [one, other] = [httpMeter(), httpMeter()];
    const span = one.span('a');
    expect(one.active(span, () => other.activeSpan())).toBeUndefined();
  });
});

describe('meter.inject and meter.extract', () => {
  test('go through spans and elements, with what the caller sent along', () => {
    const meter = httpMeter();
    const { traceId, traceparent } = caller();
    const context = meter.extract({ traceparent, tracestate: 'a=1', baggage: 'who=me;p' });
    const span = meter.span('s', context);
    const element = meter.flow('f', ['c']).begin(span);
    for (const source of [span, element]) {
      const headers = meter.inject(source, {});
      expect(headers).toEqual({
        traceparent: `00-${traceId}-${source.spanId}-01`,
        tracestate: 'a=1',
        baggage: 'who=me;p',
      });
    }
    element.end();
    span.end();
  });

  test('headers that cannot be written to are counted; a span that is nowhere is not', () => {
    const meter = httpMeter();
    meter.inject(meter.span('s'), Object.freeze({}));
    expect(rejected(meter)).toBe(1);
    meter.level = 'off';
    expect(meter.inject(meter.span('s'), {})).toEqual({});
    meter.level = 'production';
    expect(rejected(meter)).toBe(1);
  });
});

/** What a handler sees as active, at its begin, after awaits, and in events of the request. */
interface Seen {
  readonly own: HttpSpan | undefined;
  readonly active: unknown[];
}

async function seenBy(send: (port: number) => Promise<void>, requests: number): Promise<Seen[]> {
  const meter = httpMeter();
  const seen: Seen[] = [];
  const { server, port } = await serve(async (request, response) => {
    const own = meter.httpSpan(request);
    const active: unknown[] = [meter.activeSpan()];
    await null;
    active.push(meter.activeSpan());
    await new Promise((resolve) => setImmediate(resolve));
    active.push(meter.activeSpan());
    seen.push({ own, active });
    request.resume();
    response.end('ok');
  });
  const observation = meter.http(server, { context: true, client: false });
  expect(observation.hasContext).toBe(true);
  await send(port);
  await until('all have come', () => seen.length === requests);
  expect(meter.activeSpan()).toBeUndefined();
  return seen;
}

function expectOwn(seen: readonly Seen[]): void {
  const all = new Set<unknown>();
  for (const { own, active } of seen) {
    expect(own).toBeDefined();
    for (const span of active) expect(span).toBe(own);
    all.add(own);
  }
  expect(all.size).toBe(seen.length);
}

test('one connection, request after request: each handler has its own', async () => {
  const seen = await seenBy(async (port) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < 20; i++) await post(port, agent);
    agent.destroy();
  }, 20);
  expectOwn(seen);
});

test('requests in one packet: each handler has its own', async () => {
  const seen = await seenBy(async (port) => {
    const socket = connect(port, '127.0.0.1');
    socket.end('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(10));
    await text(socket);
  }, 10);
  expectOwn(seen);
});

test('the span is found in events of the request, whatever is active there', async () => {
  const meter = httpMeter();
  const { server, port } = await serve((request, response) => {
    const own = meter.httpSpan(request)!;
    request.on('data', () => meter.span('data', meter.httpSpan(request)).end());
    request.on('end', () => {
      expect(meter.httpSpan(request)).toBe(own);
      meter.span('end', own).end();
      response.end();
    });
  });
  meter.http(server, { context: true, client: false });
  const { traceId, spanId, traceparent } = caller();
  await post(port, new Agent(), { traceparent });
  const spans = await spansOf(meter, traceId, 3);
  expect(treeOf(spans, spanId)).toEqual(['POST (server)', '  data (internal)', '  end (internal)']);
});

test('requests that wait behind others when their connection goes all end', async () => {
  const meter = httpMeter();
  let came = 0;
  const { server, port } = await serve((request) => {
    came += 1;
    request.resume();
  });
  meter.http(server, { client: false });
  const { traceId, traceparent } = caller();
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET / HTTP/1.1\r\nHost: a\r\ntraceparent: ${traceparent}\r\n\r\n`.repeat(5));
  await until('they have come', () => came === 5);
  expect(meter.openSpans()).toHaveLength(5);
  socket.destroy();
  const spans = await spansOf(meter, traceId, 5);
  expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual(Array(5).fill('aborted'));
  expect(meter.openSpans()).toEqual([]);
});

test('without `context` nothing is active, and no storage is made', async () => {
  const meter = httpMeter();
  let active: unknown = 'not asked';
  const { server, port } = await serve((request, response) => {
    active = meter.activeSpan();
    request.resume();
    response.end();
  });
  expect(meter.http(server, { context: false, client: false }).hasContext).toBe(false);
  await post(port, new Agent());
  expect(active).toBeUndefined();
});

test.each([
  ['20.20.2', false],
  ['22.23.3', false],
  ['24.0.0', true],
  ['26.10.0', true],
])('on Node %s handlers have an active span by default: %s', (version, has) => {
  expect(contextByDefault(version)).toBe(has);
});

async function post(
  port: number,
  agent: Agent,
  headers: Record<string, string> = {},
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const request = nodeRequest({ port, host: '127.0.0.1', method: 'POST', agent, headers });
    request.on('response', (response) => response.resume().on('end', resolve));
    request.on('error', reject);
    request.end('body');
  });
}
