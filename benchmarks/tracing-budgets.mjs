/** The budgets of tracing, apart from those of elements; see `budgets.mjs`. */
import { faster, losesOf } from './judges.mjs';

const SPAN = {
  part: 'nanometer: a span of a flow, by itself',
  sampled: "OpenTelemetry, sampled: startSpan('bench'), end()",
  unsampled: "OpenTelemetry, not sampled: startSpan('bench'), end()",
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
