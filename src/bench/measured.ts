/**
 * What a run measured: plain data, round by round, from the threads that ran the pipeline to the
 * report. Nothing here is estimated, rounded or judged.
 */
import type { DistributionData } from '../snapshot/distribution';
import type { FlowFigures } from '../snapshot/flow-figures';
import type { BenchPlan, Variant } from './plan';

/** How elements pass: one by one through functions, or through Node's streams. */
export type Passage = 'elements' | 'streams';

/** What latencies are of; see `docs/bench.md`. */
export type LatencyOf =
  /** Each element, from its arrival to its end, by the bench's own clock. */
  | 'element'
  /** The n-th that came out of the streams is taken for the n-th that went in. */
  | 'order'
  /** The flow's own histogram: the streams give other numbers of elements than they take. */
  | 'flow';

/** The pipeline that was run. */
export interface MeasuredPipeline {
  /** Its module's file name. */
  readonly name: string;
  readonly passage: Passage;
  /** Names of its components, in order. */
  readonly components: readonly string[];
  /** Where its elements came from. */
  readonly source: 'definition' | 'input' | 'integers';
  readonly latencyOf: LatencyOf;
}

/** The loops of the threads that ran the pipeline, in one round. */
export interface RoundScheduling {
  /** Event loops' time at work, nanoseconds, all workers together. */
  readonly activeNs: number;
  /** Event loops' time waiting for something to do. */
  readonly idleNs: number;
  /** How often an event loop went round. */
  readonly wakeups: number;
  /** How late timers were, nanoseconds. */
  readonly loopDelay: { readonly p50Ns: number; readonly p99Ns: number; readonly maxNs: number };
}

/** Memory and garbage collection in one round. */
export interface RoundMemory {
  /** Of the process. */
  readonly rssPeakBytes: number;
  readonly rssMeanBytes: number;
  /** Of the workers' heaps, at the end of the round, together. */
  readonly heapUsedBytes: number;
  /** Memory outside the heap that its objects hold. */
  readonly externalBytes: number;
  /** Garbage collections of the workers. */
  readonly collections: number;
  /** Time that they took. */
  readonly collectionNs: number;
}

/** Buffers of the pools of the pipeline's meter, in one round. */
export interface RoundPools {
  readonly allocated: number;
  readonly returned: number;
  readonly fallbacks: number;
}

/** One round, all workers together. */
export interface Round {
  readonly index: number;
  readonly variant: Variant;
  /** Since the first measured round began, milliseconds. */
  readonly startMs: number;
  /** Nanoseconds, the mean of the workers. */
  readonly durationNs: number;
  /** Elements that ended, those that failed among them. */
  readonly elements: number;
  readonly failed: number;
  /** Bytes of the elements as they came; `null` where they have no size. */
  readonly bytes: number | null;
  /** Nanoseconds; at a rate, from when the element was due. */
  readonly latency: DistributionData;
  /** Processor time of the process, nanoseconds. */
  readonly cpuNs: number;
  readonly scheduling: RoundScheduling;
  readonly memory: RoundMemory;
  /** What the flow recorded in the round; `null` at variants that record nothing. */
  readonly flow: FlowFigures | null;
  readonly pools: RoundPools | null;
  /** At a rate: the most elements that were due and not begun. */
  readonly backlogPeak: number;
  /** A fixed piece of work beside each round, nanoseconds: how fast the machine was then. */
  readonly referenceNs: number;
}

/** A moment of a run. Points are 250 ms apart, and do not cross the border of two rounds. */
export interface TimelinePoint {
  /** Since the first measured round began, milliseconds. */
  readonly atMs: number;
  readonly variant: Variant;
  readonly elementsPerSecond: number;
  /** `null` where no element ended. */
  readonly p50Ns: number | null;
  readonly p99Ns: number | null;
}

/** The first error of a component, and how many there were. */
export interface ComponentErrors {
  readonly component: string;
  readonly errors: number;
  /** The first one's name and message. */
  readonly first: string;
}

/** What the bench itself costs: an element through as many empty components, per element. */
export interface HarnessCost {
  readonly variant: Variant;
  readonly nsPerElement: number;
}

/** What a run measured. */
export interface Measured {
  readonly plan: BenchPlan;
  readonly pipeline: MeasuredPipeline;
  /** Unix time, milliseconds. */
  readonly startedAtMs: number;
  /** `native` or `javascript`. */
  readonly backend: string;
  /** `os.loadavg()[0]` before anything of the run began. */
  readonly loadBefore: number;
  readonly rounds: readonly Round[];
  readonly timeline: readonly TimelinePoint[];
  readonly errors: readonly ComponentErrors[];
  readonly harness: readonly HarnessCost[];
  /** Why it ended before its time; `null` where it did not. */
  readonly endedEarly: 'interrupted' | 'source' | null;
}
