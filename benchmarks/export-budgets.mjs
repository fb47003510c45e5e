/** The budgets of exports; see `budgets.mjs`. */
import { lateBeyondIdle, stoppedByExport, thriftier } from './judges.mjs';

const HTTP = 'nanometer: http/protobuf';
const GRPC = 'nanometer: grpc';
// The timer that makes the requests of a service, and makes none.
const IDLE = 'idle';

/** @type {import('./budgets.mjs').Budget[]} */
export const EXPORT_BUDGETS = [
  {
    what: 'event loop stopped by an export of 10,000 histogram series, turns of the loop',
    limit: 'at most 1 ms',
    question: 'export',
    judge: stoppedByExport('metrics', [HTTP, GRPC]),
  },
  {
    what: 'event loop stopped by an export of 10,000 spans, turns of the loop',
    limit: 'at most 1 ms',
    question: 'export',
    judge: stoppedByExport('traces', [HTTP, GRPC]),
  },
  {
    what: 'event loop delay, p99, of a service that exports 10,000 histogram series and 1,000 spans every second',
    limit: 'at most 1 ms beyond idle',
    question: 'every-second',
    judge: lateBeyondIdle('monitor.p99Ms', [HTTP, GRPC], 1),
  },
  {
    what: 'what something would wait for that loop that comes at any moment, p99',
    limit: 'at most 1 ms beyond idle',
    question: 'every-second',
    judge: lateBeyondIdle('waits.p99Ms', [HTTP, GRPC], 1),
  },
  {
    what: "processor time of that service beyond idle against one with OpenTelemetry's SDK and exporters, protobuf over HTTP",
    limit: 'at most 1/5',
    question: 'every-second',
    judge: thriftier(HTTP, 'OpenTelemetry: http/protobuf', IDLE, 5),
  },
  {
    what: 'the same over gRPC',
    limit: 'at most 1/5',
    question: 'every-second',
    judge: thriftier(GRPC, 'OpenTelemetry: grpc', IDLE, 5),
  },
];
