/**
 * A report: what a run is told to people and to machines. It is what `--report-format json` prints
 * and what a baseline's file holds, so its shape is part of the public API: a change that readers of
 * an older one would trip over changes {@link REPORT_FORMAT}.
 */
import type { DistributionData } from '../snapshot/distribution';
import type { LatencyOf, Passage, TimelinePoint } from './measured';
import type { Variant } from './plan';

/** Name and version of the format. */
export const REPORT_FORMAT = 'nanometer.bench/1';

/** A value that was estimated from rounds, with its 95% bootstrap confidence interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Nanoseconds; `null` where no element ended. */
export interface LatencyFigures {
  readonly p50Ns: number | null;
  readonly p90Ns: number | null;
  readonly p95Ns: number | null;
  readonly p99Ns: number | null;
  readonly p999Ns: number | null;
  readonly maxNs: number | null;
  readonly meanNs: number | null;
}

/** One component. */
export interface ReportComponent {
  readonly id: string;
  /** Of the time of all components, 0 to 1. */
  readonly share: number;
  readonly invocations: number;
  readonly errors: number;
  /** The first error's name and message; `null` where there was none. */
  readonly firstError: string | null;
  readonly meanNs: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
}

/** The queue between two components. */
export interface ReportStream {
  /** `producer->consumer`. */
  readonly id: string;
  /** Elements waiting, on average: time waited by all over time passed. */
  readonly meanDepth: number;
  readonly peakDepth: number;
  readonly meanWaitNs: number;
  readonly p99WaitNs: number;
  readonly backpressure: {
    readonly events: number;
    /** Of the time, 0 to 1. */
    readonly share: number;
  };
}

/** Buffers: of the pools of the pipeline's meter, and what its components said of copies. */
export interface ReportBuffers {
  /** Buffers taken from pools or made because a pool had none. */
  readonly allocations: number;
  readonly poolHits: number;
  readonly fallbacks: number;
  readonly copies: number;
  readonly copiedBytes: number;
  readonly copiesByReason: Readonly<Record<string, number>>;
}

/** The event loops that ran the pipeline. */
export interface ReportScheduling {
  /** 0 to 1. */
  readonly utilization: number;
  /** A second and a worker. */
  readonly wakeupsPerSecond: number;
  /** Of the time, 0 to 1. */
  readonly idleShare: number;
  readonly loopDelay: { readonly p50Ns: number; readonly p99Ns: number; readonly maxNs: number };
}

/** Memory. */
export interface ReportMemory {
  readonly rssPeakBytes: number;
  readonly rssMeanBytes: number;
  readonly heapUsedPeakBytes: number;
  readonly externalPeakBytes: number;
  readonly collections: number;
  readonly collectionMs: number;
  /** Of the time, 0 to 1. */
  readonly collectionShare: number;
}

/** One variant's rounds, and the samples from which two runs are compared: one of each a round. */
export interface ReportLevel {
  readonly variant: Variant;
  readonly rounds: number;
  readonly elementsPerSecond: Estimate;
  /** `null` where no element ended, as the two below. */
  readonly p50Ns: Estimate | null;
  readonly p99Ns: Estimate | null;
  /** Event loop time an element, nanoseconds. */
  readonly busyNsPerElement: Estimate | null;
  readonly samples: {
    readonly elementsPerSecond: readonly number[];
    readonly p50Ns: readonly number[];
    readonly p90Ns: readonly number[];
    readonly p95Ns: readonly number[];
    readonly p99Ns: readonly number[];
    readonly p999Ns: readonly number[];
    readonly maxNs: readonly number[];
    readonly busyNsPerElement: readonly number[];
  };
}

/** What a variant costs, from rounds beside rounds of another. */
export interface ReportOverhead {
  readonly variant: Variant;
  /** The variant that it is compared with. */
  readonly against: Variant;
  /** Of throughput, 0 to 1; below 0 where it was faster. */
  readonly throughputLost: Estimate;
  /** Event loop time, nanoseconds. */
  readonly nsPerElement: Estimate;
  /** What documents allow; `null` where there is no such budget. */
  readonly budget: { readonly throughputLost: number; readonly nsPerElement: number } | null;
  readonly verdict: 'within' | 'beyond' | 'undecided' | null;
}

/** The same pipeline on the other backend, measured after this one: `bench --self` only. */
export interface ReportBackend {
  /** `javascript`. */
  readonly backend: string;
  readonly levels: readonly ReportLevel[];
  readonly overhead: readonly ReportOverhead[];
}

