/**
 * What an instrumented pipeline tells its flow: the seam between `pipeline/`, which knows streams
 * and nothing of metrics, and the flow, which knows metrics and nothing of streams.
 *
 * Nothing here throws or allocates, except where it says so. Times are of the flow's clock, in
 * nanoseconds. Every call is for this thread only.
 */

import type { Clock } from '../backend/backend';

/** A component, as a pipeline sees it. */
export interface ComponentProbe {
  readonly id: string;
  /** An invocation ended well: counts it and its duration, queue wait excluded. */
  invoked(durationNs: number): void;
  /** The same of so many invocations. */
  invokedAll(durationsNs: Float64Array, count: number): void;
  /** An invocation ended in an error: counts it, its duration and the error. Allocates an event. */
  failed(durationNs: number, error: unknown): void;
}

/** The queue between two components, as a pipeline sees it. */
export interface StreamProbe {
  readonly id: string;
  /** So many elements wait in it now; keeps the depth and the peak. */
  setDepth(depth: number): void;
  /** An element has passed to the consumer after waiting so long. */
  transferred(waitNs: number): void;
  /** So many elements have passed to the consumer without waiting. */
  passed(count: number): void;
  /** Elements have passed, as with `transferred`. */
  transferredAll(waitsNs: Float64Array, count: number): void;
  /** The producer has been told to stop. Twice in a row is once. Allocates an event. */
  pressed(): void;
  /** The producer may go on. Without a `pressed` before it, nothing. Allocates an event. */
  released(): void;
}

/** How a run of a pipeline ended. */
export type RunOutcome = 'completed' | 'cancelled' | 'failed';

/** One run of a pipeline through a flow. */
export interface RunProbe {
  /** The source has ended: what is under way is still finishing. */
  drain(): void;
  /** The run is over. Twice is once. */
  end(outcome: RunOutcome, error?: unknown): void;
}

/** A flow, as a pipeline sees it. */
export interface FlowProbe {
  readonly id: string;
  /** Components in order. */
  readonly componentProbes: readonly ComponentProbe[];
  /** The stream from component i to component i + 1, for pipelines, which are lines. */
  readonly streamProbes: readonly StreamProbe[];
  /** A block whose cell `GATE` is above 0 while something is recorded. */
  readonly gate: Float64Array;
  /** Its clock: a reading costs about 15 ns. */
  readonly clock: Clock;
  /** An element left the sink: counts it and how long it took from the source. */
  elementEnded(latencyNs: number): void;
  /** The same of so many elements. */
  elementsEnded(latenciesNs: Float64Array, count: number): void;
  /** An element was lost to an error. */
  elementFailed(latencyNs: number): void;
  /**
   * A pipeline starts.
   *
   * @throws NanometerError `NANOMETER_INVALID_STATE` where the flow is draining or over
   */
  startRun(): RunProbe;
}
