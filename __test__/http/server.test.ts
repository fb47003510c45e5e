/** What a server answers: a span and a duration for each request, however it ends. */
import { connect } from 'node:net';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { HttpOptions, Meter, OpenOptions, SpanData } from 'nanometer';
import { type TestServer, ask, caller, httpMeter, serve, spansOf } from '../support/http';
import { thrown } from '../support/meter';
import { until } from '../support/surroundings';

type Handler = (request: IncomingMessage, response: ServerResponse, meter: Meter) => void;

interface Observed extends TestServer {
  readonly meter: Meter;
}

/** A server that is observed by a meter of its own, which promotes everything. */
async function observed(
  handler: Handler,
  options: HttpOptions = {},
  tracing?: OpenOptions,
): Promise<Observed> {
  const meter = httpMeter(tracing);
  const server = await serve((request, response) => handler(request, response, meter));
  meter.http(server.server, { client: false, ...options });
  return { ...server, meter };
}

const answers: RequestListener = (request, response) => {
  request.resume();
  response.end('ok');
};

/** The one span that a request made, once it is there. */
async function spanOf({ meter }: Observed, traceId: string): Promise<SpanData> {
  const [span] = await spansOf(meter, traceId, 1);
  return span!;
}

/** How many requests were recorded with these labels. */
function counted(meter: Meter, labels: Readonly<Record<string, string>>): number {
  const series = meter
    .snapshot()
    .toJSON()
    .metrics.find(({ name }) => name === 'http.server.request.duration')!.series;
  return series
    .filter(({ labels: own }) =>
      Object.entries(labels).every(([name, value]) => own[name] === value),
    )
    .reduce((sum, one) => sum + ('histogram' in one ? one.histogram.count : 0), 0);
}

test('a request is a span below its caller, with the attributes of the conventions', async () => {
  const here = await observed(answers, { route: ({ url }) => url!.replace(/\d+.*/, ':id') });
  const { traceId, spanId, traceparent } = caller();
  const headers = { traceparent, 'user-agent': 'test/1' };
  await ask(`${here.url}/orders/7?secret=1`, { method: 'PUT', headers });
  const span = await spanOf(here, traceId);
  expect(span).toMatchObject({
    name: 'PUT /orders/:id',
    kind: 'server',
    parentSpanId: spanId,
    status: 'unset',
    attributes: {
      'http.request.method': 'PUT',
      'http.route': '/orders/:id',
      'http.response.status_code': 200,
      'url.path': '/orders/7',
      'url.scheme': 'http',
      'server.address': '127.0.0.1',
      'server.port': here.port,
      'network.protocol.version': '1.1',
      'user_agent.original': 'test/1',
    },
  });
  expect(Object.keys(span.attributes)).toHaveLength(9);
  expect(span.durationNs).toBeGreaterThan(0);
});

test.each([
  ['none', undefined],
  ['one that is not valid', '00-0-0-00'],
  ['two', `${caller().traceparent}, ${caller().traceparent}`],
])('with %s, a trace begins', async (_, traceparent) => {
  const here = await observed(answers);
  await ask(here.url, traceparent === undefined ? {} : { headers: { traceparent } });
  await until('it is there', () => here.meter.traces({ name: 'GET' }).length === 1);
  const [trace] = here.meter.traces({ name: 'GET' });
  expect(trace!.spans).toHaveLength(1);
  expect(trace!.spans[0]!.parentSpanId).toBeNull();
  expect(traceparent ?? '').not.toContain(trace!.traceId);
});

test('a status of 500 or above is an error, and promotes; 404 is none', async () => {
  const handler: Handler = ({ url }, response) => {
    response.statusCode = Number(url!.slice(1));
    response.end();
  };
  const here = await observed(handler, {}, { tracing: { sampleRate: 0 } });
  const callers = { 503: caller('00'), 404: caller('00') };
  for (const [status, { traceparent }] of Object.entries(callers)) {
    await ask(`${here.url}/${status}`, { headers: { traceparent } });
  }
  const bad = await spanOf(here, callers[503].traceId);
  expect(bad.status).toBe('error');
  expect(bad.attributes).toMatchObject({ 'error.type': '503', 'http.response.status_code': 503 });
  const good = await spanOf(here, callers[404].traceId);
  expect(good.status).toBe('unset');
  expect(here.meter.trace(callers[503].traceId)!.reason).toBe('error');
  expect(here.meter.trace(callers[404].traceId)!.reason).toBeNull();
  expect(counted(here.meter, { 'error.type': '503', 'http.response.status_code': '503' })).toBe(1);
  expect(counted(here.meter, { 'error.type': '', 'http.response.status_code': '404' })).toBe(1);
});

