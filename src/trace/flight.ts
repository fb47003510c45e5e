/**
 * This thread's flight ring: a finished span is written once, with plain stores, over the oldest
 * one. See `crates/core/src/layout/spans.rs` for the drawing.
 *
 * The invariant: recorded = promoted + dropped + overwritten + those that are there and kept. A slot
 * is counted as overwritten before it is taken.
 */
import type { Views } from '../backend/backend';
import {
  BLOCK_BYTES,
  BLOCK_HEADER_CELLS,
  FATE_DROPPED,
  FATE_KEPT,
  FATE_PROMOTED,
  FLIGHT_CURSOR,
  FLIGHT_DROPPED_FULL,
  FLIGHT_DROPPED_LIMIT,
  FLIGHT_OVERWRITTEN,
  FLIGHT_PROMOTED,
  FLIGHT_RECORDED,
  OPEN_FLOW,
  OPEN_ID,
  OPEN_LAST_SLOT,
  OPEN_LAST_WORD,
  OPEN_PARENT,
  OPEN_SERIAL,
  OPEN_SPANS,
  OPEN_TRACE,
  OPEN_TRACE_FLAGS,
  SPAN_AMOUNT,
  SPAN_COMPONENT,
  SPAN_DURATION,
  SPAN_FATE,
  SPAN_FLOW,
  SPAN_FORM,
  SPAN_ID,
  SPAN_NAME,
  SPAN_PARENT,
  SPAN_PREVIOUS_SLOT,
  SPAN_PREVIOUS_WORD,
  SPAN_SEQUENCE,
  SPAN_SERIAL,
  SPAN_START,
  SPAN_TEXT_BYTES,
  SPAN_TEXT_SLOTS,
  SPAN_TRACE,
  SPAN_TRACE_FLAGS,
  SPAN_WORD,
  SPAN_WORDS,
  SPANS_PER_BLOCK,
  TEXT_SLOT_BYTES,
} from '../generated/layout';
import { fence, IS_WEAK } from './order';
import { AMOUNT, DURATION, SEQUENCE, stage, START } from './stage';
import { staged } from './text';

const WRITING = -1;
// Two words at once: a slot's word while it is written, and its fate; both lengths of its text.
const WRITING_KEPT = new Float64Array(Int32Array.of(WRITING, FATE_KEPT).buffer)[0]!;
const TEXT_CELL = SPAN_TEXT_BYTES >> 1;
SPAN_TEXT_SLOTS satisfies 27;
const MOST_WORD = 0x7fff_ffff;
const FIRST = BLOCK_HEADER_CELLS * 2;
const END = FIRST + SPANS_PER_BLOCK * SPAN_WORDS;
const TEXT_WORDS = TEXT_SLOT_BYTES / 4;
const WORD_MASK = BLOCK_BYTES / 4 - 1;

/** A span's parent is that of its local trace's root. */
export const OF_ROOT = -1;
// The other bits of the word are about the root's parent.
const TRACE_FLAGS = 0xff;

/** The flight ring of one thread. */
export class Flight {
  /** How many slots it has. */
  readonly slots: number;
  readonly #blocks: readonly Views[];
  /** The first block's cells, where the counts are. */
  readonly #head: Float64Array;
  #block = 0;
  #words: Int32Array;
  #cells: Float64Array;
  /** Where the next slot is among the block's words. */
  #at = 0;
  /** The number of the next slot. */
  #slot = 0;
  /** The word of the last span. */
  #word = 0;
  /** The header's count of slots, as it was left here: the native scribe may have gone on since. */
  readonly #cursor = new Float64Array(1);

  /** Goes on where an earlier thread of the same lane has stopped. */
  constructor(blocks: readonly Views[]) {
    this.#blocks = blocks;
    this.slots = blocks.length * SPANS_PER_BLOCK;
    this.#head = blocks[0]!.cells;
    this.#words = blocks[0]!.words;
    this.#cells = blocks[0]!.cells;
    this.#seek();
  }

