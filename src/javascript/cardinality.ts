/** How many series there are, and where most of them are. */
import { CELLS_PER_BLOCK } from '../generated/layout';
import type { MergedFamily } from './catalogue';
import { blockOf } from './lanes';

/** The series of one family. */
export interface FamilyCardinality {
  readonly name: string;
  readonly series: number;
  /** The bound of an open family; else `null`. */
  readonly maxSeries: number | null;
  /** Label sets that were sent to its overflow series. */
  readonly overflowed: number;
}

/** The series of a meter. */
export interface Cardinality {
  readonly series: number;
  /** The families with the most series, the largest first. */
  readonly families: readonly FamilyCardinality[];
  /** Label sets that were sent to an overflow series. */
  readonly overflowed: number;
}

const FAMILIES_SHOWN = 20;

/** Counts the series of all families. */
export function cardinalityOf(families: readonly MergedFamily[]): Cardinality {
  const all = families.map(({ definition, series, overflowed }) => ({
    name: definition.name,
    series: series.length,
    maxSeries: definition.maxSeries,
    overflowed: total(
      overflowed.map(
        ({ lane, position }) => lane.cells(blockOf(position))[position % CELLS_PER_BLOCK]!,
      ),
    ),
  }));
  return {
    series: total(all.map(({ series }) => series)),
    families: all.toSorted((a, b) => b.series - a.series).slice(0, FAMILIES_SHOWN),
    overflowed: total(all.map(({ overflowed }) => overflowed)),
  };
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
