/**
 * Local traces whose root has ended while parts of it go on. Those may never end: so many are
 * remembered, and one more takes the place of the one that has been so for longest.
 */
import type { OpenTable } from './open-table';

const MOST_LATE = 4_096;

/** Those of one thread. */
export class Late {
  readonly #table: OpenTable;
  /** Each entry, with its word; in turn. */
  readonly #entries = new Int32Array(MOST_LATE * 2);
  #at = 0;

  constructor(table: OpenTable) {
    this.#table = table;
  }

  /** Remembers an entry; the one whose place it takes is given back, if it is still open. */
  keep(entry: number, word: number): void {
    const entries = this.#entries;
    const at = this.#at;
    if (entries[at + 1] !== 0 && this.#table.has(entries[at]!, entries[at + 1]!)) {
      this.#table.giveBack(entries[at]!);
    }
    entries[at] = entry;
    entries[at + 1] = word;
    this.#at = at + 2 === entries.length ? 0 : at + 2;
  }
}
