/**
 * The order gateway: a service on node:http with quick, slow and failing routes, instrumented as
 * any service would be. It runs on the main thread; pricing is the work of another.
 */
import http from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { findArticle } from './catalogue.mjs';
import { DELAYS, gatewayMetrics, ROUTES } from './metrics.mjs';

// Order numbers begin again after so many, and the old order gives way.
const KEPT_ORDERS = 5_000;
const WAREHOUSE_MS = 15;
// The inventory system behind the gateway answers all but every twelfth question.
const INVENTORY_FAILS_EVERY = 12;
const DELAY_EVERY_MS = 250;
const DELAY_RESOLUTION_MS = 10;

/** An answer that is no success; `status` is what the client sees. */
class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Service {
  #meter;
  #metrics;
  #byRoute;
  #orders = new Map();
  #pricing = new Worker(new URL('./pricing.mjs', import.meta.url));
  #waiting = new Map();
  #accepted = 0;
  #inventoryCalls = 0;
  #server = http.createServer((request, response) => void this.#answer(request, response));
  #delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  #delayTimer;

  /** @param {import('nanometer').Meter} meter */
  constructor(meter) {
    this.#meter = meter;
    this.#metrics = gatewayMetrics(meter);
    // Bound once: nothing is looked up while a request is answered.
    this.#byRoute = new Map(ROUTES.map((route) => [route, this.#handlesOf(route)]));
  }

  /** Listens on a free port of the loopback interface. */
  async start() {
    this.#pricing.on('message', (priced) => {
      this.#waiting.get(priced.id)?.(priced);
      this.#waiting.delete(priced.id);
    });
    this.#delay.enable();
    this.#delayTimer = setInterval(() => this.#tellDelay(), DELAY_EVERY_MS);
    await new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    // Each request gets a span, by the route that it is counted under.
    this.#meter.http(this.#server, { route: ({ url }) => templateOf(url), client: false });
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Does what a careless regular expression does: nothing else runs on this thread meanwhile. */
  block(ms) {
    const end = performance.now() + ms;
    while (performance.now() < end);
  }

  async stop() {
    clearInterval(this.#delayTimer);
    this.#delay.disable();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.#pricing.terminate();
  }

  async #answer(request, response) {
    const startNs = this.#meter.now();
    const span = this.#meter.httpSpan(request);
    const [, first = '', second] = request.url.split('/');
    const route = routeOf(first, second);
    const handles = this.#byRoute.get(route);
    this.#metrics.inFlight.inc();
    let status = 200;
    let body;
    try {
      body = await this.#handle(route, request, second, span);
      if (request.method === 'POST') status = 201;
    } catch (error) {
      status = error.status ?? 500;
      if (status >= 500) span?.fail(error);
      body = { error: error.message };
    }
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
    this.#metrics.inFlight.dec();
    handles.statuses[Math.floor(status / 100)].inc();
    handles.duration.recordSince(startNs);
    this.#metrics.latency.recordSince(startNs);
  }

  #handle(route, request, argument, span) {
    switch (route) {
      case '/orders':
        return this.#order(request, span);
      case '/orders/{id}':
        return this.#orders.get(Number(argument)) ?? refuse(404, `no order ${argument}`);
      case '/inventory/{sku}':
        return this.#inventory(argument);
      case '/reports':
        return this.#report(span);
      case '/health':
        return { status: 'ok' };
      default:
        return refuse(404, `nothing at ${request.url}`);
    }
  }

  async #order(request, span) {
    const reading = this.#meter.span('read the body', span);
    const { sku, quantity } = await readJson(request).finally(() => reading.end());
    const article = findArticle(sku) ?? refuse(400, `no article ${sku}`);
    if (!Number.isInteger(quantity) || quantity < 1) refuse(400, 'quantity is a whole number');
    if (!article.inStock) refuse(409, `${sku} is sold out`);
    const id = 1 + (this.#accepted++ % KEPT_ORDERS);
    const priced = await this.#price({ id, sku, quantity, cents: article.cents }, span);
    const order = { ...priced, sku, quantity };
    this.#orders.set(id, order);
    this.#metrics.accepted.inc();
    this.#metrics.bySku.with({ sku }).inc();
    return order;
  }

  /** The pricing thread goes on with the trace: the header says where it is. */
  async #price(order, parent) {
    const span = this.#meter.span('price', parent).setAttribute('order.sku', order.sku);
    this.#metrics.queue.add(1);
    this.#pricing.postMessage({ ...order, traceparent: span.traceparent() });
    const priced = await new Promise((resolve) => this.#waiting.set(order.id, resolve));
    span.end();
    return priced;
  }

  #inventory(sku) {
    const article = findArticle(sku) ?? refuse(404, `no article ${sku}`);
    this.#inventoryCalls += 1;
    if (this.#inventoryCalls % INVENTORY_FAILS_EVERY === 0) refuse(502, 'inventory did not answer');
    return { sku, inStock: article.inStock };
  }

  /** The slow path: all kept orders added up, and a warehouse to wait for. */
  async #report(parent) {
    const adding = this.#meter.span('add up', parent);
    const revenue = new Map();
    for (const { sku, total } of this.#orders.values()) {
      revenue.set(sku, (revenue.get(sku) ?? 0) + total);
    }
    adding.end();
    const waiting = this.#meter.span('wait for the warehouse', parent);
    await new Promise((resolve) => setTimeout(resolve, WAREHOUSE_MS));
    waiting.end();
    return [...revenue].sort(([, one], [, other]) => other - one).slice(0, 10);
  }

  #handlesOf(route) {
    const bind = (status) => this.#metrics.requests.with({ route, status });
    return {
      statuses: { 2: bind('2xx'), 4: bind('4xx'), 5: bind('5xx') },
      duration: this.#metrics.durations.with({ route }),
    };
  }

  /** Nobody else reads this monitor, so it can begin anew; the histogram counts from its tick on. */
  #tellDelay() {
    const percentiles = { p50: this.#delay.percentile(50), p99: this.#delay.percentile(99) };
    const readings = { ...percentiles, max: this.#delay.max };
    for (const statistic of DELAYS) {
      const late = Math.max(0, readings[statistic] - DELAY_RESOLUTION_MS * 1e6);
      this.#metrics.loopDelay.with({ statistic }).set(late);
    }
    this.#delay.reset();
  }
}

function routeOf(first, second) {
  if (first === 'orders') return second === undefined ? '/orders' : '/orders/{id}';
  if (first === 'inventory' && second !== undefined) return '/inventory/{sku}';
  if (first === 'reports' || first === 'health') return `/${first}`;
  return 'other';
}

/** The route as a span's name has it; none where the path is no route. */
function templateOf(url) {
  const [, first = '', second] = url.split('/');
  const route = routeOf(first, second);
  return route === 'other' ? undefined : route;
}

async function readJson(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return refuse(400, 'the body is not JSON');
  }
}

/** @returns {never} */
function refuse(status, message) {
  throw new Refusal(status, message);
}
