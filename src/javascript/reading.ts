/** All series of one meter at one time: plain values that share nothing with its memory. */
import type { Definition } from '../define';
import type { Level } from '../level';
import type { Catalogue, MergedFamily, MergedSeries } from './catalogue';
import { countOf, type Distribution, mergeParts, type MergedValue } from './merge';

/** The label of a family's overflow series, and its value. */
export const OVERFLOW_LABEL = ['otel_metric_overflow', 'true'] as const;

/** One series, read. */
export interface ReadSeries {
  /** Label values in the definition's order; `null` for the overflow series. */
  readonly values: readonly string[] | null;
  readonly value: MergedValue;
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

/** Reads every metric that is exported. Gauges of `computed` take their value from there. */
export function readMetrics(
  catalogue: Catalogue,
  computed: ReadonlyMap<string, () => number>,
): ReadMetric[] {
  let metrics: ReadMetric[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { version } = catalogue;
    const shown = catalogue.families().filter(({ enabled }) => enabled);
    metrics = shown.map((family) => readFamily(family, computed.get(family.definition.name)));
    if (catalogue.version === version) break;
  }
  return metrics;
}

/** The JSON of a snapshot, in the shape of `SnapshotData`. */
export function toJson(reading: Reading): string {
  const { service, takenAtMs, startedAtMs, level, metrics } = reading;
  return JSON.stringify({
    service,
    takenAtMs,
    level,
    processes: [{ pid: process.pid, startedAtMs, alive: true }],
    metrics: metrics.map(({ definition, series }) => ({
      name: definition.name,
      kind: definition.kind,
      unit: definition.unit,
      help: definition.help,
      series: series.map(({ values, value }) => {
        const labels = Object.fromEntries(labelPairs(definition, values));
        if (typeof value === 'number') return { labels, value };
        return { labels, histogram: histogramJson(definition, value) };
      }),
    })),
  });
}

/** The labels of a series as name and value, in the definition's order. */
export function labelPairs(
  definition: Definition,
  values: readonly string[] | null,
): (readonly [string, string])[] {
  if (values === null) return [OVERFLOW_LABEL];
  return definition.labels.map((name, index) => [name, values[index] ?? '']);
}

function histogramJson(definition: Definition, value: Distribution): object {
  const { sum, min, max, counts } = value;
  return { count: countOf(value), sum, min, max, bounds: definition.buckets?.bounds ?? [], counts };
}

function readFamily(family: MergedFamily, computed: (() => number) | undefined): ReadMetric {
  const { definition, overflow } = family;
  if (computed !== undefined) return { definition, series: [{ values: [], value: computed() }] };
  const read = ({ values, parts }: MergedSeries): ReadSeries & { recorded: boolean } => {
    const { value, recorded } = mergeParts(definition, parts);
    return { values, value, recorded };
  };
  const series: ReadSeries[] = family.series.map(read);
  const last = overflow && read(overflow);
  if (last?.recorded === true) series.push(last);
  return { definition, series };
}
