/**
 * This thread's ring of events: the newest takes the place of the oldest. See
 * `crates/core/src/layout.rs` for the drawing, `crates/core/src/events/slot.rs` for its reader.
 *
 * Everything is written between two atomic stores of the slot's word, by code that cannot be
 * interrupted by other JavaScript; a thread that is killed meanwhile leaves the slot open.
 */
import type { EventMemory } from '../backend/backend';
import {
  BLOCK_BYTES,
  BLOCK_HEADER_CELLS,
  EVENT_AT,
  EVENT_BLOCKS,
  EVENT_LENGTH,
  EVENT_OPENED_AT,
  EVENT_SLOT_CELLS,
  EVENT_SLOTS_PER_BLOCK,
  EVENT_TEXT,
  EVENT_TEXT_BYTES,
  EVENT_WORD,
  EVENTS_WRITTEN,
} from '../generated/layout';

const SLOTS = EVENT_BLOCKS * EVENT_SLOTS_PER_BLOCK;
const OPEN = -1n;

/** One block, seen as what its slots hold. */
interface Views {
  readonly cells: Float64Array;
  readonly words: BigInt64Array;
  /** Texts are copied by fours: a float64 that is no number may change when it is copied. */
  readonly fours: Int32Array;
}

// Encoded here first: it tells whether a text fits, and keeps slots open for a moment only.
const staging = new Uint8Array(EVENT_TEXT_BYTES);
const staged = new Int32Array(staging.buffer);
const encoder = new TextEncoder();

/** Writes the events of one meter and thread. */
export class EventRing {
  readonly #sequence: BigInt64Array;
  readonly #blocks: readonly Views[];
  #written: number;

  /** Goes on where an earlier thread of the same lane has stopped. */
  constructor({ sequence, blocks }: EventMemory) {
    this.#sequence = sequence;
    this.#blocks = blocks.map(({ buffer, byteOffset }) => ({
      cells: new Float64Array(buffer, byteOffset, BLOCK_BYTES / 8),
      words: new BigInt64Array(buffer, byteOffset, BLOCK_BYTES / 8),
      fours: new Int32Array(buffer, byteOffset, BLOCK_BYTES / 4),
    }));
    this.#written = this.#blocks[0]!.cells[EVENTS_WRITTEN]!;
  }

  /**
   * Publishes an event. False, with nothing written, where the text is too long.
   *
   * @param atMs - Unix milliseconds
   */
  write(text: string, atMs: number): boolean {
    const { read, written } = encoder.encodeInto(text, staging);
    if (read < text.length) return false;
    const slot = this.#written % SLOTS;
    const { cells, words, fours } = this.#blocks[Math.floor(slot / EVENT_SLOTS_PER_BLOCK)]!;
    const at = BLOCK_HEADER_CELLS + (slot % EVENT_SLOTS_PER_BLOCK) * EVENT_SLOT_CELLS;
    cells[at + EVENT_OPENED_AT] = atMs;
    Atomics.store(words, at + EVENT_WORD, OPEN);
    // On arm64 the plain stores below could overtake that store; they cannot overtake this load,
    // nor it the store.
    Atomics.load(words, at + EVENT_WORD);
    cells[at + EVENT_AT] = atMs;
    cells[at + EVENT_LENGTH] = written;
    const first = (at + EVENT_TEXT) * 2;
    for (let i = 0; i * 4 < written; i++) fours[first + i] = staged[i]!;
    Atomics.store(words, at + EVENT_WORD, Atomics.add(this.#sequence, 0, 1n) + 1n);
    this.#written += 1;
    this.#blocks[0]!.cells[EVENTS_WRITTEN] = this.#written;
    return true;
  }
}
