/** The shape of a snapshot: what `Snapshot.toJSON()` and `GET /snapshot` give. */
import type { Derive, Kind } from '../definition/define';
import type { DistributionData } from './distribution';
import type { Level } from '../level';

/** Label names with their values. */
export type Labels = Readonly<Record<string, string>>;

/** A trace that a counter, or a bucket of a histogram, was last recorded for. */
export interface ExemplarData {
  /** The index of the bucket; of a counter it is not there. */
  readonly bucket?: number;
  /** What was recorded, in the metric's unit: a value in the bucket, or the counter's increment. */
  readonly value: number;
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the span of the element, or the first that began in the thread. */
  readonly spanId: string;
  /** When that span ended: Unix time, milliseconds. */
  readonly atMs: number;
}

/** One series of a counter, gauge or derived metric. */
export interface ValueSeries {
  /** What tells it from the other series of its name; empty where there are no labels. */
  readonly labels: Labels;
  /** The value, in the metric's unit. */
  readonly value: number;
  /** Of a counter, with the option `tracing.exemplars`, where its trace can still be shown. */
  readonly exemplars?: readonly ExemplarData[];
}

/** One series of a state. */
export interface StateSeries extends ValueSeries {
  /** The index of the state among the metric's `states`. */
  readonly value: number;
  /** The state's name. */
  readonly state: string;
}

/** One series of a histogram. */
export interface HistogramSeries {
  /** What tells it from the other series of its name; empty where there are no labels. */
  readonly labels: Labels;
  /** What it has counted, in the metric's unit. */
  readonly histogram: DistributionData;
  /**
   * With the option `tracing.exemplars`: one for each bucket of which the trace can still be shown,
   * in their order. Not there where there are none.
   */
  readonly exemplars?: readonly ExemplarData[];
}

/** One series of any metric. */
export type SeriesData = ValueSeries | StateSeries | HistogramSeries;

/** One metric, in its own name and unit. */
export interface MetricData {
  /** As it was defined, with its dots. */
  readonly name: string;
  /** What it counts or measures. */
  readonly kind: Kind;
  /** In UCUM; empty where it has none. */
  readonly unit: string;
  /** One sentence. */
  readonly help: string;
  /** Of a gauge that runs by itself, a stopwatch; else it is not there. */
  readonly elapsed?: true;
  /** Of a state: the names of all its states. Else it is not there. */
  readonly states?: readonly string[];
  /** Of a derived metric: how it is computed. Else it is not there. */
  readonly derive?: Derive;
  /** In the order of first use; the overflow series last. */
  readonly series: readonly SeriesData[];
}

/** A process whose threads recorded into a snapshot. */
export interface ProcessData {
  /** Its process id. */
  readonly pid: number;
  /** When it opened its meter: Unix time, milliseconds. */
  readonly startedAtMs: number;
  /** Whether it still runs. */
  readonly alive: boolean;
}

/** What `Snapshot.toJSON()` and `GET /snapshot` give. */
export interface SnapshotData {
  /** The meter's service. */
  readonly service: string;
  /** When it was read: Unix time, milliseconds. */
  readonly takenAtMs: number;
  /** The level at that time. */
  readonly level: Level;
  /** The processes whose threads recorded. */
  readonly processes: readonly ProcessData[];
  /** In the order of definition. */
  readonly metrics: readonly MetricData[];
}
