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
  ...['http/protobuf', 'grpc'].flatMap((protocol) => [
    {
      what: `processor time of those exports by ${protocol}, beyond the same service without them, against OpenTelemetry's`,
      limit: 'at most 1/5',
      question: 'every-second',
      judge: thriftier(
        beyond('nanometer', protocol, 'not exported'),
        beyond('OpenTelemetry', protocol, 'not exported'),
        5,
      ),
    },
    {
      what: 'that of all that the service does beyond idle, what it records included',
      limit: 'at most 1/5',
      question: 'every-second',
      judge: thriftier(beyond('nanometer', protocol), beyond('OpenTelemetry', protocol), 5),
    },
  ]),
];

/** A service and its control: itself doing less, or one that does nothing. */
function beyond(library, protocol, control) {
  return { name: `${library}: ${protocol}`, control: control ? `${library}: ${control}` : IDLE };
}
