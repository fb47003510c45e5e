/**
 * Which bucket a value falls into: a table indexed by the value's exponent and first mantissa bits
 * gives the first bucket that any value of that cell can have, and a compare or two the exact one.
 *
 *     value    s eeeeeeeeeee mmmmmmmmmmmmmmmmmmmm | mmmm…        the high word of a float64
 *                └──────── >>> shift ───────┘                    cell = that - offset
 *     table    cell → the first bucket whose bound is not below the cell's least value
 *
 * 25 bounds: 3.6 ns with its record, against 7.3 by binary search (PERFORMANCE.md).
 */

/** What a record needs to find its bucket; shared by all series with the same bounds. */
export interface Search {
  /** Upper bounds, inclusive, ascending. */
  readonly bounds: Float64Array;
  /** The least bound above 0: at or below it the table has no say. */
  readonly least: number;
  /** The last bound. */
  readonly most: number;
  /** By cell: the first bucket that it reaches into. */
  readonly table: Uint16Array;
  /** What the first cell's number is, before `offset` is taken off. */
  readonly offset: number;
  /** How far the high word is shifted right to be a cell's number: 20 less the mantissa bits. */
  readonly shift: number;
}

// One place to take a float64 apart. A thread has its own: module state is by realm, and nothing
// between the store and the load can run other code.
/** Store a value at 0, then read {@link highWord} of {@link words}. */
export const scratch = new Float64Array(1);
/** The two words of {@link scratch}. */
export const words = new Uint32Array(scratch.buffer);
/** Where the sign, exponent and first mantissa bits are: 1 on little-endian processors. */
export const highWord = ((): 0 | 1 => {
  scratch[0] = 1;
  return words[1] === 0 ? 0 : 1;
})();

const MANTISSA_BITS_OF_HIGH_WORD = 20;
// More cells than this leave the cache for nothing; beyond it the compares go on a little longer.
const MOST_CELLS = 4_096;
// A value may have to pass this many bounds inside its cell; then one compare more ends the search.
const BOUNDS_IN_A_CELL = 1;

/** The search for these bounds: finite, not negative, ascending, at least one. Cold. */
export function makeSearch(list: readonly number[]): Search {
  const bounds = Float64Array.from(list);
  const most = bounds[bounds.length - 1] ?? 0;
  const least = bounds.find((bound) => bound > 0) ?? most;
  let best = makeTable(bounds, least, most, 0);
  for (let bits = 1; best.crowd > BOUNDS_IN_A_CELL && bits <= MANTISSA_BITS_OF_HIGH_WORD; bits++) {
    const finer = makeTable(bounds, least, most, bits);
    if (finer.table.length > MOST_CELLS) break;
    best = finer;
  }
  const { table, offset, shift } = best;
  return { bounds, least, most, table, offset, shift };
}

/** As the record does it, for a value that is not negative and not NaN. */
export function findBucket(search: Search, value: number): number {
  if (value <= search.least) return value > (search.bounds[0] as number) ? 1 : 0;
  if (value > search.most) return search.bounds.length;
  scratch[0] = value;
  const cell = ((words[highWord] as number) >>> search.shift) - search.offset;
  let bucket = search.table[cell] as number;
  while (value > (search.bounds[bucket] as number)) bucket++;
  return bucket;
}

interface Table {
  readonly table: Uint16Array;
  readonly offset: number;
  readonly shift: number;
  /** The most bounds within one cell: what a value may have to pass. */
  readonly crowd: number;
}

function makeTable(bounds: Float64Array, least: number, most: number, bits: number): Table {
  const shift = MANTISSA_BITS_OF_HIGH_WORD - bits;
  const offset = cellNumber(least, shift);
  const cells = cellNumber(most, shift) - offset + 1;
  if (cells > MOST_CELLS) return { table: new Uint16Array(cells), offset, shift, crowd: 0 };
  const table = new Uint16Array(cells);
  let crowd = 0;
  let bucket = 0;
  for (let cell = 0; cell < cells; cell++) {
    while ((bounds[bucket] as number) < leastOf(offset + cell, shift)) bucket++;
    table[cell] = bucket;
    let next = bucket;
    const end = leastOf(offset + cell + 1, shift);
    while (next < bounds.length && (bounds[next] as number) < end) next++;
    crowd = Math.max(crowd, next - bucket);
  }
  return { table, offset, shift, crowd };
}

function cellNumber(value: number, shift: number): number {
  scratch[0] = value;
  return (words[highWord] as number) >>> shift;
}

/** The least value of a cell. */
function leastOf(number: number, shift: number): number {
  words[1 - highWord] = 0;
  words[highWord] = number << shift;
  return scratch[0] as number;
}
