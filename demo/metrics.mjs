/**
 * What the gateway measures. Every thread defines the same metrics and gets handles of its own:
 * definitions that are alike are one metric, and readers add the threads up.
 */
import { open } from 'nanometer';

/** Routes as they are counted: patterns, never raw paths, so that there are only ever so many. */
export const ROUTES = [
  '/orders',
  '/orders/{id}',
  '/inventory/{sku}',
  '/reports',
  '/health',
  'other',
];
/** Classes of HTTP status. */
export const STATUSES = ['2xx', '4xx', '5xx'];
/** What is told of the event loop's delay since the reading before. */
export const DELAYS = ['p50', 'p99', 'max'];

const SERVICE = 'order-gateway';

/**
 * Opens the process's meter; a thread that opens it again joins it.
 *
 * @param {object} [options] Of `open()`; only the first thread's count.
 */
export function openMeter(options = {}) {
  return open({ service: SERVICE, ...options });
}

/** The service's handles. */
export function gatewayMetrics(meter) {
  const requests = meter.counter('gateway.requests', {
    help: 'Requests answered.',
    unit: '{request}',
    labels: { route: ROUTES, status: STATUSES },
  });
  const durations = meter.histogram('gateway.duration', {
    help: 'From the request to the end of its response, by route.',
    unit: 'ns',
    buckets: 'latency',
    labels: { route: ROUTES },
  });
  return {
    requests,
    durations,
    latency: meter.histogram('gateway.latency', {
      help: 'From the request to the end of its response, in buckets 9% wide.',
      unit: 'ns',
      buckets: { exponential: { scale: 3, min: 10_000, max: 1e10 } },
    }),
    inFlight: meter.gauge('gateway.in_flight', {
      help: 'Requests that wait for their response.',
      unit: '{request}',
    }),
    accepted: meter.counter('orders.accepted', { help: 'Orders accepted.', unit: '{order}' }),
    // More articles are sold than the family has series: the rest shares the overflow series.
    bySku: meter.counter('orders.by_sku', {
      help: 'Orders accepted, by article.',
      unit: '{order}',
      labels: ['sku'],
      maxSeries: 40,
    }),
    loopDelay: meter.gauge('gateway.loop.delay', {
      help: 'How late the event loop was, over the last quarter of a second.',
      unit: 'ns',
      aggregate: 'max',
      labels: { statistic: DELAYS },
    }),
    queue: pricingQueue(meter),
  };
}

/** The pricing thread's handles. */
export function pricingMetrics(meter) {
  return {
    queue: pricingQueue(meter),
    duration: meter.histogram('pricing.duration', {
      help: 'To price and seal one order, on the worker thread.',
      unit: 'ns',
      buckets: 'latency',
    }),
  };
}

/** The service adds, the worker takes off: each in its own memory, and the sum is the depth. */
function pricingQueue(meter) {
  return meter.gauge('pricing.queue', {
    help: 'Orders on their way to the pricing thread and back.',
    unit: '{order}',
    aggregate: 'sum',
  });
}
