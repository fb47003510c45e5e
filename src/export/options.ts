/** What `open()` can be told of exporting: `otlp`, `exporters` and `flush`. */
import type { PromotedSpan } from '../trace/poller';
import type { Resource } from '../open/resource';
import type { Snapshot } from '../snapshot/snapshot';
import type { OtlpProtocol, Temporality } from './resolved';

/**
 * How a receiver of OTLP is reached. Of each, what is said for one signal beats what is said for
 * both, and either beats the environment: `OTEL_EXPORTER_OTLP_METRICS_…` or `…_TRACES_…`, and
 * `OTEL_EXPORTER_OTLP_…`.
 */
export interface OtlpTransportOptions {
  /**
   * Where it is: an `http:` or `https:` URL, or `unix:` and the path of a socket. For both signals,
   * HTTP appends `v1/metrics` and `v1/traces`; for one signal it is taken as it is. gRPC takes
   * `host:port` too. `http://localhost:4318` when left out, with gRPC `http://localhost:4317`. Names
   * and passwords do not belong in it, but in `headers`.
   */
  readonly endpoint?: string;
  /** How it is spoken to; `http/protobuf` when left out. */
  readonly protocol?: OtlpProtocol;
  /**
   * Sent with each request, by name; never shown. They take the place of those of the environment,
   * and those of one signal the place of those of both.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** How requests are compressed; `none` when left out. */
  readonly compression?: 'gzip' | 'none';
  /**
   * How many milliseconds one request may take, 0 to 2,147,483,647; 10,000 when left out, and 0 for
   * any number. What has not been taken by then is tried again.
   */
  readonly timeoutMs?: number;
  /** A PEM file of the certificates to trust; the system's when left out. */
  readonly certificate?: string;
  /** A PEM file with the key of `clientCertificate`, for receivers that ask who we are. */
  readonly clientKey?: string;
  /** A PEM file with the certificate that says who we are, and those that vouch for it. */
  readonly clientCertificate?: string;
  /** Whether gRPC to an endpoint without a scheme is in the clear; false when left out. */
  readonly insecure?: boolean;
}

/** When metrics are exported, and what their data points count. */
export interface MetricsExportOptions {
  /**
   * Milliseconds from one export to the next, 1 to 2,147,483,647; else `OTEL_METRIC_EXPORT_INTERVAL`,
   * else 15,000.
   */
  readonly intervalMs?: number;
  /**
   * What a data point counts: `cumulative` everything since the process opened its meter, `delta`
   * what has come since the last export that was taken, but for sums that can fall; `lowmemory` is
   * OpenTelemetry's third word, and does the same here. Else
   * `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`, of OTLP only, else `cumulative`.
   */
  readonly temporality?: Temporality;
}

/** When spans are exported. */
export interface TracesExportOptions {
  /**
   * The most milliseconds that a span waits for its batch to fill, 1 to 2,147,483,647; else
   * `OTEL_BSP_SCHEDULE_DELAY`, else 5,000.
   */
  readonly delayMs?: number;
  /**
   * The most spans of a batch, 1 to `queue.maxSpans`; else `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`, else 512.
   */
  readonly maxBatch?: number;
}

/** The bounds of what an exporter keeps while its receiver cannot take it. */
export interface QueueOptions {
  /** The most bytes that each signal keeps, 64 KiB to 4 GiB; 32 MiB when left out. */
  readonly maxBytes?: number;
  /** The most data points, 1 to 2,147,483,647; 500,000 when left out. */
  readonly maxItems?: number;
  /**
   * The most spans, 1 to 2,147,483,647; else `OTEL_BSP_MAX_QUEUE_SIZE`, else 20,480.
   */
  readonly maxSpans?: number;
}

/** What is said of OTLP for metrics alone. */
export interface OtlpMetricsOptions extends OtlpTransportOptions, MetricsExportOptions {}

/** What is said of OTLP for spans alone. */
export interface OtlpTracesOptions extends OtlpTransportOptions, TracesExportOptions {}

