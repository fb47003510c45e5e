/**
 * What this thread has open: an entry for each local trace, from its begin until all of it has ended.
 * See `crates/core/src/layout/spans.rs` for the drawing of an entry.
 *
 *     chunks    the first is the lane's block of kind open, which readers see; when its 511 entries
 *               are in use, more are made of ordinary memory, which they do not
 *
 * An entry is used again when it is free; who held it finds another word there.
 */
import type { Views } from '../backend/backend';
import {
  BLOCK_BYTES,
  OPEN_SERIALS,
  OPEN_TRACE,
  OPEN_WORD,
  SPANS_PER_BLOCK,
} from '../generated/layout';
import type { TraceContext } from './context/context';
import {
  CHUNK_SHIFT,
  ENTRY_SHIFT,
  FIRST_ENTRY,
  INDEX_MASK,
  MARK_ELEMENT,
  NO_ENTRY,
  OPEN_MARKS,
} from './entry';

// 8 MiB at most, which a program needs only that has as many elements in flight, or forgets spans.
const MOST_CHUNKS = 128;
/** How many entries are looked at for one to give way: all would take too long. */
const LOOKED_AT = 64;
const MOST_WORD = 0x7fff_ffff;

/** The table of what one thread has open. */
export class OpenTable {
  /** The words of each chunk. */
  readonly words: Int32Array[];
  /** The cells of each chunk. */
  readonly cells: Float64Array[];
  /** What each local trace was handed by its caller, to be handed on. */
  readonly carried: (TraceContext | null)[] = [];
  /** How many entries are in use. */
  used = 0;
  // The first chunk is nearly always the one: two loads less, each for the next.
  readonly #firstWords: Int32Array;
  readonly #firstCells: Float64Array;
  readonly #free = new Int32Array(SPANS_PER_BLOCK);
  /** How many of the first chunk are free. */
  #vacant = SPANS_PER_BLOCK;
  /** Those of the others that are free. */
  readonly #spilled: number[] = [];
  #hand = 0;

  /** What an earlier thread of the same lane had open is open no more. */
  constructor(block: Views) {
    this.words = [block.words];
    this.cells = [block.cells];
    this.#firstWords = block.words;
    this.#firstCells = block.cells;
    for (let index = 0; index < SPANS_PER_BLOCK; index++) {
      block.words[baseOf(index) + OPEN_WORD] = 0;
      this.#free[index] = SPANS_PER_BLOCK - 1 - index;
      this.carried.push(null);
    }
    this.carried.push(null);
  }

  /** An entry, which the caller fills; {@link NO_ENTRY} where there are too many. */
  take(): number {
    if (this.#vacant === 0) return this.#takeSpilled();
    this.used += 1;
    this.#vacant -= 1;
    return this.#free[this.#vacant]!;
  }

  /** The word for the entry that was given the last serial. */
  nextWord(): number {
    const serial = this.cells[0]![OPEN_SERIALS]!;
    return (serial <= MOST_WORD ? serial : ((serial - 1) % MOST_WORD) + 1) | 0;
  }

  /** The words of an entry's chunk. */
  wordsOf(entry: number): Int32Array {
    return entry <= INDEX_MASK ? this.#firstWords : this.words[entry >> CHUNK_SHIFT]!;
  }

  /** The cells of an entry's chunk. */
  cellsOf(entry: number): Float64Array {
    return entry <= INDEX_MASK ? this.#firstCells : this.cells[entry >> CHUNK_SHIFT]!;
  }

  /** Takes an entry back. */
  giveBack(entry: number): void {
    this.words[entry >> CHUNK_SHIFT]![baseOf(entry & INDEX_MASK) + OPEN_WORD] = 0;
    if (this.carried[entry] !== null) this.carried[entry] = null;
    this.used -= 1;
    if (entry > INDEX_MASK) this.#spilled.push(entry);
    else {
      this.#free[this.#vacant] = entry;
      this.#vacant += 1;
    }
  }

  /** Whether an entry is still the one that was opened with that word. */
  has(entry: number, word: number): boolean {
    return this.words[entry >> CHUNK_SHIFT]![baseOf(entry & INDEX_MASK)] === word;
  }

  /** Calls a function with each entry of a trace, whose four words begin at `at`. Cold. */
  eachOf(trace: Int32Array, at: number, visit: (entry: number) => void): void {
    for (const [chunk, words] of this.words.entries()) {
      for (let index = 0; index < SPANS_PER_BLOCK; index++) {
        const base = baseOf(index);
        if (words[base] === 0 || !isTrace(words, base + OPEN_TRACE, trace, at)) continue;
        visit((chunk << CHUNK_SHIFT) | index);
      }
    }
  }

  #takeSpilled(): number {
    if (this.#spilled.length === 0 && !this.#addChunk()) return NO_ENTRY;
    this.used += 1;
    return this.#spilled.pop()!;
  }

  /** More entries, or one that is taken from a span that its program may have forgotten. */
  #addChunk(): boolean {
    const chunk = this.words.length;
    if (chunk === MOST_CHUNKS) return this.#evict();
    const buffer = new ArrayBuffer(BLOCK_BYTES);
    this.words.push(new Int32Array(buffer));
    this.cells.push(new Float64Array(buffer));
    for (let index = SPANS_PER_BLOCK - 1; index >= 0; index--) {
      this.#spilled.push((chunk << CHUNK_SHIFT) | index);
    }
    for (let index = 0; index <= INDEX_MASK; index++) this.carried.push(null);
    return true;
  }

  /** Frees an entry of a span: its holder looks whether it is still there. */
  #evict(): boolean {
    const entries = MOST_CHUNKS << CHUNK_SHIFT;
    for (let i = 0; i < LOOKED_AT; i++) {
      const entry = this.#hand;
      this.#hand = (this.#hand + 1) % entries;
      if (entry <= INDEX_MASK || (entry & INDEX_MASK) >= SPANS_PER_BLOCK) continue;
      const words = this.words[entry >> CHUNK_SHIFT]!;
      const base = baseOf(entry & INDEX_MASK);
      if (words[base] === 0 || (words[base + OPEN_MARKS]! & MARK_ELEMENT) !== 0) continue;
      this.giveBack(entry);
      return true;
    }
    return false;
  }
}

/** Whether two places have the same trace id. */
export function isTrace(a: Int32Array, aAt: number, b: Int32Array, bAt: number): boolean {
  return (
    a[aAt + 3] === b[bAt + 3] &&
    a[aAt + 2] === b[bAt + 2] &&
    a[aAt + 1] === b[bAt + 1] &&
    a[aAt] === b[bAt]
  );
}

function baseOf(index: number): number {
  return FIRST_ENTRY + (index << ENTRY_SHIFT);
}
