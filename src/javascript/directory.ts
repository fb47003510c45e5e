/**
 * What is in a lane, written into the lane: records of definitions and series that any thread can
 * read at any time, the writer stuck, killed or gone.
 *
 * ```text
 * record   word 0   bytes of the record, this header included; 0: no record from here on
 *          word 1   state: generation * 4 + (0 vacant, 1 unheld, 2 held, 3 unwanted)
 *          word 2   bytes of the payload
 *          word 3   sequence: orders the records of all lanes by age
 *          word 4   position, of a series
 *          word 5   number of its family in the lane, of a series; else -1
 *          word 8   payload: JSON as UTF-8, padded
 *
 * state    vacant ──write──▶ held ──let go──▶ unheld, or unwanted after remove() ──vacate──▶ vacant
 *                            held ◀──hold───┘
 * ```
 *
 * The lane's thread writes records, and holds and lets go. Any thread may vacate a record that
 * nobody holds, and any record of a lane without a live thread. Each move changes the generation,
 * so a compare-and-exchange fails when anything has happened in between, and a reader that sees the
 * same state before and after has read one record.
 */
import type { Lane } from './lanes';
import { BLOCK_BYTES } from './store';

const LENGTH = 0;
const STATE = 1;
const PAYLOAD_BYTES = 2;
const SEQUENCE = 3;
const POSITION = 4;
const FAMILY = 5;
const HEADER_WORDS = 8;

const HOLD_MASK = 3;
const VACANT = 0;
const UNHELD = 1;
const HELD = 2;
const UNWANTED = 3;

// Small records are all of one size, so that a vacant one fits whatever comes.
const SMALLEST_RECORD = 128;
// What bounds the memory that label values take in one lane.
const MOST_BYTES = 32 << 20;

/** Where a record is. */
export interface RecordAddress {
  readonly words: Int32Array;
  readonly at: number;
}

/** A record as it was read. */
export interface DirectoryRecord extends RecordAddress {
  /** Its state when it was read. */
  readonly state: number;
  readonly sequence: number;
  /** Of a series; kept when the record is vacated. */
  readonly position: number;
  /** The number of a series' family in the lane; kept likewise. -1 for what is no series. */
  readonly family: number;
  /** The payload, parsed; `null` of a vacant record. */
  readonly content: unknown;
}

/** Where a series is. */
export interface SeriesPlace {
  readonly family: number;
  readonly position: number;
}

/** The directory of one lane. */
export class Directory {
  readonly #lane: Lane;
  /** Where the next record goes, when this thread writes here. */
  #end: { extent: Int32Array; word: number } | null = null;
  readonly #read = new Map<Int32Array, Map<number, DirectoryRecord>>();

  constructor(lane: Lane) {
    this.#lane = lane;
  }

  /** All records, in the order of their places. */
  records(): DirectoryRecord[] {
    const found: DirectoryRecord[] = [];
    for (const extent of this.#lane.extents()) {
      const known = this.#read.get(extent) ?? new Map<number, DirectoryRecord>();
      this.#read.set(extent, known);
      let at = 0;
      while (at + HEADER_WORDS <= extent.length) {
        const length = Atomics.load(extent, at + LENGTH);
        if (length === 0) break;
        const record = readRecord(extent, at, known.get(at));
        known.set(at, record);
        found.push(record);
        at += length / 4;
      }
      this.#end = { extent, word: at };
    }
    return found;
  }

  /** Adds a record that this thread holds; `null` when there is no room. Owner only. */
  add(content: unknown, sequence: number, place?: SeriesPlace): RecordAddress | null {
    const payload = new TextEncoder().encode(JSON.stringify(content));
    const length = recordBytes(payload.length);
    if (this.#end === null || this.#end.word * 4 + length > this.#end.extent.length * 4) {
      const blocks = Math.ceil(length / BLOCK_BYTES);
      const taken = this.#lane.extents().reduce((sum, extent) => sum + extent.byteLength, 0);
      if (taken + blocks * BLOCK_BYTES > MOST_BYTES) return null;
      const extent = this.#lane.addExtent(blocks);
      if (extent === null) return null;
      this.#end = { extent, word: 0 };
    }
    const { extent, word } = this.#end;
    fill(extent, word, payload, sequence);
    extent[word + POSITION] = place?.position ?? 0;
    extent[word + FAMILY] = place?.family ?? -1;
    Atomics.store(extent, word + STATE, 4 + HELD);
    Atomics.store(extent, word + LENGTH, length);
    this.#end.word += length / 4;
    this.#lane.touch();
    return { words: extent, at: word };
  }

