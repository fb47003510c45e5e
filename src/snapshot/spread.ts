/** How the values of a histogram are spread, as plain numbers for JSON. */
import type { Distribution } from './distribution';

/** Three quantiles, `null` where there are no values. */
export interface Quantiles {
  /** Half of the values are at or below it. */
  readonly p50: number | null;
  /** Nine in ten are. */
  readonly p90: number | null;
  /** 99 in a hundred are. */
  readonly p99: number | null;
}

/** Values in short, in the unit of their histogram: `null` where there are none. */
export interface Spread extends Quantiles {
  /** How many there are. */
  readonly count: number;
  /** Their mean. */
  readonly mean: number | null;
  /** The smallest; `null` also where it is not known, as in an interval. */
  readonly min: number | null;
  /** The largest; `null` also where it is not known. */
  readonly max: number | null;
}

/** The quantiles of a distribution. */
export function quantilesOf(distribution: Distribution): Quantiles {
  const at = (fraction: number): number | null =>
    distribution.count === 0 ? null : distribution.quantile(fraction);
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

/** A distribution in short. */
export function spreadOf(distribution: Distribution): Spread {
  const { count, mean, min, max } = distribution;
  return { count, mean: count === 0 ? null : mean, min, max, ...quantilesOf(distribution) };
}
