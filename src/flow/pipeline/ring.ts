/**
 * A queue of elements' times, in a ring that doubles as it is needed: numbers only, nothing is
 * allocated for an element.
 */

const FIRST_CAPACITY = 32;

/** Elements that wait, the oldest first: when each left the source, and when it came here. */
export class Ring {
  /** How many there are. */
  size = 0;
  #origins = new Float64Array(FIRST_CAPACITY);
  #entered = new Float64Array(FIRST_CAPACITY);
  #mask = FIRST_CAPACITY - 1;
  #head = 0;

  /** When the first one left the source: nanoseconds. */
  get originNs(): number {
    return this.#origins[this.#head]!;
  }

  /** When the first one came here: nanoseconds. */
  get enteredNs(): number {
    return this.#entered[this.#head]!;
  }

  /** Puts one at the end. */
  push(originNs: number, enteredNs: number): void {
    if (this.size > this.#mask) this.#grow();
    const at = (this.#head + this.size++) & this.#mask;
    this.#origins[at] = originNs;
    this.#entered[at] = enteredNs;
  }

  /** Drops the first one; there must be one. */
  shift(): void {
    this.#head = (this.#head + 1) & this.#mask;
    this.size--;
  }

  clear(): void {
    this.size = 0;
  }

  #grow(): void {
    const length = this.size * 2;
    this.#origins = widened(this.#origins, this.#head, length);
    this.#entered = widened(this.#entered, this.#head, length);
    this.#mask = length - 1;
    this.#head = 0;
  }
}

/** The numbers from `head` on and round, at the beginning of a longer list. */
function widened(numbers: Float64Array, head: number, length: number): Float64Array<ArrayBuffer> {
  const wide = new Float64Array(length);
  wide.set(numbers.subarray(head));
  wide.set(numbers.subarray(0, head), numbers.length - head);
  return wide;
}
