/**
 * What a thread that runs a pipeline is at, in memory that the main thread reads too: so that a
 * component has a name when the thread hangs, exits or breaks, and can say nothing any more.
 *
 *     stop | ended | current | at the source | in component 0 | … | in component 254
 *
 * `current` is the place whose code runs right now, and the rest count what goes on beyond a call:
 * elements whose promise is not settled. A *place* is 0 for the source, and `i + 1` for component `i`.
 */

/** Not 0: the main thread wants the round to end. */
export const STOP = 0;
/** How many elements have ended; wraps. */
export const ENDED = 1;
/** The place at work, plus 1; 0 where none is. */
export const CURRENT = 2;
/** Where counts by place begin. */
export const PLACES = 3;

/** The place of the source. */
export const SOURCE = 0;

const MOST_PLACES = 256;

/** Memory for one thread. */
export type Board = Int32Array;

/** Makes one, for the main thread to hand on. */
export function makeBoard(): Board {
  return new Int32Array(
    new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (PLACES + MOST_PLACES)),
  );
}

/** The places that are at work: the one whose code runs, else those that are waited for. */
export function placesAtWork(board: Board): number[] {
  const current = Atomics.load(board, CURRENT);
  if (current > 0) return [current - 1];
  const places: number[] = [];
  for (let place = 0; place < MOST_PLACES; place++) {
    if (Atomics.load(board, PLACES + place) > 0) places.push(place);
  }
  return places;
}
