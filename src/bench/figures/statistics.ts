/** simple-statistics, which has types for ES modules only and code for both kinds. */
import type * as Statistics from 'simple-statistics' with { 'resolution-mode': 'import' };

const statistics = require('simple-statistics') as typeof Statistics;

/** Half the spread of the middle half of values, of their median; 0 where there is none. */
export function spreadOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = median(values);
  return middle === 0 ? 0 : Math.abs(statistics.interquartileRange([...values]) / 2 / middle);
}

/** The median; `null` where there are no values. */
export function medianOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : median(values);
}

export const { cumulativeStdNormalProbability, median, quantileSorted } = statistics;
