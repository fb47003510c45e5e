/** What loads, the ways in which elements arrive, have in common. */

/** How a round went. */
export interface LoadResult {
  /** From the beginning of the round to the end of its last element, nanoseconds. */
  readonly durationNs: number;
  /** At a rate: the most elements that were due and not begun. */
  readonly backlogPeak: number;
  /** Turns of the event loop in which there was nothing to do but to wait for a time, and how long. */
  readonly waits: number;
  readonly waitedNs: number;
}

/** A way in which elements arrive, for one thread. */
export interface Load {
  /**
   * Has elements arrive for so long, and waits until all have ended.
   *
   * @throws ComponentFault as a rejection
   */
  run(durationNs: number): Promise<LoadResult>;
}

/**
 * After so long without a turn of the event loop a load lets it turn: 1 ms, so that what the loop
 * shows is the pipeline's affair, and a turn, 1 µs, costs 0.1%.
 */
export const SLICE_NS = 1e6;
