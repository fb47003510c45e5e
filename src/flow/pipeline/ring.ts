/**
 * A queue of elements' times, in a ring that doubles as it is needed: numbers only, nothing is
 * allocated for an element.
 */

const FIRST_CAPACITY = 16;
const WIDTH = 3;

/** Elements that wait, the oldest first. */
export class Ring {
  /** How many there are. */
  size = 0;
  #cells = new Float64Array(FIRST_CAPACITY * WIDTH);
  #mask = FIRST_CAPACITY - 1;
  #head = 0;

  /** When the first one left the source: nanoseconds. */
  get originNs(): number {
    return this.#cells[this.#head * WIDTH]!;
  }

  /** When the first one came here: nanoseconds. */
  get enteredNs(): number {
    return this.#cells[this.#head * WIDTH + 1]!;
  }

  /** How much of a buffer the first one fills: 1 in object mode. */
  get units(): number {
    return this.#cells[this.#head * WIDTH + 2]!;
  }

  /** Puts one at the end. */
  push(originNs: number, enteredNs: number, units: number): void {
    if (this.size > this.#mask) this.#grow();
    const cells = this.#cells;
    const at = ((this.#head + this.size) & this.#mask) * WIDTH;
    cells[at] = originNs;
    cells[at + 1] = enteredNs;
    cells[at + 2] = units;
    this.size++;
  }

  /** Drops the first one; there must be one. */
  shift(): void {
    this.#head = (this.#head + 1) & this.#mask;
    this.size--;
  }

  /** Leaves the first one less of a buffer; there must be one. */
  shrink(units: number): void {
    this.#cells[this.#head * WIDTH + 2]! -= units;
  }

  clear(): void {
    this.size = 0;
  }

  #grow(): void {
    const capacity = (this.#mask + 1) * 2;
    const cells = new Float64Array(capacity * WIDTH);
    const from = this.#head * WIDTH;
    cells.set(this.#cells.subarray(from));
    cells.set(this.#cells.subarray(0, from), this.#cells.length - from);
    this.#cells = cells;
    this.#mask = capacity - 1;
    this.#head = 0;
  }
}
