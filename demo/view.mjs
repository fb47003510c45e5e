/** What the screen shows, worked out from two snapshots of the meter. */
import { DELAYS, ROUTES } from './metrics.mjs';

const QUANTILES = [0.5, 0.99, 0.999];
const SHOWN_ARTICLES = 3;

/**
 * Rates, quantiles and readings of the time between two snapshots.
 *
 * @param {import('nanometer').Snapshot} delta What `since()` gave.
 */
export function readings(delta) {
  const seconds = Math.max(delta.durationMs, 1) / 1000;
  const perSecond = (name, labels) => (delta.value(name, labels) ?? 0) / seconds;
  const rateOf = (route) => {
    const statuses = ['2xx', '4xx', '5xx'].map((status) =>
      perSecond('gateway.requests', { route, status }),
    );
    return {
      route,
      isTotal: false,
      perSecond: statuses.reduce((sum, rate) => sum + rate, 0),
      clientErrors: statuses[1],
      serverErrors: statuses[2],
      quantiles: quantiles(delta.histogram('gateway.duration', { route })),
    };
  };
  const routes = ROUTES.map(rateOf);
  const add = (key) => routes.reduce((sum, rate) => sum + rate[key], 0);
  const all = {
    route: 'all',
    isTotal: true,
    perSecond: add('perSecond'),
    clientErrors: add('clientErrors'),
    serverErrors: add('serverErrors'),
    quantiles: quantiles(delta.histogram('gateway.latency')),
  };
  const pricing = delta.histogram('pricing.duration');
  return {
    rates: [...routes, all],
    delays: Object.fromEntries(
      DELAYS.map((statistic) => [statistic, delta.value('gateway.loop.delay', { statistic })]),
    ),
    pricing: {
      perSecond: pricing.count / seconds,
      p99: pricing.quantile(0.99),
      queue: delta.value('pricing.queue'),
    },
    articles: articles(delta, seconds),
  };
}

function quantiles(distribution) {
  return QUANTILES.map((q) => distribution.quantile(q));
}

/** The best-selling articles, and what went to the overflow series. */
function articles(delta, seconds) {
  const series = delta.metrics.find(({ name }) => name === 'orders.by_sku')?.series ?? [];
  const named = series.filter(({ labels }) => labels.sku !== undefined);
  const rest = series.find(({ labels }) => labels.sku === undefined);
  const best = named.toSorted((one, other) => other.value - one.value).slice(0, SHOWN_ARTICLES);
  return [
    ...best.map(({ labels, value }) => [labels.sku, value / seconds]),
    ...(rest ? [['past the bound', rest.value / seconds]] : []),
  ];
}
