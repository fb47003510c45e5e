/**
 * The elements in flight of one flow, in this thread: a slot of numbers for each, no objects, so
 * that an element which its program forgets is a slot and not a leak.
 *
 *     numbers   slot 0: start | left the last component | queued since, for each stream |
 *               at work since, for each component | id of its span, for each component
 *               slot 1: …                                       nanoseconds of the clock; 0 is "not"
 *     generations   of each slot: goes up when it is given back, so that who held it holds nothing
 *     entries       of each slot: its entry in the tracer's open table
 *     free          a stack of slots that are not in use
 *
 * The table doubles as it is needed, up to its limit; past it an old element gives way.
 */

/** No slot. */
export const NO_SLOT = -1;
/** Among a slot's numbers: when the element left the last component. */
export const EXIT = 1;
/** Among a slot's numbers: the first of those of the streams. */
export const FIRST_STREAM = 2;

const FIRST_CAPACITY = 64;
/** How many slots are looked at for the oldest, when one must give way: all would take too long. */
const LOOKED_AT = 64;

/** The slots of a flow's elements. */
export class Slots {
  /** Numbers of a slot. */
  readonly width: number;
  /** The numbers of all slots; replaced when the table grows: do not keep it. */
  numbers: Float64Array;
  /** How often each slot has been given back; replaced when the table grows. */
  generations: Int32Array;
  /** The tracer's entry of each slot in use; replaced when the table grows. */
  entries: Int32Array;
  /** How many slots are in use. */
  used = 0;
  readonly #limit: number;
  #free: Int32Array;
  /** Slots below it have been in use. */
  #touched = 0;
  #hand = 0;

  /**
   * @param width - numbers of a slot
   * @param limit - the most slots in use at a time
   */
  constructor(width: number, limit: number) {
    this.width = width;
    this.#limit = limit;
    this.numbers = new Float64Array(FIRST_CAPACITY * width);
    this.generations = new Int32Array(FIRST_CAPACITY);
    this.entries = new Int32Array(FIRST_CAPACITY);
    this.#free = new Int32Array(FIRST_CAPACITY);
  }

  /** Whether a slot must be given back before the next `take`. */
  get isFull(): boolean {
    return this.used === this.#limit;
  }

  /** A slot whose numbers are all 0 but the first, which is `start[0]`; it must not be full. */
  take(start: Float64Array): number {
    const vacant = this.#touched - this.used;
    const slot = vacant > 0 ? this.#free[vacant - 1]! : this.#touch();
    this.used++;
    this.numbers[slot * this.width] = start[0]! || 1;
    return slot;
  }

  /** Gives a slot back whose numbers are all 0 but the first. */
  giveBack(slot: number): void {
    this.generations[slot]! += 1;
    this.numbers[slot * this.width] = 0;
    this.#free[this.#touched - this.used] = slot;
    this.used--;
  }

  /** The slot that has been in use for longest, or {@link NO_SLOT}. Looks at all: cold. */
  oldest(): number {
    return this.used === 0 ? NO_SLOT : this.#oldestOf(0, this.#touched);
  }

  /** The oldest of some slots, others each time: one to give way. The table must be full. */
  old(): number {
    const begin = this.#hand;
    const end = Math.min(begin + LOOKED_AT, this.#touched);
    this.#hand = end === this.#touched ? 0 : end;
    return this.#oldestOf(begin, end);
  }

  #oldestOf(begin: number, end: number): number {
    let oldest = NO_SLOT;
    let startNs = Infinity;
    for (let slot = begin; slot < end; slot++) {
      const since = this.numbers[slot * this.width]!;
      if (since === 0 || since >= startNs) continue;
      oldest = slot;
      startNs = since;
    }
    return oldest;
  }

  #touch(): number {
    const capacity = this.generations.length;
    if (this.#touched === capacity) {
      this.numbers = widened(this.numbers, new Float64Array(2 * capacity * this.width));
      this.generations = widened(this.generations, new Int32Array(2 * capacity));
      this.entries = widened(this.entries, new Int32Array(2 * capacity));
      this.#free = widened(this.#free, new Int32Array(2 * capacity));
    }
    return this.#touched++;
  }
}

function widened<A extends Float64Array | Int32Array>(list: A, wide: A): A {
  wide.set(list);
  return wide;
}
