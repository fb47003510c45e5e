/**
 * The level, its lease, and the gates: a copy of the answer to "does this block record?" in every
 * block of cells of every lane, so that a change reaches all threads at once, stuck ones too. A
 * block records where its gate is above zero.
 *
 * ```text
 * level word   bits 0-1  the level, an index into `LEVELS`
 *              bits 2-3  the level that a lease goes back to
 *              bit  4    whether there is a lease
 *              bits 5-   how often the word has changed
 * ```
 *
 * Whoever adds a block and whoever sets the level may do so at the same time. Both publish first
 * (the block in its lane's index, the level in its word), then write gates, then look whether the
 * level is still what they wrote; so whichever comes last writes the gate right.
 */
import { GATE } from '../generated/layout';
import { LEVELS, type Level } from '../level';
import type { Lane, Lanes } from './lanes';
import { HeaderCell, type Store, Word } from './store';

// Longer than this a timer of Node fires at once; a longer lease is armed again when it fires.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The level of a meter, as one thread reads and sets it. */
export class Gates {
  readonly #store: Store;
  readonly #lanes: Lanes;
  #timer: NodeJS.Timeout | null = null;

  constructor(store: Store, lanes: Lanes) {
    this.#store = store;
    this.#lanes = lanes;
  }

  /** The level now. A lease that has run out is ended first. */
  level(): Level {
    this.endLease();
    return LEVELS[levelOf(this.#word())] ?? 'off';
  }

  /** Milliseconds until the lease ends; `null` without one. */
  revertsInMs(): number | null {
    this.endLease();
    if (!isLeased(this.#word())) return null;
    return Math.max(0, this.#store.cells[HeaderCell.leaseEnds]! - Date.now());
  }

  /**
   * Sets the level in all threads; with `forMs`, for that long only. The lease is ended by a timer
   * of this thread, so a blocked loop keeps it; reading the level in any thread ends it as well.
   */
  set(level: Level, forMs: number | null): void {
    const index = LEVELS.indexOf(level);
    let word: number;
    let base: number;
    do {
      word = this.#word();
      base = forMs === null ? index : baseOf(word);
      // Written again in each round: another thread may have written its own in between.
      if (forMs !== null) this.#store.cells[HeaderCell.leaseEnds] = Date.now() + forMs;
    } while (!this.#change(word, index, base, forMs !== null));
    this.#writeAll();
    this.arm();
  }

  /** Goes back to the level before the lease, if there is one that has run out. */
  endLease(): void {
    const word = this.#word();
    if (!isLeased(word) || Date.now() < this.#store.cells[HeaderCell.leaseEnds]!) return;
    const base = baseOf(word);
    if (this.#change(word, base, base, false)) this.#writeAll();
  }

  /** Sees to it that this thread ends the lease in time, whichever thread took it. */
  arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const left = this.revertsInMs();
    if (left === null) return;
    // One millisecond on top: a timer may fire a fraction early.
    this.#timer = setTimeout(() => this.arm(), Math.min(left + 1, LONGEST_TIMER_MS));
    this.#timer.unref();
  }

  /** Stops the timer of this thread. */
  disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Writes the gate of a block that has just been added. */
  open(lane: Lane, block: number): void {
    let level: number;
    do {
      level = levelOf(this.#word());
      write(lane, block, level);
    } while (level !== levelOf(this.#word()));
  }

  #writeAll(): void {
    let level: number;
    do {
      level = levelOf(this.#word());
      for (const lane of this.#lanes.all()) {
        for (let block = 0; block < lane.cellBlocks; block++) write(lane, block, level);
      }
    } while (level !== levelOf(this.#word()));
  }

  #change(from: number, level: number, base: number, leased: boolean): boolean {
    const to = (((from >>> 5) + 1) << 5) | (leased ? 16 : 0) | (base << 2) | level;
    return Atomics.compareExchange(this.#store.words, Word.level, from, to) === from;
  }

  #word(): number {
    return Atomics.load(this.#store.words, Word.level);
  }
}

function levelOf(word: number): number {
  return word & 3;
}

function baseOf(word: number): number {
  return (word >>> 2) & 3;
}

function isLeased(word: number): boolean {
  return (word & 16) !== 0;
}

/** A gate is the number of the level, and one less in a block for diagnostic metrics. */
function write(lane: Lane, block: number, level: number): void {
  lane.cells(block)[GATE] = lane.isDiagnostic(block) ? level - 1 : level;
}