test('what is not promoted keeps its name, its times and its status, and no attributes', async () => {
  const here = await observed(answers, { route: () => '/r' }, { tracing: { sampleRate: 0 } });
  const { traceId, traceparent } = caller('00');
  await ask(here.url, { headers: { traceparent } });
  expect(await spanOf(here, traceId)).toMatchObject({
    ...{ name: 'GET /r', kind: 'server', status: 'unset', attributes: {} },
  });
  here.meter.level = 'diagnostic';
  const next = caller('00');
  await ask(here.url, { headers: { traceparent: next.traceparent } });
  expect((await spanOf(here, next.traceId)).attributes).toHaveProperty(['url.path'], '/');
});

test('at diagnostic, one that is over the limit of promotions has none either', async () => {
  const here = await observed(answers, {}, { tracing: { maxPromotionsPerSecond: 0 } });
  here.meter.level = 'diagnostic';
  const { traceId, traceparent } = caller();
  await ask(here.url, { headers: { traceparent } });
  expect(await spanOf(here, traceId)).toMatchObject({ name: 'GET', attributes: {} });
});

test('a slow one has them, promoted for that', async () => {
  const here = await observed(
    answers,
    {},
    { tracing: { sampleRate: 0, promoteLatencyMs: 0.000001 } },
  );
  const { traceId, traceparent } = caller('00');
  await ask(here.url, { headers: { traceparent } });
  expect((await spanOf(here, traceId)).attributes).toHaveProperty(['url.path'], '/');
  expect(here.meter.trace(traceId)!.reason).toBe('latency');
});

test('an error that the handler tells of is the span’s, and the answer ends it', async () => {
  const handler: Handler = (request, response, meter) => {
    const span = meter.httpSpan(request)!;
    span.setAttribute('order', 7);
    span.fail(new TypeError('no such order'));
    span.end();
    response.statusCode = 500;
    setImmediate(() => response.end());
  };
  const here = await observed(handler);
  const { traceId, traceparent } = caller();
  await ask(here.url, { headers: { traceparent } });
  const span = await spanOf(here, traceId);
  expect(span).toMatchObject({ status: 'error', message: 'no such order' });
  expect(span.attributes).toMatchObject({ order: 7, 'error.type': 'TypeError' });
  expect(span.attributes).toHaveProperty(['http.response.status_code'], 500);
  expect(span.events[0]).toMatchObject({
    name: 'exception',
    attributes: { 'exception.type': 'TypeError', 'exception.message': 'no such order' },
  });
  expect(counted(here.meter, { 'error.type': '500' })).toBe(1);
});

test('a handler that throws, where somebody catches it, and one that rejects', async () => {
  const work: Handler = () => {
    throw new RangeError('too far');
  };
  const handler: Handler = async (request, response, meter) => {
    try {
      await null;
      work(request, response, meter);
    } catch (error) {
      meter.httpSpan(request)!.fail(error);
      response.writeHead(500).end();
    }
  };
  const here = await observed(handler);
  const { traceId, traceparent } = caller();
  await ask(here.url, { headers: { traceparent } });
  const span = await spanOf(here, traceId);
  expect(span.attributes).toMatchObject({ 'error.type': 'RangeError' });
});

test.each([
  ['before it is answered', false],
  ['in the middle of the answer', true],
])('a client that goes %s: an error, with the status as far as there is one', async (_, isHalf) => {
  let came = () => undefined as void;
  const asked = new Promise<void>((resolve) => (came = resolve));
  const here = await observed((_request, response) => {
    if (isHalf) response.writeHead(200, { 'content-length': 100 }).write('half');
    came();
  });
  const { traceId, traceparent } = caller();
  const socket = connect(here.port, '127.0.0.1');
  socket.write(`GET / HTTP/1.1\r\nHost: a\r\ntraceparent: ${traceparent}\r\n\r\n`);
  await asked;
  if (isHalf) await once(socket, 'data');
  expect(here.meter.openSpans()).toMatchObject([{ traceId, name: 'GET' }]);
  socket.destroy();
  const span = await spanOf(here, traceId);
  expect(span.status).toBe('error');
  expect(span.attributes).toMatchObject({ 'error.type': 'aborted', 'server.address': 'a' });
  expect(span.attributes['http.response.status_code']).toBe(isHalf ? 200 : undefined);
  expect(here.meter.openSpans()).toEqual([]);
  expect(counted(here.meter, { 'error.type': 'aborted' })).toBe(1);
});

test('a method that is not well-known is counted as _OTHER', async () => {
  const here = await observed(answers);
  const { traceId, traceparent } = caller();
  await ask(here.url, { method: 'PROPFIND', headers: { traceparent } });
  const span = await spanOf(here, traceId);
  expect(span.name).toBe('HTTP');
  expect(span.attributes).toMatchObject({
    'http.request.method': '_OTHER',
    'http.request.method_original': 'PROPFIND',
  });
  expect(counted(here.meter, { 'http.request.method': '_OTHER' })).toBe(1);
});

