/**
 * Exporters as they are handed to whoever runs them: complete, checked, nothing left to decide. The
 * native backend reads this shape; see `crates/export/src/push/options.rs`.
 */

/** What is exported. */
export type Signal = 'metrics' | 'traces';

/** Both of them, in the order in which they are shown. */
export const SIGNALS: readonly Signal[] = ['metrics', 'traces'];

/** How a receiver of OTLP is spoken to. */
export type OtlpProtocol = 'grpc' | 'http/protobuf' | 'http/json';

/** What a data point of a sum or a histogram counts: everything so far, or what is new. */
export type Temporality = 'cumulative' | 'delta' | 'lowmemory';

/** A receiver of OTLP. */
export interface OtlpDestination {
  readonly protocol: OtlpProtocol;
  /** A complete URL, with `v1/metrics` or `v1/traces` for HTTP; or `unix:` and an absolute path. */
  readonly endpoint: string;
  /** By their names in lower case. Secret. */
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'gzip' | 'none';
  /** For one request; 0: for ever. */
  readonly timeoutMs: number;
  /** A PEM file of what to trust in place of the system's certificates. */
  readonly certificate: string | null;
  readonly clientKey: string | null;
  readonly clientCertificate: string | null;
  readonly insecure: boolean;
}

/** A file of JSON lines. */
export interface FileDestination {
  readonly path: string;
  readonly maxBytes: number;
  readonly maxFiles: number;
}

/** Standard output: there is nothing to say of it. */
export type StdoutDestination = Readonly<Record<string, never>>;

/** Where a signal goes. */
export type Destination = OtlpDestination | FileDestination | StdoutDestination;

/** How metrics are exported. */
export interface ResolvedMetrics {
  readonly destination: Destination;
  readonly intervalMs: number;
  readonly temporality: Temporality;
}

/** How spans are exported. */
export interface ResolvedTraces {
  readonly destination: Destination;
  readonly delayMs: number;
  readonly maxBatch: number;
}

/** The bounds of what waits. */
export interface ResolvedQueue {
  readonly maxBytes: number;
  /** Data points. */
  readonly maxItems: number;
  readonly maxSpans: number;
}

/** An exporter that a native thread runs. */
export interface ResolvedExporter {
  readonly name: string;
  readonly kind: 'otlp' | 'file' | 'stdout';
  readonly metrics: ResolvedMetrics | null;
  readonly traces: ResolvedTraces | null;
  readonly queue: ResolvedQueue;
}