/** How metrics and promoted spans are pushed by OTLP, the OpenTelemetry protocol. */
export interface OtlpOptions
  extends OtlpTransportOptions, MetricsExportOptions, TracesExportOptions {
  /**
   * What is different for metrics; `false`: they are not pushed. Left out, `OTEL_METRICS_EXPORTER`
   * can say so.
   */
  readonly metrics?: OtlpMetricsOptions | false;
  /**
   * What is different for spans; `false`: they are not pushed. Left out, `OTEL_TRACES_EXPORTER` can
   * say so.
   */
  readonly traces?: OtlpTracesOptions | false;
  /** The bounds of what waits. */
  readonly queue?: QueueOptions;
}

/** What a file and standard output have in common. */
export interface StreamExporterOptions extends MetricsExportOptions, TracesExportOptions {
  /** What it is called in counts and in status; its type when left out. */
  readonly name?: string;
  /** Whether metrics go there; true when left out. */
  readonly metrics?: boolean;
  /** Whether promoted spans go there; true when left out. */
  readonly traces?: boolean;
  /** The bounds of what waits. */
  readonly queue?: QueueOptions;
}

/** Writes each batch to standard output: a line of JSON, in the shape of OTLP's requests. */
export interface StdoutExporterOptions extends StreamExporterOptions {
  /** What makes it this one. */
  readonly type: 'stdout';
}

/** Appends each batch to a file: a line of JSON, in the shape of OTLP's requests. */
export interface FileExporterOptions extends StreamExporterOptions {
  /** What makes it this one. */
  readonly type: 'file';
  /** The file. Its directory must be there. */
  readonly path: string;
  /** The size past which a new file is begun, 4 KiB to 1 TiB; 100 MiB when left out. */
  readonly maxBytes?: number;
  /** How many files are kept, the newest included, 1 to 10,000; 5 when left out. */
  readonly maxFiles?: number;
}

/** What a program's exporter is given at once. */
export interface ExportBatch {
  /** All metrics at this time, in the first batch of each interval; `null` in the others. */
  readonly metrics: Snapshot | null;
  /** Promoted spans that no batch before had, in the order of their numbers: 512 at most. */
  readonly spans: readonly PromotedSpan[];
  /** How many spans were lost since the batch before, because this exporter did not keep up. */
  readonly dropped: number;
  /** Who recorded all this: attributes by OpenTelemetry's names. */
  readonly resource: Resource;
}

/**
 * An exporter of the program's own. It is called on the main thread, with a batch at a time: the next
 * one comes when what it returned has settled. What it throws, or rejects with, is counted and warned
 * of once, and that batch is not given again.
 */
export interface Exporter {
  /** What it is called in counts and in status: 1 to 100 letters, digits or any of `_`, `.`, `-`. */
  readonly name: string;
  /** Exports a batch. */
  export(batch: ExportBatch): void | Promise<void>;
  /**
   * Milliseconds from one snapshot to the next, 1 to 2,147,483,647, and the most that a span waits for
   * its batch to fill; else `OTEL_METRIC_EXPORT_INTERVAL`, else 15,000.
   */
  readonly intervalMs?: number;
  /** Whether it is given metrics; true when left out. */
  readonly metrics?: boolean;
  /** Whether it is given promoted spans; true when left out. */
  readonly traces?: boolean;
  /** The most spans that wait for it, 1 to 1,000,000; 2,048 when left out. */
  readonly maxSpans?: number;
}

/** One of the exporters of `open()`, beside OTLP. */
export type ExporterOptions = 'stdout' | StdoutExporterOptions | FileExporterOptions | Exporter;

/** How what has not been exported yet leaves a process that ends. */
export interface FlushOptions {
  /**
   * The most milliseconds that `meter.flush()`, `meter.close()` and the end of the process may take
   * for it, 0 to 600,000; 2,000 when left out.
   */
  readonly timeoutMs?: number;
  /**
   * The signals at which it is exported before the process dies of them, where the program has no
   * listener of its own: `true` for SIGTERM and SIGINT. False when left out: a signal without a
   * listener ends a process at once.
   */
  readonly onSignals?: boolean | readonly NodeJS.Signals[];
}
