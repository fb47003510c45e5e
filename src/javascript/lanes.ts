/**
 * The threads that record: each has a row in the table of lanes, and an index block that lists
 * its blocks of cells and the extents of its directory.
 *
 * ```text
 * state    unused ──claim──▶ starting ──▶ live ──the thread ends──▶ retired ──claim──▶ resuming ──▶ live
 *
 * index    word 0     version: grows with each change of the directory
 *          word 1     how many blocks of cells
 *          word 2     how many extents of the directory
 *          word 3     the first block of its ring of events, and how many; 0 before its first event
 *          word 5     the same of its spans: see `traces/blocks.ts`
 *          word 16    blocks of cells: block * 2 + (1 for diagnostic metrics)
 *          word 8208  extents: first block, number of blocks
 * ```
 *
 * A thread writes only its own lane. A retired lane keeps its counts in every sum, and the next
 * thread that opens the meter takes it over and goes on adding to it: memory stays flat however
 * many threads come and go. While it resumes, readings of the former thread are not taken for its
 * own.
 */
import type { Views } from '../backend/backend';
import { CELLS_PER_BLOCK } from '../generated/layout';
import { LANE_ROW_WORDS, LANE_TABLE, MAX_LANES, type Store, Word } from './store';

/**
 * States of a lane. Rows are used in order, so that the first unused one ends the table; a row
 * whose thread was killed while it was starting is lost.
 */
const LaneState = { unused: 0, live: 1, retired: 2, starting: 3, resuming: 4 } as const;

const ROW_STATE = 0;
const ROW_THREAD = 1;
const ROW_INDEX_BLOCK = 2;

const VERSION = 0;
const CELL_BLOCKS = 1;
const EXTENTS = 2;
/** What a lane has a row of blocks for, at first use: the word of the first, then how many. */
const ROWS = { events: 3, spans: 5 } as const;
const CELL_BLOCK_TABLE = 16;
const MOST_CELL_BLOCKS = 8_192;
const EXTENT_TABLE = CELL_BLOCK_TABLE + MOST_CELL_BLOCKS;
const MOST_EXTENTS = 2_048;

/** One lane, of this thread or of another. */
export class Lane {
  /** Its row in the table of lanes. */
  readonly number: number;
  readonly #store: Store;
  readonly #index: Int32Array;
  readonly #views: Float64Array[] = [];
  readonly #wordViews: Int32Array[] = [];
  readonly #extents: Int32Array[] = [];
  readonly #rows = new Map<keyof typeof ROWS, readonly Views[]>();

  constructor(store: Store, number: number) {
    this.number = number;
    this.#store = store;
    this.#index = store.blockWords(Atomics.load(store.words, row(number) + ROW_INDEX_BLOCK));
  }

