/**
 * This thread's export ring: copies of the promoted spans, from this thread to the one reader of the
 * process. See `crates/core/src/layout/spans.rs` for the drawing, `spans/export.rs` for the reader.
 *
 *     tail ── read ──▶ head ── free ──▶ tail + slots
 *
 * A span and its text are published together, by the head, which is stored after them; only the
 * reader moves the tail. Where a span does not fit it is left out: it never waits.
 */
import type { Views } from '../backend/backend';
import {
  BLOCK_HEADER_CELLS,
  EXPORT_HEAD,
  EXPORT_MISSED,
  EXPORT_TAIL,
  SPAN_FORM,
  SPAN_TEXT_SLOTS,
  SPAN_WORDS,
  SPANS_PER_BLOCK,
} from '../generated/layout';
import type { Flight } from './flight';
import { fence, IS_WEAK } from './order';

const FIRST = BLOCK_HEADER_CELLS * 2;
const REASON_SHIFT = 24;

/** The export ring of one thread. */
export class ExportRing {
  readonly #blocks: readonly Views[];
  readonly #head: Float64Array;
  readonly #tail: Float64Array;
  readonly #slots: number;
  /** The number of the next slot. */
  #slot: number;

  /** Goes on where an earlier thread of the same lane has stopped. */
  constructor(blocks: readonly Views[]) {
    this.#blocks = blocks;
    this.#head = blocks[0]!.cells;
    this.#tail = blocks[1]!.cells;
    this.#slots = blocks.length * SPANS_PER_BLOCK;
    this.#slot = (this.#head[EXPORT_HEAD]! % this.#slots) | 0;
  }

  /** Copies a span of the flight ring, with its text. False, with nothing done, where it is full. */
  copy(flight: Flight, slot: number, reason: number): boolean {
    const texts = flight.words(slot)[flight.wordOf(slot) + SPAN_TEXT_SLOTS]!;
    const head = this.#head[EXPORT_HEAD]!;
    if (head - this.#tail[EXPORT_TAIL]! + 1 + texts > this.#slots) return false;
    this.#copySlot(flight, slot, reason);
    for (let i = 1; i <= texts; i++) this.#copySlot(flight, (slot + i) % flight.slots, 0);
    if (IS_WEAK) fence();
    this.#head[EXPORT_HEAD] = head + 1 + texts;
    return true;
  }

  /** So many spans had been overwritten when their trace was promoted. */
  missed(count: number): void {
    this.#head[EXPORT_MISSED]! += count;
  }

  /** @param reason - of a span; 0 where the slot has text */
  #copySlot(flight: Flight, slot: number, reason: number): void {
    const from = flight.words(slot);
    const at = flight.wordOf(slot);
    const to = this.#blocks[Math.floor(this.#slot / SPANS_PER_BLOCK)]!.words;
    const base = FIRST + (this.#slot % SPANS_PER_BLOCK) * SPAN_WORDS;
    for (let i = 0; i < SPAN_WORDS; i++) to[base + i] = from[at + i]!;
    if (reason !== 0) to[base + SPAN_FORM]! |= reason << REASON_SHIFT;
    this.#slot = this.#slot + 1 === this.#slots ? 0 : this.#slot + 1;
  }
}
