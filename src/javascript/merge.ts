/** Many lanes, one value: how the cells of a series add up. */
import type { Definition } from '../definition/define';
import {
  CELLS_PER_BLOCK,
  HISTOGRAM_HEAD_CELLS,
  HISTOGRAM_MAX,
  HISTOGRAM_NEGATED_MIN,
  HISTOGRAM_SUM,
} from '../generated/layout';
import type { Part } from './catalogue';
import { blockOf } from './lanes';
import { hasReading, mergeReadings } from './readings';

/** The value of a histogram; bounds are those of the definition. */
export interface Distribution {
  /** Values in each bucket, not cumulative: one more than there are bounds. */
  readonly counts: number[];
  readonly sum: number;
  /** `null` while there is no value. */
  readonly min: number | null;
  /** `null` while there is no value. */
  readonly max: number | null;
}

/** A value, merged across lanes. */
export type MergedValue = number | Distribution;

/** The value of a series, and whether anything has been recorded into it. */
export interface Merged {
  readonly value: MergedValue;
  readonly recorded: boolean;
}

/**
 * Adds up the cells of one series in all the lanes that have it.
 *
 * @param nowNs - the time on the clock of the threads
 */
export function mergeParts(definition: Definition, parts: readonly Part[], nowNs: number): Merged {
  if (definition.kind === 'histogram') return mergeHistogram(definition, parts);
  const value = mergeNumber(definition, parts, nowNs);
  return { value, recorded: definition.kind === 'counter' ? value !== 0 : hasReading(parts) };
}

/**
 * As `mergeParts`, of what is one number: a counter, a gauge, the index of a state. NaN for
 * anything else. Allocates nothing.
 */
export function mergeNumber(definition: Definition, parts: readonly Part[], nowNs: number): number {
  switch (definition.kind) {
    case 'counter':
      return sum(parts);
    case 'gauge':
    case 'state':
      return mergeReadings(definition, parts, nowNs);
    case 'histogram':
    case 'derived':
      return NaN;
  }
}

/** How many values a histogram holds: the sum of its buckets, so that the two never disagree. */
export function countOf({ counts }: Distribution): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function sum(parts: readonly Part[]): number {
  let value = 0;
  for (const { lane, position } of parts) {
    value += lane.cells(blockOf(position))[position % CELLS_PER_BLOCK]!;
  }
  return value;
}

function mergeHistogram(definition: Definition, parts: readonly Part[]): Merged {
  const buckets = (definition.buckets?.bounds.length ?? 0) + 1;
  const counts = new Array<number>(buckets).fill(0);
  let sum = 0;
  let min: number | null = null;
  let max: number | null = null;
  let recorded = false;
  for (const { lane, position } of parts) {
    const cells = lane.cells(blockOf(position));
    const head = position % CELLS_PER_BLOCK;
    let any = false;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const count = cells[head + HISTOGRAM_HEAD_CELLS + bucket]!;
      if (count === 0) continue;
      counts[bucket]! += count;
      any = true;
    }
    recorded ||= any;
    sum += cells[head + HISTOGRAM_SUM]!;
    const negatedMin = cells[head + HISTOGRAM_NEGATED_MIN]!;
    // Another thread may be between its bucket and its extremes.
    if (!any || Object.is(negatedMin, 0)) continue;
    const laneMax = cells[head + HISTOGRAM_MAX]!;
    min = min === null ? -negatedMin : Math.min(min, -negatedMin);
    max = max === null ? laneMax : Math.max(max, laneMax);
  }
  return { value: { counts, sum, min, max }, recorded };
}