  /** Whether a thread writes it now. */
  get isLive(): boolean {
    return Atomics.load(this.#store.words, row(this.number) + ROW_STATE) === LaneState.live;
  }

  /** Grows with each change of the directory. */
  get version(): number {
    return Atomics.load(this.#index, VERSION);
  }

  /** Says that the directory has changed, to whoever keeps what it read. */
  touch(): void {
    Atomics.add(this.#index, VERSION, 1);
    Atomics.add(this.#store.words, Word.directories, 1);
  }

  /** Says that a series was removed which other lanes may hold. */
  countRemoval(): void {
    Atomics.add(this.#store.words, Word.removals, 1);
  }

  /** How many blocks of cells it has. */
  get cellBlocks(): number {
    return Atomics.load(this.#index, CELL_BLOCKS);
  }

  /** Whether that block of cells is for diagnostic metrics. */
  isDiagnostic(number: number): boolean {
    return (this.#index[CELL_BLOCK_TABLE + number]! & 1) === 1;
  }

  /** The cells of a block: the same view each time. */
  cells(number: number): Float64Array {
    return (this.#views[number] ??= this.#store.blockCells(this.#cellBlock(number)));
  }

  /** The same block as int32 words, two to a cell, for loads that are atomic. */
  cellWords(number: number): Int32Array {
    return (this.#wordViews[number] ??= this.#store.blockWords(this.#cellBlock(number)));
  }

  /** Adds a block of cells and returns its number; `null` when there is no room. Owner only. */
  addCellBlock(diagnostic: boolean): number | null {
    const number = this.cellBlocks;
    const block = number < MOST_CELL_BLOCKS ? this.#store.allot(1) : null;
    if (block === null) return null;
    this.#index[CELL_BLOCK_TABLE + number] = block * 2 + (diagnostic ? 1 : 0);
    Atomics.store(this.#index, CELL_BLOCKS, number + 1);
    return number;
  }

  /** The extents of the directory, in order. */
  extents(): readonly Int32Array[] {
    const count = Atomics.load(this.#index, EXTENTS);
    while (this.#extents.length < count) {
      const at = EXTENT_TABLE + this.#extents.length * 2;
      this.#extents.push(this.#store.blockWords(this.#index[at]!, this.#index[at + 1]));
    }
    return this.#extents;
  }

  /** The row of blocks for that, the same views each time; `null` before its first use. */
  row(use: keyof typeof ROWS): readonly Views[] | null {
    const known = this.#rows.get(use);
    if (known !== undefined) return known;
    const first = Atomics.load(this.#index, ROWS[use]);
    if (first === 0) return null;
    const blocks = Array.from({ length: this.#index[ROWS[use] + 1]! }, (_, number) => ({
      cells: this.#store.blockCells(first + number),
      words: this.#store.blockWords(first + number),
    }));
    this.#rows.set(use, blocks);
    return blocks;
  }

  /** The same, made where there is none; `null` when there is no room. Owner only. */
  addRow(use: keyof typeof ROWS, blocks: number): readonly Views[] | null {
    if (Atomics.load(this.#index, ROWS[use]) === 0) {
      const first = this.#store.allot(blocks);
      if (first === null) return null;
      this.#index[ROWS[use] + 1] = blocks;
      Atomics.store(this.#index, ROWS[use], first);
    }
    return this.row(use);
  }

  /** Adds an extent of that many blocks; `null` when there is no room. Owner only. */
  addExtent(blocks: number): Int32Array | null {
    const count = Atomics.load(this.#index, EXTENTS);
    const first = count < MOST_EXTENTS ? this.#store.allot(blocks) : null;
    if (first === null) return null;
    const at = EXTENT_TABLE + count * 2;
    this.#index[at] = first;
    this.#index[at + 1] = blocks;
    Atomics.store(this.#index, EXTENTS, count + 1);
    return this.extents()[count]!;
  }

  #cellBlock(number: number): number {
    return this.#index[CELL_BLOCK_TABLE + number]! >>> 1;
  }
}

/** The lanes of a store, each once. */
export class Lanes {
  readonly #store: Store;
  readonly #known: (Lane | undefined)[] = [];
  /** Rows before this one have all been seen. */
  #scanned = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Every lane that a thread has or had. */
  all(): readonly Lane[] {
    for (let number = this.#scanned; number < MAX_LANES; number++) {
      const state = this.#state(number);
      if (state === LaneState.unused) break;
      if (state === LaneState.starting || this.#known[number] !== undefined) continue;
      this.#known[number] = new Lane(this.#store, number);
    }
    while (this.#known[this.#scanned] !== undefined) this.#scanned++;
    return this.#known.filter((lane) => lane !== undefined);
  }

  /**
   * A lane for this thread: a retired one, whose directory is still in it, or a new one. `null`
   * when there is no room. It is live once `enliven` is called.
   */
  claim(thread: number): Lane | null {
    for (const lane of this.all()) {
      if (!this.#move(lane.number, LaneState.retired, LaneState.resuming)) continue;
      Atomics.store(this.#store.words, row(lane.number) + ROW_THREAD, thread);
      return lane;
    }
    for (let number = 0; number < MAX_LANES; number++) {
      if (!this.#move(number, LaneState.unused, LaneState.starting)) continue;
      const block = this.#store.allot(1);
      if (block === null) return null;
      Atomics.store(this.#store.words, row(number) + ROW_INDEX_BLOCK, block);
      Atomics.store(this.#store.words, row(number) + ROW_THREAD, thread);
      this.#move(number, LaneState.starting, LaneState.live);
      return new Lane(this.#store, number);
    }
    return null;
  }

  /** The thread of a lane that was claimed has taken up what is in it. */
  enliven({ number }: Lane): void {
    this.#move(number, LaneState.resuming, LaneState.live);
  }

  /** Retires the lanes of a thread that has ended. */
  retire(thread: number): void {
    for (const { number } of this.all()) {
      if (Atomics.load(this.#store.words, row(number) + ROW_THREAD) !== thread) continue;
      this.#move(number, LaneState.live, LaneState.retired);
      this.#move(number, LaneState.resuming, LaneState.retired);
    }
  }

  #state(number: number): number {
    return Atomics.load(this.#store.words, row(number) + ROW_STATE);
  }

  #move(number: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#store.words, row(number) + ROW_STATE, from, to) === from;
  }
}

/** The number of the block of cells that a position is in. */
export function blockOf(position: number): number {
  return Math.floor(position / CELLS_PER_BLOCK);
}

function row(number: number): number {
  return LANE_TABLE + number * LANE_ROW_WORDS;
}
