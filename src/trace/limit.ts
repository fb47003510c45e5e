/**
 * How many traces are promoted in a second, by all threads of the process together.
 *
 *     window   the second, by the clock, whose promotions are counted; the word after counts them.
 *              Who sees a later second swaps it in, and takes off the count what was there
 */
import type { Views } from '../backend/backend';
import { TRACING_MOST_PROMOTIONS, TRACING_WINDOW } from '../generated/layout';

const COUNT = TRACING_WINDOW + 1;
const NS_PER_SECOND = 1e9;

/** The limit, as one thread sees it. */
export class PromotionLimit {
  readonly #words: Int32Array;
  readonly #cells: Float64Array;
  readonly #clock: Float64Array;

  /** @param clock - the cell that the clock leaves the time in */
  constructor(shared: Views, clock: Float64Array) {
    this.#words = shared.words;
    this.#cells = shared.cells;
    this.#clock = clock;
  }

  /** Whether one more is allowed, which it then counts. The clock was read not long ago. */
  allows(): boolean {
    const most = this.#cells[TRACING_MOST_PROMOTIONS]!;
    if (most === Infinity) return true;
    const words = this.#words;
    const second = (this.#clock[0]! / NS_PER_SECOND) | 0;
    const seen = Atomics.load(words, TRACING_WINDOW);
    // A thread that read its clock just before the second began counts in the one that has begun.
    const isOther = second !== seen && second !== ((seen - 1) | 0);
    const before = Atomics.load(words, COUNT);
    if (isOther && Atomics.compareExchange(words, TRACING_WINDOW, seen, second) === seen) {
      // Not to 0: what others have been allowed meanwhile is of the second that has begun.
      Atomics.sub(words, COUNT, before);
    }
    // The count does not run round while a storm is refused.
    if (Atomics.load(words, COUNT) >= most) return false;
    return Atomics.add(words, COUNT, 1) < most;
  }
}
