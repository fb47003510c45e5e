/** A snapshot as a table for people. */
import { plainTable, rendered } from '../../bench/render/plain-table';
import { size, time } from '../../bench/render/units';
import { Distribution } from '../../snapshot/distribution';
import type { Labels, MetricData, SeriesData, SnapshotData } from '../../snapshot/snapshot-data';
import type { Colours } from '../colours';

const HEAD = ['metric', 'kind', 'labels', 'value', 'p50', 'p99'] as const;
const ALIGNED = ['left', 'left', 'left', 'right', 'right', 'right'] as const;
/** One row a series; of a histogram the value is how many it has counted. */
export function tableOf({ metrics }: SnapshotData, colours: Colours): string {
  const table = plainTable({ head: HEAD.map(colours.dim), colAligns: [...ALIGNED] }, [0, 2]);
  for (const metric of metrics) {
    for (const series of metric.series) {
      table.push([
        colours.bold(metric.name),
        metric.kind,
        labelsOf(series.labels),
        ...valuesOf(metric, series),
      ]);
    }
  }
  return rendered(table);
}

function valuesOf({ unit }: MetricData, series: SeriesData): [string, string, string] {
  if ('state' in series) return [printable(series.state), '', ''];
  if ('value' in series) return [inUnit(series.value, unit), '', ''];
  const distribution = new Distribution(series.histogram);
  const quantile = (q: number): string =>
    distribution.count === 0 ? '' : inUnit(distribution.quantile(q), unit);
  return [inUnit(distribution.count, ''), quantile(0.5), quantile(0.99)];
}

function labelsOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${printable(value)}`);
  return pairs.join(' ');
}

/** What another process has as a value is no command to a terminal. */
function printable(text: string): string {
  return /^[^\p{C}\s"]+$/u.test(text)
    ? text
    : JSON.stringify(text).replaceAll(/[\p{C}]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);
}

/** As people read it; the exact value is what `--json` gives. */
function inUnit(value: number, unit: string): string {
  if (unit === 'ns') return time(value);
  if (unit === 'By') return size(value);
  const plain = value.toLocaleString('en-US', { maximumFractionDigits: 3 });
  return unit === '' || unit.startsWith('{') ? plain : `${plain} ${unit}`;
}
