/** What is asked of others, and traces that go through several services and threads. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { get } from 'node:http';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Meter } from 'nanometer';
import { ask, caller, httpMeter, serve, spansOf, treeOf } from '../support/http';
import { until } from '../support/surroundings';

/** Since then Node says when a request is made, so that it can be told where it comes from. */
const NODE_TELLS = Number.parseInt(process.versions.node, 10) >= 24;

/** How many requests that were made are recorded with these labels. */
function counted(meter: Meter, labels: Readonly<Record<string, string>>): number {
  return meter
    .snapshot()
    .toJSON()
    .metrics.filter(({ name }) => name === 'http.client.request.duration')
    .flatMap(({ series }) => series)
    .filter((one) => Object.entries(labels).every(([name, value]) => one.labels[name] === value))
    .reduce((sum, one) => sum + ('histogram' in one ? one.histogram.count : 0), 0);
}

test('fetch through two services, spans passed on by hand: one tree', async () => {
  const meter = httpMeter();
  const stock = await serve((_request, response) => response.end('7'));
  const orders = await serve(async (request, response) => {
    const work = meter.span('reserve', meter.httpSpan(request));
    const answer = await fetch(`${stock.url}/stock?sku=1`, { headers: meter.inject(work, {}) });
    await answer.text();
    work.end();
    response.end();
  });
  for (const { server } of [stock, orders]) {
    meter.http(server, { context: false, route: ({ url }) => url?.split('?')[0] });
  }
  const { traceId, spanId, traceparent } = caller();
  await (await fetch(`${orders.url}/orders`, { headers: { traceparent } })).text();
  const spans = await spansOf(meter, traceId, 5);
  expect(treeOf(spans, spanId)).toEqual([
    'GET (client)',
    '  GET /orders (server)',
    '    reserve (internal)',
    '      GET (client)',
    '        GET /stock (server)',
  ]);
  const call = spans.find(({ kind, parentSpanId }) => kind === 'client' && parentSpanId !== spanId);
  expect(call!.attributes).toEqual({
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'server.address': '127.0.0.1',
    'server.port': stock.port,
    'url.path': '/stock',
    'url.scheme': 'http',
  });
  expect(counted(meter, { 'server.port': String(stock.port), 'error.type': '' })).toBe(1);
});

test('fetch through two services, by what is active: one tree', async () => {
  const meter = httpMeter();
  const stock = await serve((_request, response) => response.end('7'));
  const orders = await serve(async (_request, response) => {
    await null;
    await (await fetch(stock.url)).text();
    response.end();
  });
  for (const { server } of [stock, orders]) meter.http(server, { context: true });
  const root = meter.span('root', null);
  await meter.active(root, async () => (await fetch(orders.url)).text());
  root.end();
  const spans = await spansOf(meter, root.traceId, 5);
  expect(treeOf(spans, null)).toEqual([
    'root (internal)',
    '  GET (client)',
    '    GET (server)',
    '      GET (client)',
    '        GET (server)',
  ]);
});

test('node:http goes on below the span, as far as this Node lets it', async () => {
  const meter = httpMeter();
  const { server, url } = await serve((_request, response) => response.end());
  meter.http(server, { context: false });
  const span = meter.span('work');
  await ask(url, { headers: meter.inject(span, {}) as Record<string, string> });
  span.end();
  const spans = await spansOf(meter, span.traceId, 3);
  const below = NODE_TELLS ? '    GET (server)' : '  GET (server)';
  expect(treeOf(spans, null).sort()).toEqual(['work (internal)', '  GET (client)', below].sort());
  expect(counted(meter, { 'http.response.status_code': '200' })).toBe(1);
});

test('headers of the program are replaced, never doubled, whatever their case', async () => {
  const meter = httpMeter();
  const seen: (string | undefined)[] = [];
  const { url } = await serve(({ rawHeaders }, response) => {
    const names = rawHeaders.filter((_, index) => index % 2 === 0);
    seen.push(names.filter((name) => name.toLowerCase() === 'traceparent').join());
    response.end();
  });
  meter.http(null, {});
  const { traceparent } = caller();
  for (const name of ['traceparent', 'TraceParent']) {
    await (await fetch(url, { headers: { [name]: traceparent, tracestate: 'a=1' } })).text();
    await ask(url, { headers: { [name]: traceparent, tracestate: 'a=1' } });
  }
  for (const names of seen) expect(names!.toLowerCase()).toBe('traceparent');
  expect(seen).toHaveLength(4);
});

