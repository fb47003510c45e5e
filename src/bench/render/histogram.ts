/** A distribution of times as bars of block characters. */
import type { DistributionData } from '../../snapshot/distribution';
import { percent, time } from './units';

/** Bounds of the rows in each power of ten, the finest last; the finest that is short is taken. */
const SERIES: readonly (readonly number[])[] = [
  [1],
  [1, 2, 5],
  [1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8],
  Array.from({ length: 90 }, (_, i) => 1 + i / 10),
];
/** Five powers of ten at 1, 2 and 5. */
const MOST_ROWS = 16;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** One line for each range of times. @param width - of the longest bar, characters */
export function histogramOf(distribution: DistributionData, width: number): string[] {
  const filled = [...distribution.counts.keys()].filter(
    (bucket) => distribution.counts[bucket]! > 0,
  );
  if (filled.length === 0) return [];
  const { bounds } = distribution;
  const low = bounds[filled[0]! - 1] ?? 0;
  const high = distribution.max ?? bounds[filled.at(-1)!] ?? bounds.at(-1)!;
  const edges = edgesOf(Math.max(low, distribution.min ?? 1, 1), high);
  const shares = edges.slice(1).map((edge, i) => {
    const below = i === 0 ? 0 : shareBelow(distribution, edges[i]!);
    return (i === edges.length - 2 ? 1 : shareBelow(distribution, edge)) - below;
  });
  const most = Math.max(...shares);
  const labels = edges.slice(0, -1).map((edge, i) => `${time(edge)} – ${time(edges[i + 1]!)}`);
  const widest = Math.max(...labels.map((label) => label.length));
  return shares.map((share, i) => {
    const bar = barOf((share / most) * width).padEnd(width);
    return `${labels[i]!.padStart(widest)} ${bar} ${percent(share).padStart(6)}`;
  });
}

function edgesOf(low: number, high: number): number[] {
  const choices = SERIES.map((series) => edgesIn(series, low, high));
  return choices.findLast((edges) => edges.length <= MOST_ROWS + 1) ?? choices[0]!;
}

/** From the last at or below `low` to the first above `high`. */
function edgesIn(series: readonly number[], low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const decades = Math.floor(Math.log10(Math.max(low, high))) - first + 2;
  const all = Array.from({ length: decades }, (_, i) =>
    series.map((step) => step * 10 ** (first + i)),
  ).flat();
  const from = all.findLastIndex((edge) => edge <= low);
  const to = all.findIndex((edge) => edge > high);
  return all.slice(Math.max(from, 0), to + 1);
}

/** The share of values at or below one; within a bucket they are taken as spread evenly. */
function shareBelow({ count, counts, bounds }: DistributionData, value: number): number {
  let below = 0;
  for (const [bucket, inside] of counts.entries()) {
    const from = bounds[bucket - 1] ?? 0;
    const to = bounds[bucket] ?? Infinity;
    if (to <= value) below += inside;
    else return (below + (from < value ? inside * ((value - from) / (to - from)) : 0)) / count;
  }
  return 1;
}

function barOf(eighthsAndMore: number): string {
  const eighths = Math.round(eighthsAndMore * 8);
  return '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7]!;
}
