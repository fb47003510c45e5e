/**
 * Plain values of a meter at one time, merged across threads. A snapshot shares nothing with the
 * meter: keep it, send it, subtract it.
 */
import type { Derive, Kind } from '../definition/define';
import { quotient } from '../definition/derive';
import { NanometerError, show } from '../errors';
import { Distribution, type DistributionData } from './distribution';
import { type FlowFigures, flowOf, flowsOf, type FlowSummary } from './flow-figures';
import type { Level } from '../level';
import type {
  Labels,
  MetricData,
  ProcessData,
  SeriesData,
  SnapshotData,
  ValueSeries,
} from './snapshot-data';

/** Values at one time, or, from {@link Snapshot.since}, what was added between two. */
export class Snapshot {
  readonly #data: SnapshotData;
  readonly #sinceMs: number | null;
  #series: Map<string, SeriesData> | undefined;

  /**
   * @param data - as `toJSON()` or `GET /snapshot` gave it; it is kept, not copied
   * @param sinceMs - where the interval begins, for one that is a difference
   */
  constructor(data: SnapshotData, sinceMs: number | null = null) {
    this.#data = data;
    this.#sinceMs = sinceMs;
  }

  /** The meter's service. */
  get service(): string {
    return this.#data.service;
  }

  /** When it was read: Unix time, milliseconds. */
  get takenAtMs(): number {
    return this.#data.takenAtMs;
  }

  /**
   * How long the interval is, in milliseconds of the wall clock, which may be set back: never below
   * 0. `null` where this is no difference.
   */
  get durationMs(): number | null {
    return this.#sinceMs === null ? null : Math.max(0, this.#data.takenAtMs - this.#sinceMs);
  }

  /** The level at that time. */
  get level(): Level {
    return this.#data.level;
  }

  /** The processes whose threads recorded. */
  get processes(): readonly ProcessData[] {
    return this.#data.processes;
  }

  /** All metrics, in the order of definition. */
  get metrics(): readonly MetricData[] {
    return this.#data.metrics;
  }

  /**
   * The value of a counter, gauge or derived metric, in its own unit, or the index of a state;
   * `undefined` where there is none of that name with exactly these labels.
   */
  value(name: string, labels: Labels = {}): number | undefined {
    const series = this.#find(name, labels);
    return series !== undefined && 'value' in series ? series.value : undefined;
  }

  /**
   * The name of the state that a metric is in; `undefined` where there is no state of that name with
   * exactly these labels.
   */
  state(name: string, labels: Labels = {}): string | undefined {
    const series = this.#find(name, labels);
    return series !== undefined && 'state' in series ? series.state : undefined;
  }

  /**
   * The distribution of a histogram, in its own unit; an empty one where there is none of that name
   * with exactly these labels.
   */
  histogram(name: string, labels: Labels = {}): Distribution {
    const series = this.#find(name, labels);
    return new Distribution(
      series !== undefined && 'histogram' in series ? series.histogram : undefined,
    );
  }

  /**
   * What was added since an earlier snapshot of the same service: counters and histograms are
   * differences, gauges and states are as they are now. A series that is new, or that began again
   * because it was removed in between, counts whole. The smallest and largest value of an interval
   * are not known, unless it holds all there is: they are `null`. Derived metrics are computed from
   * the interval: a rate is that of the interval, a stopwatch counts by what it has gone on.
   *
   * @throws NanometerError `NANOMETER_INVALID_OPTION` for a snapshot of another service
   */
  since(before: Snapshot): Snapshot {
    if (before.service !== this.service) {
      throw new NanometerError(
        'NANOMETER_INVALID_OPTION',
        `since() needs a snapshot of the service ${show(this.service)}, not of ${show(before.service)}`,
      );
    }
    const metrics = this.metrics.map((metric) => ({
      ...metric,
      series: metric.series.map((series) =>
        metric.derive === undefined
          ? difference(metric.kind, series, before.#find(metric.name, series.labels))
          : this.#quotient(metric.derive, series.labels, before),
      ),
    }));
    return new Snapshot({ ...this.#data, metrics }, before.takenAtMs);
  }

  /**
   * The flows, in the order in which they were made. Of an interval: what they did in it, but for
   * states and readings, which are as they are at its end.
   */
  flows(): FlowSummary[] {
    return flowsOf(this.#data);
  }

  /** All that is known of the flow of that id; `undefined` where there is none. See `flows()`. */
  flow(id: string): FlowFigures | undefined {
    return flowOf(this.#data, id);
  }

  /** The data, as `JSON.stringify` wants it. */
  toJSON(): SnapshotData {
    return this.#data;
  }

  /** A series of a derived metric, of what was added since `before`. */
  #quotient(derive: Derive, labels: Labels, before: Snapshot): ValueSeries {
    const added = (name: string): number => {
      const now = this.value(name, labels) ?? 0;
      if (!this.#grows(name)) return now;
      const earlier = before.value(name, labels) ?? 0;
      return now < earlier ? now : now - earlier;
    };
    return { labels, value: quotient(derive, added(derive.numerator), added(derive.denominator)) };
  }

  /** Whether values of that metric are differences in an interval. */
  #grows(wanted: string): boolean {
    const metric = this.#data.metrics.find(({ name }) => name === wanted);
    return metric?.kind === 'counter' || metric?.elapsed === true;
  }

  #find(name: string, labels: Labels): SeriesData | undefined {
    if (this.#series === undefined) {
      this.#series = new Map();
      for (const metric of this.#data.metrics) {
        for (const series of metric.series) {
          this.#series.set(seriesKey(metric.name, series.labels), series);
        }
      }
    }
    return this.#series.get(seriesKey(name, labels));
  }
}

// JSON keeps names and values apart, whatever characters they have.
function seriesKey(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([name, ...pairs]);
}

function difference(kind: Kind, now: SeriesData, before: SeriesData | undefined): SeriesData {
  if (kind === 'gauge' || kind === 'state' || before === undefined) return now;
  if ('value' in now) {
    const earlier = 'value' in before ? before.value : 0;
    return now.value < earlier ? now : { labels: now.labels, value: now.value - earlier };
  }
  if (!('histogram' in before)) return now;
  const histogram = subtract(now.histogram, before.histogram);
  return histogram === undefined ? now : { labels: now.labels, histogram };
}

/** `undefined` where the later one is not a continuation of the earlier. */
function subtract(now: DistributionData, before: DistributionData): DistributionData | undefined {
  if (before.count === 0) return undefined;
  const counts = now.counts.map((count, i) => count - (before.counts[i] ?? 0));
  if (counts.some((count) => count < 0)) return undefined;
  const count = counts.reduce((total, n) => total + n, 0);
  // Rounding may leave a trace of a sum that nothing was added to, or take a little too much off.
  const sum = count === 0 ? 0 : Math.max(0, now.sum - before.sum);
  return { count, sum, min: null, max: null, bounds: now.bounds, counts };
}
