/**
 * A slot of a flight or export ring as it was at one time: words and cells copied, and its text.
 * `crates/core/src/layout/spans.rs` says how slots are written.
 */
import type { Views } from '../../backend/backend';
import {
  BLOCK_HEADER_CELLS,
  MOST_TEXT_SLOTS,
  SPAN_SERIAL,
  SPAN_TEXT_BYTES,
  SPAN_TEXT_SLOTS,
  SPAN_TRACE,
  SPAN_WORD,
  SPAN_WORDS,
  SPANS_PER_BLOCK,
  TEXT_SLOT_BYTES,
} from '../../generated/layout';
import { fence } from '../../trace/order';

const TEXT_SLOT_WORDS = TEXT_SLOT_BYTES / 4;
const decoder = new TextDecoder();

/** A span as it lies in memory, copied. */
export interface CopiedSpan {
  readonly words: Int32Array;
  readonly cells: Float64Array;
  /** What it says of itself; empty where it says nothing. */
  readonly text: string;
  /** How many slots it takes, those of its text included. */
  readonly slots: number;
}

/** The slots of a ring, by their numbers, which go round. */
export class Slots {
  /** How many it has. */
  readonly count: number;
  readonly #blocks: readonly Views[];

  constructor(blocks: readonly Views[]) {
    this.#blocks = blocks;
    this.count = blocks.length * SPANS_PER_BLOCK;
  }

  /** A slot's word: that of a span is above 0. */
  word(slot: number): number {
    const { words, at } = this.#at(slot);
    return Atomics.load(words, at + SPAN_WORD);
  }

  /** Whether a slot has a span of that trace, as it looks: it may be written at this moment. */
  isOf(slot: number, trace: Int32Array): boolean {
    const { words, at } = this.#at(slot);
    return trace.every((word, index) => words[at + SPAN_TRACE + index] === word);
  }

  /** What tells a slot's span from others, as it looks: it may be written at this moment. */
  peek(slot: number): { readonly serial: number; readonly traceEnd: number } {
    const { words, cells, at } = this.#at(slot);
    return { serial: cells[(at >> 1) + SPAN_SERIAL]!, traceEnd: words[at + SPAN_TRACE + 3]! };
  }

  /** The span of a slot; `null` where it has none, or is written meanwhile. */
  copy(slot: number): CopiedSpan | null {
    const word = this.word(slot);
    if (word <= 0) return null;
    const from = this.#at(slot);
    const words = from.words.slice(from.at, from.at + SPAN_WORDS);
    const slots = words[SPAN_TEXT_SLOTS]!;
    const bytes = words[SPAN_TEXT_BYTES]!;
    const isWhole =
      slots >= 0 && slots <= MOST_TEXT_SLOTS && bytes >= 0 && bytes <= slots * TEXT_SLOT_BYTES;
    const text = isWhole ? this.#text(slot + 1, slots, bytes) : null;
    fence();
    // Its own slot is overwritten before those of its text.
    if (text === null || this.word(slot) !== word) return null;
    return { words, cells: cellsOf(words), text, slots: 1 + slots };
  }

  #text(first: number, slots: number, bytes: number): string {
    if (bytes === 0) return '';
    const text = new Int32Array(slots * TEXT_SLOT_WORDS);
    for (let index = 0; index < slots; index++) {
      const { words, at } = this.#at(first + index);
      text.set(words.subarray(at + 1, at + SPAN_WORDS), index * TEXT_SLOT_WORDS);
    }
    return decoder.decode(new Uint8Array(text.buffer, 0, bytes));
  }

  #at(slot: number): Views & { readonly at: number } {
    const inRing = slot % this.count;
    const { words, cells } = this.#blocks[Math.floor(inRing / SPANS_PER_BLOCK)]!;
    const at = BLOCK_HEADER_CELLS * 2 + (inRing % SPANS_PER_BLOCK) * SPAN_WORDS;
    return { words, cells, at };
  }
}

/** Words that were copied from shared memory, seen as cells. */
export function cellsOf({ buffer, byteOffset, length }: Int32Array): Float64Array {
  return new Float64Array(buffer, byteOffset, length / 2);
}

/** The words of an id, as they lie in memory: of a trace four, of a span two. */
export function idWords(digits: string): Int32Array {
  return Int32Array.from({ length: digits.length / 8 }, (_, word) =>
    Number.parseInt(digits.slice(word * 8, word * 8 + 8), 16),
  );
}

/** The digits of an id that begins at that word. */
export function idDigits(words: Int32Array, first: number, count: number): string {
  let digits = '';
  for (let word = first; word < first + count; word++) {
    digits += (words[word]! >>> 0).toString(16).padStart(8, '0');
  }
  return digits;
}