  /**
   * Writes a span of a local trace, with the times in {@link stage}, and makes it the trace's last.
   *
   * @param open - words of the chunk of the open table that has the trace's entry, at `base`
   * @param openCells - its cells
   * @param form - form, kind and status, as in a slot
   * @param id - what is added to the second word of the root's id
   * @param parent - the same of the parent's id, or {@link OF_ROOT}
   * @param textBytes - of the text in {@link staged}
   */
  write(
    open: Int32Array,
    base: number,
    openCells: Float64Array,
    form: number,
    id: number,
    parent: number,
    name: number,
    component: number,
    textBytes: number,
  ): void {
    const head = this.#head;
    if (head[FLIGHT_CURSOR] !== this.#cursor[0]) this.#seek();
    const words = this.#words;
    const cells = this.#cells;
    // Masked, they are known to be small: additions are then not checked, which took 18 ns a span.
    const at = this.#at & WORD_MASK;
    const cell = at >> 1;
    const entry = base & WORD_MASK;
    const slot = this.#slot;
    if (words[at + SPAN_WORD]! > 0 && words[at + SPAN_FATE] === FATE_KEPT) {
      head[FLIGHT_OVERWRITTEN]! += 1;
    }
    cells[cell] = WRITING_KEPT;
    if (IS_WEAK) fence();
    words[at + SPAN_TRACE] = open[entry + OPEN_TRACE]!;
    words[at + SPAN_TRACE + 1] = open[entry + OPEN_TRACE + 1]!;
    words[at + SPAN_TRACE + 2] = open[entry + OPEN_TRACE + 2]!;
    words[at + SPAN_TRACE + 3] = open[entry + OPEN_TRACE + 3]!;
    const high = open[entry + OPEN_ID]!;
    const low = open[entry + OPEN_ID + 1]!;
    words[at + SPAN_ID] = high;
    words[at + SPAN_ID + 1] = low + id;
    if (parent === OF_ROOT) {
      words[at + SPAN_PARENT] = open[entry + OPEN_PARENT]!;
      words[at + SPAN_PARENT + 1] = open[entry + OPEN_PARENT + 1]!;
      words[at + SPAN_TRACE_FLAGS] = open[entry + OPEN_TRACE_FLAGS]!;
    } else {
      words[at + SPAN_PARENT] = high;
      words[at + SPAN_PARENT + 1] = low + parent;
      words[at + SPAN_TRACE_FLAGS] = open[entry + OPEN_TRACE_FLAGS]! & TRACE_FLAGS;
    }
    // A number that is only stored is looked at whether it is a float64.
    words[at + SPAN_FORM] = form | 0;
    words[at + SPAN_NAME] = name | 0;
    words[at + SPAN_FLOW] = open[entry + OPEN_FLOW]!;
    words[at + SPAN_COMPONENT] = component | 0;
    words[at + SPAN_PREVIOUS_SLOT] = open[entry + OPEN_LAST_SLOT]!;
    words[at + SPAN_PREVIOUS_WORD] = open[entry + OPEN_LAST_WORD]!;
    cells[cell + SPAN_START] = stage[START]!;
    cells[cell + SPAN_DURATION] = stage[DURATION]!;
    cells[cell + SPAN_SEQUENCE] = stage[SEQUENCE]!;
    cells[cell + SPAN_AMOUNT] = stage[AMOUNT]!;
    cells[cell + SPAN_SERIAL] = openCells[(entry >> 1) + OPEN_SERIAL]!;
    cells[cell + TEXT_CELL] = 0;
    this.#step();
    if (textBytes !== 0) {
      words[at + SPAN_TEXT_BYTES] = textBytes;
      words[at + SPAN_TEXT_SLOTS] = this.#writeText(textBytes);
    }
    const word = this.#word === MOST_WORD ? 1 : this.#word + 1;
    this.#word = word;
    if (IS_WEAK) fence();
    words[at + SPAN_WORD] = word;
    open[entry + OPEN_LAST_SLOT] = slot;
    open[entry + OPEN_LAST_WORD] = word;
    open[entry + OPEN_SPANS]! += 1;
    head[FLIGHT_RECORDED]! += 1;
    this.#cursor[0] = head[FLIGHT_CURSOR]! += 1;
  }

  /** Whether a slot still has the span of that word. */
  has(slot: number, word: number): boolean {
    return this.words(slot)[this.wordOf(slot)] === word;
  }

  /** The words of the block that has a slot. */
  words(slot: number): Int32Array {
    return this.#blocks[Math.floor(slot / SPANS_PER_BLOCK)]!.words;
  }

  /** Where a slot begins among them. */
  wordOf(slot: number): number {
    return wordOf(slot % SPANS_PER_BLOCK);
  }

  /** Calls a function with each slot that has a span which was neither promoted nor dropped. */
  eachKept(visit: (slot: number, words: Int32Array, at: number) => void): void {
    for (let slot = 0; slot < this.slots; slot++) {
      const words = this.words(slot);
      const at = this.wordOf(slot);
      if (words[at]! > 0 && words[at + SPAN_FATE] === FATE_KEPT) visit(slot, words, at);
    }
  }

  /** A kept span has been promoted. */
  promoted(slot: number): void {
    this.words(slot)[this.wordOf(slot) + SPAN_FATE] = FATE_PROMOTED;
    this.#head[FLIGHT_PROMOTED]! += 1;
  }

  /** A kept span was dropped: by the limit, or by a full export ring. */
  dropped(slot: number, isByLimit: boolean): void {
    this.words(slot)[this.wordOf(slot) + SPAN_FATE] = FATE_DROPPED;
    this.#head[isByLimit ? FLIGHT_DROPPED_LIMIT : FLIGHT_DROPPED_FULL]! += 1;
  }

  /** Goes to where the header says that the next span goes. */
  #seek(): void {
    const cursor = this.#head[FLIGHT_CURSOR]!;
    this.#cursor[0] = cursor;
    // As small whole numbers: a remainder of float64 numbers is one itself.
    this.#word = (this.#head[FLIGHT_RECORDED]! % MOST_WORD) | 0;
    this.#slot = (cursor % this.slots) | 0;
    this.#block = Math.floor(this.#slot / SPANS_PER_BLOCK);
    this.#words = this.#blocks[this.#block]!.words;
    this.#cells = this.#blocks[this.#block]!.cells;
    this.#at = wordOf(this.#slot % SPANS_PER_BLOCK);
  }

