/**
 * Figures of chunks, recorded some at a time: where chunks follow each other without a pause, each
 * costs a store. What is open is recorded as soon as the running code has returned, so that nothing
 * is missing but what the turn of the event loop that runs now has done.
 */

const CAPACITY = 64;

type Recorder = (values: Float64Array, count: number) => void;

const settled = Promise.resolve();

/** Figures of one kind. */
export class Batch {
  readonly #values = new Float64Array(CAPACITY);
  readonly #batches: Batches;
  readonly #record: Recorder;
  #count = 0;

  constructor(batches: Batches, record: Recorder) {
    this.#batches = batches;
    this.#record = record;
  }

  /** Adds a figure. */
  add(value: number): void {
    const at = this.#count++;
    this.#values[at] = value;
    if (at === 0) this.#batches.open();
    else if (at === CAPACITY - 1) this.flush();
  }

  /** Records what there is. */
  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    if (!this.#batches.isClosed) this.#record(this.#values, count);
  }
}

/** The figures of one pipeline. */
export class Batches {
  readonly #all: Batch[] = [];
  #isOpen = false;
  #isClosed = false;

  readonly #flush = (): void => {
    this.#isOpen = false;
    for (const batch of this.#all) batch.flush();
  };

  make(record: Recorder): Batch {
    const batch = new Batch(this, record);
    this.#all.push(batch);
    return batch;
  }

  /** Something has been added: it is recorded when the running code has returned. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    void settled.then(this.#flush);
  }

  /** Records what there is, and nothing more. */
  close(): void {
    for (const batch of this.#all) batch.flush();
    this.#isClosed = true;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }
}
