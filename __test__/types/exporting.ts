/** Options and results of exporting that do not fit must not compile. */
import {
  open,
  type ExportBatch,
  type Exporter,
  type ExporterStatus,
  type FlushResult,
  type PromotedSpan,
  type Snapshot,
} from 'nanometer';
import { isTrue, type Same } from './same';

const meter = open({
  otlp: {
    endpoint: 'http://localhost:4318',
    protocol: 'http/protobuf',
    intervalMs: 15_000,
    headers: { authorization: 'Bearer x' },
    metrics: { temporality: 'delta', compression: 'gzip' },
    traces: false,
    queue: { maxSpans: 1_000 },
  },
  exporters: [
    'stdout',
    { type: 'stdout', metrics: false },
    { type: 'file', path: 'metrics.jsonl', maxBytes: 1 << 20, maxFiles: 3 },
    { name: 'mine', export: ({ spans }) => void spans.length },
    { name: 'async', export: async () => undefined, intervalMs: 1_000 },
  ],
  flush: { timeoutMs: 1_000, onSignals: ['SIGTERM'] },
  propagators: ['tracecontext'],
  tracing: { limits: { attributes: 32 } },
});
open({ otlp: false, flush: { onSignals: true } });

// @ts-expect-error no such protocol
open({ otlp: { protocol: 'http' } });
// @ts-expect-error no such option
open({ otlp: { url: 'http://localhost:4318' } });
// @ts-expect-error spans have no interval
open({ otlp: { traces: { intervalMs: 1 } } });
// @ts-expect-error metrics have no batches
open({ otlp: { metrics: { maxBatch: 1 } } });
// @ts-expect-error headers are texts
open({ otlp: { headers: { a: 1 } } });
// @ts-expect-error no such temporality
open({ otlp: { temporality: 'Delta' } });
// @ts-expect-error switched off by false only
open({ otlp: true });
// @ts-expect-error no such exporter
open({ exporters: ['console'] });
// @ts-expect-error a file has a path
open({ exporters: [{ type: 'file' }] });
// @ts-expect-error standard output has none
open({ exporters: [{ type: 'stdout', path: 'x' }] });
// @ts-expect-error an exporter has a name
open({ exporters: [{ export: () => undefined }] });
// @ts-expect-error an exporter returns nothing, or a promise of it
open({ exporters: [{ name: 'mine', export: () => 5 as const, intervalMs: '1' }] });
// @ts-expect-error no such signal
open({ flush: { onSignals: ['SIGFOO'] } });
// @ts-expect-error no such propagator
open({ propagators: ['b3'] });
// @ts-expect-error no such limit
open({ tracing: { limits: { links: 1 } } });

class Mine implements Exporter {
  readonly name = 'mine';
  export(batch: ExportBatch): void {
    isTrue<Same<typeof batch.metrics, Snapshot | null>>();
    isTrue<Same<typeof batch.spans, readonly PromotedSpan[]>>();
    isTrue<Same<typeof batch.dropped, number>>();
    // @ts-expect-error a batch is only read
    batch.dropped = 0;
  }
}
open({ exporters: [new Mine()] });

const flushed = meter.flush({ timeoutMs: 100 });
isTrue<Same<typeof flushed, Promise<FlushResult>>>();
// @ts-expect-error no such option
void meter.flush({ timeout: 100 });
const statuses = meter.exporters();
isTrue<Same<typeof statuses, ExporterStatus[]>>();
const dropped: number | undefined = statuses[0]?.signals.traces?.dropped['queue_full'];
