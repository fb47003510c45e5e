/**
 * Figures of chunks, recorded some at a time: where chunks follow each other without a pause, each
 * costs a store. What is open is recorded as soon as the running code has returned, so that nothing
 * is missing but what the turn of the event loop that runs now has done.
 */

const CAPACITY = 64;
const LAST = CAPACITY - 1;

const settled = Promise.resolve();

/** Figures of one kind, and, if it has them, a second one of each. */
export class Batch {
  readonly #values = new Float64Array(CAPACITY);
  readonly #seconds: Float64Array;
  readonly #batches: Batches;
  readonly #record: (values: Float64Array, count: number, seconds: Float64Array) => void;
  #count = 0;

  constructor(
    batches: Batches,
    record: (values: Float64Array, count: number, seconds: Float64Array) => void,
    isPaired: boolean,
  ) {
    this.#batches = batches;
    this.#record = record;
    this.#seconds = new Float64Array(isPaired ? CAPACITY : 0);
  }

  /** Adds a figure. */
  add(value: number): void {
    const at = this.#count;
    this.#values[at] = value;
    this.#count = at + 1;
    if (at === 0 || at === LAST) this.#turn(at);
  }

  /** Adds a figure and a second one. */
  addPair(value: number, second: number): void {
    const at = this.#count;
    this.#values[at] = value;
    this.#seconds[at] = second;
    this.#count = at + 1;
    if (at === 0 || at === LAST) this.#turn(at);
  }

  /** Records what there is. */
  flush(isClosed: boolean): void {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    if (!isClosed) this.#record(this.#values, count, this.#seconds);
  }

  #turn(at: number): void {
    if (at === 0) this.#batches.open();
    else this.flush(this.#batches.isClosed);
  }
}

/** The figures of one pipeline. */
export class Batches {
  readonly #onFlush: () => void;
  readonly #all: Batch[] = [];
  readonly #others: (() => void)[] = [];
  #isOpen = false;
  #isClosed = false;

  /** @param onFlush - called before what has been added is recorded */
  constructor(onFlush: () => void) {
    this.#onFlush = onFlush;
  }

  readonly #flush = (): void => {
    this.#onFlush();
    this.#isOpen = false;
    this.#flushAll();
  };

  /** Makes a batch of figures. */
  make(record: (values: Float64Array, count: number) => void): Batch {
    const batch = new Batch(this, record, false);
    this.#all.push(batch);
    return batch;
  }

  /** Makes a batch of pairs of figures. */
  makePaired(record: (a: Float64Array, count: number, b: Float64Array) => void): Batch {
    const batch = new Batch(this, record, true);
    this.#all.push(batch);
    return batch;
  }

  /** Calls a function, too, whenever what has been added is recorded. */
  also(record: () => void): void {
    this.#others.push(record);
  }

  /** Whether something has been added in this turn of the event loop, or one just before. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Something has been added: it is recorded when the running code has returned. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    void settled.then(this.#flush);
  }

  /** Records what there is, and nothing more. */
  close(): void {
    this.#flushAll();
    this.#isClosed = true;
  }

  #flushAll(): void {
    for (const batch of this.#all) batch.flush(this.#isClosed);
    if (!this.#isClosed) for (const record of this.#others) record();
  }
}