test('a route of the handler beats the option; a route that throws is none', async () => {
  const here = await observed(
    (request, response, meter) => {
      if (request.url === '/own') meter.httpSpan(request)!.setRoute('/set');
      response.end();
    },
    {
      route: ({ url }) => {
        if (url === '/throws') throw new Error('no route');
        return '/asked';
      },
    },
  );
  const callers = [caller(), caller(), caller()];
  const names: string[] = [];
  for (const [index, path] of ['/own', '/other', '/throws'].entries()) {
    await ask(here.url + path, { headers: { traceparent: callers[index]!.traceparent } });
    names.push((await spanOf(here, callers[index]!.traceId)).name);
  }
  expect(names).toEqual(['GET /set', 'GET /asked', 'GET']);
});

test('the route that Fastify has found is taken from its channel', async () => {
  const here = await observed((request, response) => {
    // As Fastify 5 publishes it, before it calls the handler.
    channel('tracing:fastify.request.handler:start').publish({
      ...{ request: { raw: request }, route: { url: '/orders/:id', method: 'GET' } },
    });
    response.end();
  });
  const { traceId, traceparent } = caller();
  await ask(`${here.url}/orders/7`, { headers: { traceparent } });
  expect((await spanOf(here, traceId)).name).toBe('GET /orders/:id');
});

test('what a channel says that is not understood harms nobody', async () => {
  const here = await observed(answers);
  for (const message of [undefined, null, {}, { request: null }, { server: here.server }]) {
    channel('http.server.request.start').publish(message);
    channel('tracing:fastify.request.handler:start').publish(message);
  }
  const { traceId, traceparent } = caller();
  await ask(here.url, { headers: { traceparent } });
  expect((await spanOf(here, traceId)).name).toBe('GET');
});

test('the exemplar of its duration is its own trace', async () => {
  const here = await observed(answers, {}, { tracing: { sampleRate: 0, exemplars: true } });
  const { traceId, traceparent } = caller('00');
  await ask(here.url, { headers: { traceparent } });
  await until('it is counted', () => counted(here.meter, {}) === 1);
  const durations = here.meter
    .snapshot()
    .toJSON()
    .metrics.find(({ name }) => name === 'http.server.request.duration')!;
  expect(durations.series[0]).toMatchObject({ exemplars: [{ traceId }] });
});

test('only that server is observed, once, until it is closed', async () => {
  const meter = httpMeter();
  const [seen, unseen] = [await serve(answers), await serve(answers)];
  const observation = meter.http(seen.server, { client: false });
  expect(thrown(() => meter.http(seen.server)).code).toBe('NANOMETER_INVALID_OPTION');
  await ask(seen.url);
  await ask(unseen.url);
  await until('the span is there', () => meter.traces().length > 0);
  expect(counted(meter, {})).toBe(1);
  observation.close();
  observation.close();
  await ask(seen.url);
  meter.http(seen.server, { client: false });
  await ask(seen.url);
  await until('it is seen again', () => counted(meter, {}) > 1);
  expect(counted(meter, {})).toBe(2);
  await meter.close();
  await ask(seen.url);
  expect(counted(meter, {})).toBe(2);
  expect(thrown(() => meter.http(seen.server)).code).toBe('NANOMETER_CLOSED');
});

test('at the level off nothing is seen; a request that began before is counted where it ends', async () => {
  const here = await observed((request, response, meter) => {
    expect(meter.httpSpan(request) === undefined).toBe(meter.level === 'off');
    response.end();
  });
  here.meter.level = 'off';
  await ask(here.url);
  here.meter.level = 'production';
  await ask(here.url);
  await until('it is counted', () => counted(here.meter, {}) > 0);
  expect(counted(here.meter, {})).toBe(1);
  expect(here.meter.traces()).toHaveLength(1);
});

test('without tracing, requests are timed, and the caller’s context is carried on', async () => {
  let sent = {};
  const here = await observed(
    (request, response, meter) => {
      sent = meter.inject(meter.httpSpan(request)!, {});
      response.end();
    },
    {},
    { tracing: false },
  );
  const { traceparent } = caller();
  await ask(here.url, { headers: { traceparent, tracestate: 'a=1', baggage: 'who=me' } });
  await until('it is counted', () => counted(here.meter, {}) === 1);
  expect(sent).toEqual({ traceparent, tracestate: 'a=1', baggage: 'who=me' });
  expect(here.meter.traces()).toEqual([]);
});

test.each([
  ['a number', 7],
  ['an object that is no server', {}],
])('%s is no server', (_, server) => {
  const error = thrown(() => httpMeter().http(server as never));
  expect(error.code).toBe('NANOMETER_INVALID_OPTION');
});

test.each([{ route: '/orders' }, { context: 1 }, { client: 'yes' }, { rout: () => '' }, 7])(
  'the options %j are refused, and nothing is observed',
  async (options) => {
    const meter = httpMeter();
    const { server, url } = await serve(answers);
    const error = thrown(() => meter.http(server, options as HttpOptions));
    expect(error.code).toBe('NANOMETER_INVALID_OPTION');
    await ask(url);
    expect(
      meter
        .snapshot()
        .toJSON()
        .metrics.filter(({ name }) => name.startsWith('http')),
    ).toEqual([]);
  },
);
