/** All series of one meter at one time: plain values that share nothing with its memory. */
import type { Definition } from '../definition/define';
import type { Level } from '../level';
import type { ExemplarData, MetricData, SeriesData, SnapshotData } from '../snapshot/snapshot-data';
import type { Catalogue, MergedFamily, MergedSeries } from './catalogue';
import type { Exemplar, ExemplarsOf } from './exemplars';
import { countOf, mergeParts, type MergedValue } from './merge';
import type { Computed } from './traces/counts';

/** The label of a family's overflow series, and its value. */
export const OVERFLOW_LABEL = ['otel_metric_overflow', 'true'] as const;

/** One series, read. */
export interface ReadSeries {
  /** Label values in the definition's order; `null` for the overflow series. */
  readonly values: readonly string[] | null;
  readonly value: MergedValue;
  /** By their places; not there where nobody asked, or nothing is known. */
  readonly exemplars?: readonly Exemplar[];
}

/** One metric, read. */
export interface ReadMetric {
  readonly definition: Definition;
  /** In the order of first use, the overflow series last. */
  readonly series: readonly ReadSeries[];
}

/** What a meter holds, read at one time. */
export interface Reading {
  readonly service: string;
  readonly takenAtMs: number;
  readonly startedAtMs: number;
  readonly level: Level;
  readonly resource: Readonly<Record<string, string>>;
  /** In the order of definition; reserved metrics only where they are switched on. */
  readonly metrics: readonly ReadMetric[];
}

// A reading during which series came or went is taken again, this often at most: in the end a
// series that has just been replaced may show a value of its successor.
const ATTEMPTS = 3;

/** How metrics are read. */
export interface ReadOptions {
  /** The time on the clock of the threads. */
  readonly nowNs: number;
  /** Metrics that take their values from here. */
  readonly computed: ReadonlyMap<string, Computed>;
  /** The names of those that are wanted, beside their operands; `undefined`: all. */
  readonly only: ReadonlySet<string> | undefined;
  /** What finds exemplars, where they are wanted. */
  readonly exemplars: ((families: readonly MergedFamily[]) => ExemplarsOf) | undefined;
}

/** Reads the metrics that are exported. Derived ones have no series yet: see `derived.ts`. */
export function readMetrics(catalogue: Catalogue, options: ReadOptions): ReadMetric[] {
  // Before the values, which then count every exemplar's.
  const exemplars = options.exemplars?.(catalogue.families());
  let metrics: ReadMetric[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { version } = catalogue;
    const shown = wanted(catalogue.families(), options.only).filter(({ enabled }) => enabled);
    metrics = shown.map((family) => readFamily(family, options, exemplars));
    if (catalogue.version === version) break;
  }
  return metrics;
}

function wanted(
  families: readonly MergedFamily[],
  only: ReadonlySet<string> | undefined,
): readonly MergedFamily[] {
  if (only === undefined) return families;
  const names = new Set(only);
  for (const { definition } of families) {
    if (definition.derive === null || !only.has(definition.name)) continue;
    names.add(definition.derive.numerator).add(definition.derive.denominator);
  }
  return families.filter(({ definition }) => names.has(definition.name));
}

/** What a snapshot is made of. Its JSON has the same keys in the same order as the native one. */
export function toData(reading: Reading): SnapshotData {
  const { service, takenAtMs, startedAtMs, level, metrics } = reading;
  return {
    service,
    takenAtMs,
    level,
    processes: [{ pid: process.pid, startedAtMs, alive: true }],
    metrics: metrics.map(({ definition, series }) => ({
      name: definition.name,
      kind: definition.kind,
      unit: definition.unit,
      help: definition.help,
      ...particulars(definition),
      series: series.map((one) => seriesData(definition, one)),
    })),
  };
}

/** The labels of a series as name and value, in the definition's order. */
export function labelPairs(
  definition: Definition,
  values: readonly string[] | null,
): (readonly [string, string])[] {
  if (values === null) return [OVERFLOW_LABEL];
  return definition.labels.map((name, index) => [name, values[index] ?? '']);
}

/** What only metrics of some kinds say of themselves. */
function particulars({
  aggregate,
  states,
  derive,
}: Definition): Pick<MetricData, 'elapsed' | 'states' | 'derive'> {
  if (aggregate === 'elapsed') return { elapsed: true };
  if (states !== null) return { states: states.names };
  if (derive === null) return {};
  const { numerator, denominator, factor } = derive;
  return { derive: { numerator, denominator, factor } };
}

function seriesData(
  definition: Definition,
  { values, value, exemplars = [] }: ReadSeries,
): SeriesData {
  const labels = Object.fromEntries(labelPairs(definition, values));
  const shown = exemplars.length > 0 && {
    exemplars: exemplars.map((exemplar) => exemplarData(definition, exemplar)),
  };
  if (typeof value === 'number') {
    const { states } = definition;
    return states === null
      ? { labels, value, ...shown }
      : { labels, value, state: states.names[value] ?? '' };
  }
  const { sum, min, max, counts } = value;
  const bounds = definition.buckets?.bounds ?? [];
  return { labels, histogram: { count: countOf(value), sum, min, max, bounds, counts }, ...shown };
}

function exemplarData({ kind }: Definition, { place, ...rest }: Exemplar): ExemplarData {
  const { value, traceId, spanId, atMs } = rest;
  return { ...(kind === 'histogram' && { bucket: place }), value, traceId, spanId, atMs };
}

function readFamily(
  family: MergedFamily,
  { nowNs, computed }: ReadOptions,
  exemplars: ExemplarsOf | undefined,
): ReadMetric {
  const { definition, overflow } = family;
  const compute = computed.get(definition.name);
  if (compute !== undefined) return { definition, series: computedSeries(compute()) };
  const read = (one: MergedSeries): ReadSeries & { recorded: boolean } => {
    const { value, recorded } = mergeParts(definition, one.parts, nowNs);
    const found = exemplars?.get(one);
    return { values: one.values, value, recorded, ...(found && { exemplars: found }) };
  };
  const series: ReadSeries[] = family.series.map(read);
  const last = overflow && read(overflow);
  if (last?.recorded === true) series.push(last);
  return { definition, series };
}

function computedSeries(value: ReturnType<Computed>): ReadSeries[] {
  if (typeof value === 'number') return [{ values: [], value }];
  return Object.entries(value).map(([label, each]) => ({ values: [label], value: each }));
}