test('what goes wrong is an error: of the status, of the connection, of who gave it up', async () => {
  const meter = httpMeter();
  const { url, port } = await serve(({ url: path }, response) => {
    if (path === '/404') response.writeHead(404).end();
    if (path === '/half') {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.destroy());
    }
  });
  meter.http();
  const nobody = await unusedPort();
  const span = meter.span('work', null);
  const headers = meter.inject(span, {}) as Record<string, string>;
  await (await fetch(`${url}/404`, { headers })).text();
  await ask(`${url}/404`, { headers });
  const aborting = AbortSignal.timeout(20);
  await expect(fetch(`${url}/hang`, { headers, signal: aborting })).rejects.toThrow();
  await expect(fetch(`http://127.0.0.1:${nobody}`, { headers })).rejects.toThrow();
  await expect(ask(`http://127.0.0.1:${nobody}`, { headers })).rejects.toThrow('ECONNREFUSED');
  await expect(ask(`${url}/half`, { headers })).rejects.toThrow();
  await hangUp(`${url}/hang`, headers);
  span.end();
  const spans = await spansOf(meter, span.traceId, 8);
  const types = spans
    .filter(({ kind }) => kind === 'client')
    .map(({ attributes }) => attributes['error.type']);
  expect(types.sort()).toEqual(
    ['404', '404', 'ECONNREFUSED', 'ECONNREFUSED', 'TimeoutError', 'ECONNRESET', 'aborted'].sort(),
  );
  expect(spans.filter(({ status }) => status === 'error')).toHaveLength(7);
  expect(counted(meter, { 'error.type': 'ECONNREFUSED', 'server.port': String(nobody) })).toBe(2);
  expect(counted(meter, { 'server.port': String(port) })).toBe(5);
});

test('at the level off, and when closed, requests are left alone', async () => {
  const meter = httpMeter();
  const seen: unknown[] = [];
  const { url } = await serve(({ headers }, response) => {
    seen.push(headers['traceparent']);
    response.end();
  });
  const observation = meter.http();
  meter.level = 'off';
  await (await fetch(url)).text();
  meter.level = 'production';
  await (await fetch(url)).text();
  observation.close();
  await (await fetch(url)).text();
  expect(seen).toEqual([undefined, expect.stringMatching(/^00-/), undefined]);
  expect(counted(meter, {})).toBe(1);
});

test('a trace that goes through a worker, its context sent by message: one tree', async () => {
  const meter = httpMeter();
  const worker = new Worker(join(__dirname, '../fixtures/traced-worker.cjs'), {
    workerData: { service: meter.service },
  });
  try {
    await new Promise((resolve) => worker.once('message', resolve));
    const { server, url } = await serve((request, response) => {
      worker.once('message', () => response.end());
      worker.postMessage(meter.inject(meter.httpSpan(request)!, {}));
    });
    meter.http(server, { context: false, client: false });
    const { traceId, spanId, traceparent } = caller();
    await ask(url, { headers: { traceparent } });
    const spans = await spansOf(meter, traceId, 4);
    expect(treeOf(spans, spanId)).toEqual([
      'GET (server)',
      '  work (internal)',
      '    flow:in a worker (internal)',
      '      component:step:invoke:1 (internal)',
    ]);
  } finally {
    await worker.terminate();
  }
});

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Asks, and gives up before there is an answer. */
async function hangUp(url: string, headers: Record<string, string>): Promise<void> {
  let isClosed = false;
  const request = get(url, { headers, agent: false });
  request.on('error', () => undefined);
  request.on('close', () => (isClosed = true));
  request.on('socket', (socket) => socket.once('connect', () => request.destroy()));
  await until('it is closed', () => isClosed);
}
