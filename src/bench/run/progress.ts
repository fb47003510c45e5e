/** How far a run is, for a live view. */
import type { TimelinePoint } from '../measured';
import type { Variant } from '../plan';

/** A moment of a run. */
export interface Progress {
  readonly phase: 'harness' | 'warmup' | 'measuring';
  /** Since warm-up began, milliseconds. */
  readonly elapsedMs: number;
  /** Of warm-up and measured rounds together. */
  readonly totalMs: number;
  readonly variant: Variant;
  /** Of measured rounds, so far. */
  readonly points: readonly TimelinePoint[];
}
