/** What the main thread and the threads that run a pipeline say to each other. */
import type { ComponentErrors, LatencyOf, MeasuredPipeline, RoundScheduling } from '../measured';
import type { BenchPlan, Variant } from '../plan';
import type { Board } from './board';

/** What a component is: what stands in for it where the harness is measured. */
export type ComponentKind = 'function' | 'stream';

/** What a thread is started with. */
export interface ThreadData {
  readonly plan: BenchPlan;
  readonly board: Board;
  /** Which of the plan's threads it is; `null`: the one that measures the harness. */
  readonly worker: number | null;
  /** For that one: what to put empty components in place of. */
  readonly kinds: readonly ComponentKind[];
}

/** What the main thread asks for, one thing at a time. */
export type Request =
  /** The fixed piece of work. */
  | { readonly ask: 'reference' }
  /** A round; its answer is a {@link RoundPart}. */
  | { readonly ask: 'round'; readonly variant: Variant; readonly durationMs: number }
  /** What the harness costs at each variant. */
  | { readonly ask: 'harness'; readonly variants: readonly Variant[]; readonly eachMs: number };

/** A pipeline that has been loaded. */
export interface Ready {
  readonly pipeline: Omit<MeasuredPipeline, 'latencyOf'>;
  readonly kinds: readonly ComponentKind[];
  /** The module of nanometer that the pipeline's folder has, and the service that it opened. */
  readonly nanometer: string;
  readonly service: string;
  /** The service that the definition names. */
  readonly named: string | undefined;
  readonly flow: string;
}

/** One thread's part in a round. */
export interface RoundPart {
  readonly durationNs: number;
  readonly elements: number;
  readonly failed: number;
  /** `null` where none had a size. */
  readonly bytes: number | null;
  readonly latencyOf: LatencyOf;
  /** `null` where no element ended well. */
  readonly minNs: number | null;
  readonly maxNs: number | null;
  readonly scheduling: RoundScheduling;
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
  readonly collections: number;
  readonly collectionNs: number;
  readonly backlogPeak: number;
  readonly errors: readonly ComponentErrors[];
  /** Whether the source has no more. */
  readonly hasEnded: boolean;
}

/** What a thread says. */
export type Reply =
  | { readonly say: 'ready'; readonly ready: Ready }
  /** The module cannot be run: one line. */
  | { readonly say: 'refused'; readonly message: string }
  /** A component did what it must not: the thread is of no more use. */
  | { readonly say: 'fault'; readonly component: string | null; readonly message: string }
  | { readonly say: 'answer'; readonly answer: unknown };