/** Where it was measured. */
export interface ReportEnvironment {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  readonly nanometer: string;
  /** `native` or `javascript`. */
  readonly backend: string;
  /** Of processor 0; `null` where the system does not say. */
  readonly governor: string | null;
  /** The kernel's; `null` where the system does not say. */
  readonly clockSource: string | null;
  /** Tells machines apart without naming them: a hash. */
  readonly machine: string;
  /** The load of the last minute when the run began. */
  readonly load: number;
}

/** Why a reader should be careful; or, as a note, what a figure is. */
export interface ReportWarning {
  /** Stable: `noisy`, `short`, `saturated`, `throttled`, `errors`, `interrupted`, …. */
  readonly code: string;
  /** A sentence that says what was seen and what to do. */
  readonly message: string;
}

/** A report, complete. */
export interface Report {
  readonly format: typeof REPORT_FORMAT;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly outcome: 'complete' | 'interrupted' | 'source-ended';
  readonly pipeline: {
    readonly name: string;
    readonly passage: Passage;
    readonly components: readonly string[];
    readonly source: string;
  };
  readonly load: {
    readonly kind: 'closed' | 'open';
    readonly concurrency: number | null;
    readonly ratePerSecond: number | null;
    readonly workers: number;
    readonly durationMs: number;
    readonly warmupMs: number;
    readonly roundMs: number;
    readonly rounds: number;
    readonly seed: number;
    readonly input: string | null;
  };
  /** Whose rounds the figures below are of: `production` where it was run, else the first. */
  readonly variant: Variant;
  readonly throughput: {
    readonly elementsPerSecond: Estimate;
    /** `null` where elements have no size. */
    readonly bytesPerSecond: Estimate | null;
    readonly elements: number;
    readonly failed: number;
  };
  readonly latency: LatencyFigures & {
    readonly of: LatencyOf;
    readonly distribution: DistributionData;
  };
  /** Empty where no round recorded. So with `streams`. */
  readonly components: readonly ReportComponent[];
  readonly streams: readonly ReportStream[];
  readonly buffers: ReportBuffers | null;
  readonly scheduling: ReportScheduling;
  readonly memory: ReportMemory;
  readonly levels: readonly ReportLevel[];
  readonly overhead: readonly ReportOverhead[];
  /**
   * What an element of an empty pipeline costs at `variant`, what is recorded of it included: a part
   * of the figures above. `null` where the run ended before it was measured.
   */
  readonly harness: { readonly nsPerElement: number; readonly nsPerComponent: number } | null;
  readonly timeline: readonly TimelinePoint[];
  /** Only where `bench --self` has run there, too. */
  readonly otherBackend?: ReportBackend;
  readonly environment: ReportEnvironment;
  readonly noise: {
    /** Half the spread of the middle half of rounds, of their median: of throughput. */
    readonly throughput: number;
    /** The same of the fixed piece of work beside each round. */
    readonly reference: number;
    /** That work's median, nanoseconds; `null` where no round ended. */
    readonly referenceNs: number | null;
  };
  readonly warnings: readonly ReportWarning[];
  /** How the figures are to be read: nothing is wrong. */
  readonly notes: readonly ReportWarning[];
}

/** What came of comparing one figure of two runs. */
export type Judgement = 'better' | 'worse' | 'same' | 'undecided';

/** One figure of two runs. */
export interface ComparisonLine {
  /** As `--threshold` names it: `throughput`, `p99`, …. */
  readonly metric: string;
  readonly unit: 'elements/s' | 'ns';
  readonly before: Estimate;
  readonly after: Estimate;
  /** Of the value before: 0.1 is 10% more. Its interval has the machine's drift in it. */
  readonly change: Estimate;
  readonly judgement: Judgement;
  /** The change from which on it is a regression, as given; `null` where none was. */
  readonly threshold: number | null;
  readonly isRegression: boolean;
}

/** What came of comparing a report with a baseline. */
export interface Comparison {
  readonly baseline: string;
  readonly baselineStartedAt: string;
  /** Whether both are of one machine. */
  readonly isSameMachine: boolean;
  /** How much slower the machine itself was: 0.1 is 10% slower; `null` where one did not say. */
  readonly drift: number | null;
  readonly lines: readonly ComparisonLine[];
  readonly warnings: readonly ReportWarning[];
}
