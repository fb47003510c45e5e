/**
 * The account of one signal of a program's own exporter: what was to be exported is exported, waits,
 * or was dropped for a reason. Every method leaves the sums equal.
 */
import type { ExporterError, ExporterState, SignalStatus } from './status';

/** Why something is dropped: `crates/export/src/push/cause.rs` has them too. */
export const REASONS = ['exporter_error', 'queue_full', 'shutdown'] as const;

/** One of them. */
export type DropReason = (typeof REASONS)[number];

/** See the file. */
export class Book {
  /** How many wait, or are being exported. */
  queued = 0;
  #recorded = 0;
  #exported = 0;
  readonly #dropped = new Map<string, number>();
  #state: ExporterState = 'idle';
  #lastSuccessMs: number | null = null;
  #lastError: ExporterError | null = null;

  /** More that waits. */
  record(count: number): void {
    this.#recorded += count;
    this.queued += count;
  }

  /** More that never waited: it was gone before. */
  lose(count: number, reason: DropReason): void {
    if (count === 0) return;
    this.#recorded += count;
    this.#drop(count, reason);
  }

  /** What waited has been taken. */
  succeed(count: number): void {
    this.queued -= count;
    this.#exported += count;
    this.#state = 'ok';
    this.#lastSuccessMs = Date.now();
  }

  /** What waited is given up, because of an error. */
  fail(count: number, reason: DropReason, message: string): void {
    this.queued -= count;
    this.#drop(count, reason);
    this.#state = 'failing';
    this.#lastError = { atMs: Date.now(), reason, message };
  }

  /** It is over: what still waits is given up. */
  stop(reason: DropReason): void {
    if (this.queued > 0) this.#drop(this.queued, reason);
    this.queued = 0;
    this.#state = 'stopped';
  }

  /** As it is now. */
  status(): SignalStatus {
    return {
      // The program knows.
      endpoint: '',
      state: this.#state,
      recorded: this.#recorded,
      exported: this.#exported,
      dropped: Object.fromEntries(this.#dropped),
      queued: this.queued,
      // Objects of JavaScript, whose size nobody knows.
      queuedBytes: 0,
      lastSuccessMs: this.#lastSuccessMs,
      lastError: this.#lastError,
      nextTryMs: null,
    };
  }

  #drop(count: number, reason: DropReason): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + count);
  }
}
