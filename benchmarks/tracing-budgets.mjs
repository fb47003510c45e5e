/** The budgets of tracing, apart from those of elements; see `budgets.mjs`. */
import { adds, faster, losesOf } from './judges.mjs';

const SPAN = {
  part: 'nanometer: a span of a flow, by itself',
  sampled: "OpenTelemetry, sampled: startSpan('bench'), end()",
  unsampled: "OpenTelemetry, not sampled: startSpan('bench'), end()",
};

const EXEMPLAR = {
  inc: 'counter.inc(), with exemplars, in a trace',
  bareInc: 'counter.inc(), without exemplars',
  record: 'histogram.record(value), with exemplars, in a trace',
  bareRecord: 'histogram.record(value), without exemplars',
};

/** @type {import('./budgets.mjs').Budget[]} */
export const TRACING_BUDGETS = [
  {
    what: 'a span of a flow with its two clock readings against an OpenTelemetry span that is sampled',
    limit: '20x faster',
    question: 'span',
    judge: faster(SPAN.part, SPAN.sampled, 20),
  },
  {
    what: 'the same against one that is not sampled',
    limit: '8x faster',
    question: 'span',
    judge: faster(SPAN.part, SPAN.unsampled, 8),
  },
  {
    what: 'an exemplar, left by `counter.inc()` in a trace',
    limit: 'at most 2 ns',
    question: 'exemplar',
    judge: adds(EXEMPLAR.inc, EXEMPLAR.bareInc, 2),
  },
  {
    what: 'an exemplar, left by `histogram.record()` in a trace',
    limit: 'at most 2 ns',
    question: 'exemplar',
    judge: adds(EXEMPLAR.record, EXEMPLAR.bareRecord, 2),
  },
  {
    what: 'throughput that `meter.http()` takes at production from a service that takes orders in',
    limit: 'at most 1%',
    question: 'http',
    judge: losesOf('orders', 'nanometer, production', 0.01),
  },
  {
    what: 'the same at diagnostic',
    limit: 'at most 5%',
    question: 'http',
    judge: losesOf('orders', 'nanometer, diagnostic', 0.05),
  },
];