  /**
   * Writes another content into a vacant record, and holds it. False when it does not fit.
   * Owner only: nobody else writes to a vacant record.
   */
  reuse(address: RecordAddress, content: unknown, sequence: number): boolean {
    const { words, at } = address;
    const payload = new TextEncoder().encode(JSON.stringify(content));
    if (recordBytes(payload.length) > words[at + LENGTH]!) return false;
    const state = Atomics.load(words, at + STATE);
    fill(words, at, payload, sequence);
    Atomics.store(words, at + STATE, moved(state, HELD));
    this.#lane.touch();
    return true;
  }

  /** Holds a record that was let go. False when it has been vacated meanwhile. Owner only. */
  hold(address: RecordAddress): boolean {
    const state = stateOf(address);
    return isHeld(state) || (!isVacant(state) && this.#move(address, state, HELD));
  }

  /**
   * Lets a record go: it stays, and any thread may vacate it. Owner only.
   *
   * @param unwanted - whether it is to be vacated when no other lane holds its series any more
   */
  letGo(address: RecordAddress, unwanted: boolean): void {
    const state = stateOf(address);
    if (!isHeld(state) || !this.#move(address, state, unwanted ? UNWANTED : UNHELD)) return;
    if (unwanted) this.#lane.countRemoval();
  }

  /** Vacates a record, unless something has happened to it since it was in that state. */
  vacate(address: RecordAddress, state: number): boolean {
    return !isVacant(state) && this.#move(address, state, VACANT);
  }

  #move(address: RecordAddress, from: number, hold: number): boolean {
    const { words, at } = address;
    const done = Atomics.compareExchange(words, at + STATE, from, moved(from, hold)) === from;
    if (done) this.#lane.touch();
    return done;
  }
}

/** The state of a record now. */
export function stateOf({ words, at }: RecordAddress): number {
  return Atomics.load(words, at + STATE);
}

/** Whether a state is that of a record which its lane's thread holds. */
export function isHeld(state: number): boolean {
  return (state & HOLD_MASK) === HELD;
}

/** Whether a state is that of a series which its lane's thread has removed. */
export function isUnwanted(state: number): boolean {
  return (state & HOLD_MASK) === UNWANTED;
}

/** Whether a state is that of a record which holds nothing. */
export function isVacant(state: number): boolean {
  return (state & HOLD_MASK) === VACANT;
}

function moved(state: number, hold: number): number {
  return (((state >>> 2) + 1) << 2) | hold | 0;
}

function recordBytes(payload: number): number {
  const needed = HEADER_WORDS * 4 + payload;
  return needed <= SMALLEST_RECORD ? SMALLEST_RECORD : 2 ** Math.ceil(Math.log2(needed));
}

function fill(words: Int32Array, at: number, payload: Uint8Array, sequence: number): void {
  const bytes = new Uint8Array(
    words.buffer,
    words.byteOffset + (at + HEADER_WORDS) * 4,
    payload.length,
  );
  bytes.set(payload);
  words[at + PAYLOAD_BYTES] = payload.length;
  words[at + SEQUENCE] = sequence;
}

function readRecord(
  words: Int32Array,
  at: number,
  known: DirectoryRecord | undefined,
): DirectoryRecord {
  const position = words[at + POSITION]!;
  const family = words[at + FAMILY]!;
  for (;;) {
    const state = Atomics.load(words, at + STATE);
    if (known?.state === state) return known;
    const sequence = words[at + SEQUENCE]!;
    if (isVacant(state)) return { words, at, state, sequence, position, family, content: null };
    const length = words[at + PAYLOAD_BYTES]!;
    const start = words.byteOffset + (at + HEADER_WORDS) * 4;
    // Decoders refuse shared memory: decode a copy.
    const bytes = new Uint8Array(words.buffer, start, length).slice();
    if (Atomics.load(words, at + STATE) !== state) continue;
    const content: unknown =
      known?.sequence === sequence && known.content !== null
        ? known.content
        : JSON.parse(new TextDecoder().decode(bytes));
    return { words, at, state, sequence, position, family, content };
  }
}
