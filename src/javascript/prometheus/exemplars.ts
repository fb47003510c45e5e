/**
 * Exemplars behind samples of OpenMetrics: ` # {trace_id="…",span_id="…"} value timestamp`. The twin
 * of `crates/export/src/encode/exemplars.rs`.
 */
import type { ReadSeries } from '../reading';
import type { Member } from './families';
import { formatValue } from './numbers';
import { applyScale } from './units';

/** What ends the line of a place: of a bucket, or the 0 of a counter. */
export type ExemplarWriter = (place: number) => string;

/** Those of a series. Labels are of 63 code points, names included; 128 are allowed. */
export function exemplarWriter(
  { metric, scale }: Member,
  { exemplars = [] }: ReadSeries,
): ExemplarWriter {
  if (exemplars.length === 0) return noExemplars;
  const bounds = metric.definition.buckets?.bounds ?? [];
  return (place) => {
    const exemplar = exemplars.find((one) => one.place === place);
    if (exemplar === undefined) return '';
    const value = applyScale(scale, exemplar.value);
    const below = bounds[place - 1];
    // In another unit, a value just above a bound may be the bound, and in the bucket below.
    if (below !== undefined && value <= applyScale(scale, below)) return '';
    const { traceId, spanId, atMs } = exemplar;
    // Unix seconds, to the millisecond: a float64 has no digits for less.
    const at = formatValue(Math.round(atMs) / 1e3);
    return ` # {trace_id="${traceId}",span_id="${spanId}"} ${formatValue(value)} ${at}`;
  };
}

/** What ends lines where there are none. */
export function noExemplars(): string {
  return '';
}