  #step(): void {
    this.#slot += 1;
    this.#at += SPAN_WORDS;
    if (this.#at === END) this.#stepBlock();
  }

  #stepBlock(): void {
    this.#block += 1;
    if (this.#block === this.#blocks.length) {
      this.#block = 0;
      this.#slot = 0;
    }
    const { words, cells } = this.#blocks[this.#block]!;
    this.#words = words;
    this.#cells = cells;
    this.#at = FIRST;
  }

  /** Writes the text into the slots that follow, and answers how many they are. */
  #writeText(bytes: number): number {
    const count = Math.ceil(bytes / TEXT_SLOT_BYTES);
    for (let i = 0; i < count; i++) {
      const words = this.#words;
      const at = this.#at;
      if (words[at + SPAN_WORD]! > 0 && words[at + SPAN_FATE] === FATE_KEPT) {
        this.#head[FLIGHT_OVERWRITTEN]! += 1;
      }
      words[at + SPAN_WORD] = WRITING;
      if (IS_WEAK) fence();
      const from = i * TEXT_WORDS;
      for (let k = 0; k < TEXT_WORDS; k++) words[at + 1 + k] = staged[from + k]!;
      this.#step();
    }
    this.#head[FLIGHT_CURSOR]! += count;
    return count;
  }
}

function wordOf(index: number): number {
  return FIRST + index * SPAN_WORDS;
}
