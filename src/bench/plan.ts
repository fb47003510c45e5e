/** What a run of the bench is to do: complete, checked, the same for all of its threads. */
import type { Level } from '../level';

/**
 * What the elements of a round go through: the pipeline's flow at a level, the same functions without
 * any flow (`none`), or the same functions under OpenTelemetry's API. Only `bench --self` has the
 * last two.
 */
export type Variant = Level | 'none' | 'opentelemetry';

/** Where a run's elements come from when they are a file's. */
export interface InputFile {
  /** Absolute. */
  readonly path: string;
  /** Each line as a string without its end, or chunks of 64 KiB. */
  readonly as: 'lines' | 'bytes';
}

/** A run, complete. */
export interface BenchPlan {
  /** The absolute path of the pipeline's module. */
  readonly file: string;
  /** All measured rounds together, milliseconds. */
  readonly durationMs: number;
  /** Before them, milliseconds. */
  readonly warmupMs: number;
  /** One round, milliseconds. */
  readonly roundMs: number;
  /** What rounds take turns in, in this order, again and again; never empty. */
  readonly variants: readonly Variant[];
  /** The most elements in flight in each worker; at a rate, `null` where there is no bound. */
  readonly concurrency: number | null;
  /** Elements a second over all workers, arriving on schedule: open loop. `null`: closed loop. */
  readonly ratePerSecond: number | null;
  /** Threads that each run the pipeline. */
  readonly workers: number;
  /** Elements from a file instead of the pipeline's source. */
  readonly input: InputFile | null;
  /** Of whatever is random: the resampling, and what a source asks for. */
  readonly seed: number;
  /** So long without any element ending is a hang, milliseconds. */
  readonly hangMs: number;
}
