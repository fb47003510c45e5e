/** How exporters are, and what became of a flush: plain data, the shapes of `GET /exporters`. */
import type { Signal } from './resolved';

/**
 * How a signal of an exporter is: nothing was exported yet, the last export was taken, what failed
 * is being tried again, the last export was refused for good, or it is over.
 */
export type ExporterState = 'idle' | 'ok' | 'retrying' | 'failing' | 'stopped';

/** An export that failed. */
export interface ExporterError {
  /** When: Unix time, milliseconds. */
  readonly atMs: number;
  /** What kind of failure, for programs. */
  readonly reason: string;
  /** What it seems to be and what to do, for people. */
  readonly message: string;
}

/**
 * One signal of one exporter. At any moment `recorded` is the sum of `exported`, `queued` and all of
 * `dropped`: data points of metrics, and spans.
 */
export interface SignalStatus {
  /** Where it goes, without what is secret; empty where that cannot be said. */
  readonly endpoint: string;
  /** How it is. */
  readonly state: ExporterState;
  /** How many were to be exported. */
  readonly recorded: number;
  /** How many were taken by the receiver. */
  readonly exported: number;
  /** How many were given up, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** How many wait. */
  readonly queued: number;
  /** How many bytes wait. */
  readonly queuedBytes: number;
  /** When the last export was taken, Unix milliseconds; `null` where none was. */
  readonly lastSuccessMs: number | null;
  /** The last export that failed; `null` where none did. */
  readonly lastError: ExporterError | null;
  /** When what failed is tried again, Unix milliseconds; `null` where nothing is. */
  readonly nextTryMs: number | null;
}

/** One exporter. */
export interface ExporterStatus {
  /** What it is called. */
  readonly name: string;
  /** What it is: `channel` is one of the program's own. */
  readonly kind: 'otlp' | 'file' | 'stdout' | 'channel';
  /** How each of its signals is. */
  readonly signals: Readonly<Partial<Record<Signal, SignalStatus>>>;
}

/** What became of a flush. */
export type FlushOutcome = 'success' | 'failure' | 'timeout';

/** What became of a flush, for one signal of one exporter. */
export interface ExporterFlush {
  /** What the exporter is called. */
  readonly name: string;
  /** What was to be exported. */
  readonly signal: Signal;
  /** What became of it. */
  readonly outcome: FlushOutcome;
  /** What went wrong, for people; `null` where nothing did. */
  readonly error: string | null;
}

/** What became of a flush: `meter.flush()` resolves with it. */
export interface FlushResult {
  /**
   * `success` where everything recorded by then has been taken; `failure` where something was
   * refused or could not be sent, `timeout` where there was no time left.
   */
  readonly outcome: FlushOutcome;
  /** By exporter and signal. */
  readonly exporters: readonly ExporterFlush[];
}
