/**
 * What a catalog is written down as: plain data, but for its invariants. `define.ts` checks it;
 * `stats.ts` derives the types of handles from it.
 */
import type { BucketSpec } from '../definition/buckets';
import type { Aggregate, Derive, LabelSpec } from '../definition/define';
import type { EventOptions } from '../events/definition';
import type { InvariantSpec } from './invariants';

interface AnyMetricSpec {
  /** Where the metric is in the catalog: a whole number from 0 to 9,999 that never changes. */
  readonly index: number;
  /** One sentence for the reader of a dashboard. */
  readonly help: string;
  /** Under which heading it belongs; free text. */
  readonly category?: string;
  /** See {@link MetricOptions.labels}. */
  readonly labels?: LabelSpec;
  /** See {@link MetricOptions.maxSeries}. */
  readonly maxSeries?: number;
  /** Recorded at the level `diagnostic` only. */
  readonly diagnostic?: boolean;
  /** Recorded, but not exported until it is switched on. */
  readonly reserved?: boolean;
  /** Why it should no longer be used. It keeps its index, and goes on working. */
  readonly deprecated?: string;
}

/** A counter of a catalog. */
export interface CounterSpec extends AnyMetricSpec {
  /** A sum that only grows. */
  readonly kind: 'counter';
  /** UCUM; see {@link MetricOptions.unit}. */
  readonly unit?: string;
}

/** A gauge of a catalog. */
export interface GaugeSpec extends AnyMetricSpec {
  /** A reading. */
  readonly kind: 'gauge';
  /** UCUM; see {@link MetricOptions.unit}. An `elapsed` gauge is in `ns`. */
  readonly unit?: string;
  /**
   * How the readings of several threads become one; `sum` when left out. `elapsed`: a stopwatch,
   * whose handle is started and stopped.
   */
  readonly aggregate?: Aggregate | 'elapsed';
}

/** A histogram of a catalog. */
export interface HistogramSpec extends AnyMetricSpec {
  /** A distribution. */
  readonly kind: 'histogram';
  /** UCUM; `ns` when left out. */
  readonly unit?: string;
  /** See {@link HistogramOptions.buckets}. */
  readonly buckets?: BucketSpec;
}

/** A metric of states of a catalog. */
export interface StateSpec extends AnyMetricSpec {
  /** One of several states. */
  readonly kind: 'state';
  /** All states; the first is the one at the beginning. */
  readonly states: readonly string[];
  /** The states that end something; none when left out. */
  readonly final?: readonly string[];
}

/** A metric of a catalog that is computed when it is read: it has no handle. */
export interface DerivedSpec extends AnyMetricSpec {
  /** A quotient of two others. */
  readonly kind: 'derived';
  /** UCUM; see {@link MetricOptions.unit}. */
  readonly unit?: string;
  /**
   * Two counters or gauges with the same labels, by the names that they have in the same list of
   * metrics; the factor is 1 when left out.
   */
  readonly derive: Omit<Derive, 'factor'> & Partial<Pick<Derive, 'factor'>>;
}

/** A metric of a catalog. */
export type MetricSpec = CounterSpec | GaugeSpec | HistogramSpec | StateSpec | DerivedSpec;

/** Metrics by name. A dot in a name is a step in the path of its handle. */
export type MetricSpecs = Readonly<Record<string, MetricSpec>>;

/** Metrics that belong together: a registry within the catalog. */
export interface GroupSpec {
  /** What the names of its metrics begin with; nothing when left out. */
  readonly prefix?: string;
  /** Whether all its metrics are reserved; see `stats.enable()`. */
  readonly reserved?: boolean;
  /** The metrics; their handles are under the name of the group. */
  readonly metrics: MetricSpecs;
}

/** A type of event of a catalog. */
export interface EventSpec extends EventOptions {
  /** When it happens, in one sentence. */
  readonly help: string;
}

/** Everything that a catalog can be told. */
export interface CatalogSpec {
  /** A letter, and then up to 62 letters, digits, `_`, `.` or `-`. */
  readonly name: string;
  /** What it measures, in a sentence or two. */
  readonly about?: string;
  /** What the names of all its metrics and events begin with; no part of the path of a handle. */
  readonly prefix?: string;
  /** Metrics that are in no group. */
  readonly metrics?: MetricSpecs;
  /** Groups by name. */
  readonly groups?: Readonly<Record<string, GroupSpec>>;
  /** Types of events by name; the catalog's prefix comes before it. */
  readonly events?: Readonly<Record<string, EventSpec>>;
  /** What must hold of its values, by name. */
  readonly invariants?: Readonly<Record<string, InvariantSpec>>;
}
