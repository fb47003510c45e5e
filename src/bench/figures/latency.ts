/** The latencies of many rounds as one distribution, and what is read from it. */
import { Distribution, type DistributionData } from '../../snapshot/distribution';
import type { LatencyFigures } from '../report';

/** All values of distributions with the same bounds; those of a round with none are left out. */
export function mergedOf(distributions: readonly DistributionData[]): DistributionData {
  const filled = distributions.filter((distribution) => distribution.count > 0);
  const [first] = filled;
  if (first === undefined) return new Distribution();
  const counts = first.counts.map(() => 0);
  for (const each of filled) {
    for (const [bucket, inside] of each.counts.entries()) counts[bucket]! += inside;
  }
  return {
    count: filled.reduce((total, each) => total + each.count, 0),
    sum: filled.reduce((total, each) => total + each.sum, 0),
    min: extreme(
      filled.map((each) => each.min),
      Math.min,
    ),
    max: extreme(
      filled.map((each) => each.max),
      Math.max,
    ),
    bounds: first.bounds,
    counts,
  };
}

/** Figures of a distribution. */
export function latencyOf(data: DistributionData): LatencyFigures {
  const distribution = new Distribution(data);
  const isEmpty = distribution.count === 0;
  const at = (q: number): number | null => (isEmpty ? null : distribution.quantile(q));
  return {
    p50Ns: at(0.5),
    p90Ns: at(0.9),
    p95Ns: at(0.95),
    p99Ns: at(0.99),
    p999Ns: at(0.999),
    maxNs: distribution.max ?? at(1),
    meanNs: isEmpty ? null : distribution.mean,
  };
}

/** Known only where it is known of all. */
function extreme(
  values: readonly (number | null)[],
  pick: (...known: number[]) => number,
): number | null {
  return values.reduce((a, b) => (a === null || b === null ? null : pick(a, b)));
}
