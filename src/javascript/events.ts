/**
 * The events of all lanes, in order, and how many there were that nobody can read any more: as
 * `crates/core/src/events/reading.rs` does it, where it says why the account is exact.
 *
 * A slot is read between two atomic loads of its word, a sequence lock, as there.
 */
import {
  BLOCK_HEADER_CELLS,
  EVENT_AT,
  EVENT_BLOCKS,
  EVENT_LENGTH,
  EVENT_OPENED_AT,
  EVENT_SLOT_CELLS,
  EVENT_SLOTS_PER_BLOCK,
  EVENT_TEXT,
  EVENT_WORD,
  EVENTS_WRITTEN,
} from '../generated/layout';
import type { Lane, Lanes } from './lanes';
import type { Store } from './store';

const SLOTS = EVENT_BLOCKS * EVENT_SLOTS_PER_BLOCK;
const UNUSED = 0;

const UNDER_WAY_MS = 100;
const LOOKS = 1_000;
const MOST_EVENTS = 10_000;

/** Events and what became of those that are not there: the JSON of `BackendMeter.events()`. */
export interface EventReading {
  readonly events: readonly object[];
  readonly lost: number;
  readonly last: number;
}

/** A slot of some lane. */
interface Slot {
  readonly block: Float64Array;
  /** Its first cell. */
  readonly at: number;
}

/** An event that was seen. */
interface Seen extends Slot {
  readonly number: number;
}

/** The events with numbers above `after`. */
export function readEvents(store: Store, lanes: Lanes, after: number): EventReading {
  // First of all: every number up to this one is in a slot, under way, or overwritten.
  const claimed = Number(Atomics.load(store.eventSequence, 0));
  const now = Date.now();
  const seen: Seen[] = [];
  // An event under way has a number above this one.
  let settled = claimed;
  for (const lane of lanes.all()) settled = Math.min(settled, look(lane, now, seen) ?? claimed);
  const wanted = seen
    .filter(({ number }) => number > after && number <= claimed)
    .sort((a, b) => a.number - b.number);
  const gap = firstGap(wanted, Math.max(settled, Math.min(after, claimed)), claimed);
  const there = wanted.filter(({ number }) => number <= gap);
  const answered = there.slice(0, MOST_EVENTS);
  const last = answered.length < there.length ? answered.at(-1)!.number : gap;
  const events = answered.map(copy).filter((event) => event !== null);
  return { events, lost: Math.max(0, last - after) - events.length, last };
}

/** How many events later ones have taken the place of. */
export function overwrittenEvents(lanes: Lanes): number {
  return lanes.all().reduce((sum, lane) => {
    const written = lane.row('events')?.[0]?.cells[EVENTS_WRITTEN] ?? 0;
    return sum + Math.max(0, written - SLOTS);
  }, 0);
}

/** Notes the events of a lane; with an event under way, the newest number that the lane has. */
function look(lane: Lane, now: number, seen: Seen[]): number | null {
  const row = lane.row('events');
  if (row === null) return null;
  const blocks = row.map(({ cells }) => cells);
  const words = blocks.map(wordsOf);
  const open: Slot[] = [];
  let newest = 0;
  const note = (number: number, slot: Slot): void => {
    seen.push({ ...slot, number });
    newest = Math.max(newest, number);
  };
  for (let index = 0; index < SLOTS; index++) {
    const number = Math.floor(index / EVENT_SLOTS_PER_BLOCK);
    const at = BLOCK_HEADER_CELLS + (index % EVENT_SLOTS_PER_BLOCK) * EVENT_SLOT_CELLS;
    const word = Number(Atomics.load(words[number]!, at + EVENT_WORD));
    if (word === UNUSED) break;
    const slot = { block: blocks[number]!, at };
    if (word > 0) note(word, slot);
    else open.push(slot);
  }
  let isUnderWay = false;
  for (const slot of open) {
    const number = settle(slot);
    if (number > 0) note(number, slot);
    else if (lane.isLive) isUnderWay ||= isYoung(slot, now);
  }
  return isUnderWay ? newest : null;
}

function isYoung({ block, at }: Slot, now: number): boolean {
  return Math.abs(now - block[at + EVENT_OPENED_AT]!) < UNDER_WAY_MS;
}

/** What an open slot is published as, if that happens soon; else not above 0. */
function settle({ block, at }: Slot): number {
  const words = wordsOf(block);
  let word = 0n;
  for (let looks = 0; looks < LOOKS && word <= 0n; looks++) {
    word = Atomics.load(words, at + EVENT_WORD);
  }
  return Number(word);
}

/** The last number of the row without gaps that begins after `start`, `claimed` at most. */
function firstGap(seen: readonly Seen[], start: number, claimed: number): number {
  let last = start;
  for (const { number } of seen) {
    if (number <= last) continue;
    if (number !== last + 1) break;
    last = number;
  }
  return Math.min(last, claimed);
}

// Something of this thread's to store into between loads: see `copy`.
const scratch = new Int32Array(new SharedArrayBuffer(4));

/** An event, if it is in its slot still. */
function copy({ block, at, number }: Seen): object | null {
  const words = wordsOf(block);
  if (Number(Atomics.load(words, at + EVENT_WORD)) !== number) return null;
  const atMs = block[at + EVENT_AT]!;
  const length = block[at + EVENT_LENGTH]!;
  const start = block.byteOffset + (at + EVENT_TEXT) * 8;
  // Decoders refuse shared memory: decode a copy.
  const bytes = new Uint8Array(block.buffer, start, length).slice();
  // On arm64 the load below could overtake the plain ones above; it cannot overtake this store, nor
  // that them.
  Atomics.store(scratch, 0, 0);
  if (Number(Atomics.load(words, at + EVENT_WORD)) !== number) return null;
  const content = JSON.parse(new TextDecoder().decode(bytes)) as object;
  return { seq: number, atMs, ...content };
}

function wordsOf({ buffer, byteOffset, length }: Float64Array): BigInt64Array {
  return new BigInt64Array(buffer, byteOffset, length);
}
