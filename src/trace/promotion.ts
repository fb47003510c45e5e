/**
 * Decides which local traces are promoted, and copies their spans to the export ring.
 *
 *     undecided ──head, error, latency, manual──▶ that reason, for good
 *               └─over the limit of promotions──▶ refused: its spans are dropped, and counted; those
 *                                                 that come after a promotion by hand are promoted
 *
 * All of it is cold but for traces that are decided.
 */
import type { Views } from '../backend/backend';
import {
  FATE_KEPT,
  OPEN_DECISION,
  OPEN_LAST_SLOT,
  OPEN_LAST_WORD,
  OPEN_REFUSED,
  OPEN_SPANS,
  OPEN_TRACE,
  REASON_HEAD,
  REASON_MANUAL,
  SPAN_FATE,
  SPAN_PREVIOUS_SLOT,
  SPAN_PREVIOUS_WORD,
  SPAN_TRACE,
} from '../generated/layout';
import type { Counter } from '../handles/counter';
import {
  CHUNK_SHIFT,
  ENTRY_SHIFT,
  FIRST_ENTRY,
  INDEX_MASK,
  MARK_SHARED,
  OPEN_MARKS,
} from './entry';
import { ExportRing } from './exports';
import type { Flight } from './flight';
import type { PromotionLimit } from './limit';
import { isTrace, type OpenTable } from './open-table';

const OVER_LIMIT = -1;

/** A decision: none yet. */
export const UNDECIDED = 0;

/** What promotions need of their thread. */
export interface PromotionParts {
  readonly table: OpenTable;
  readonly flight: Flight;
  readonly exports: readonly Views[];
  readonly limit: PromotionLimit;
  /** Cells of the open table's block, where refusals are counted. */
  readonly counts: Float64Array;
  /** Counts spans that are dropped: `system.spans_dropped`. */
  readonly dropped: Counter;
}

/** The promotions of one thread. */
export class Promotions {
  readonly #table: OpenTable;
  readonly #flight: Flight;
  readonly #exports: ExportRing;
  readonly #limit: PromotionLimit;
  readonly #counts: Float64Array;
  readonly #dropped: Counter;
  /** The trace that is promoted. */
  readonly #trace = new Int32Array(4);

  constructor(parts: PromotionParts) {
    this.#table = parts.table;
    this.#flight = parts.flight;
    this.#exports = new ExportRing(parts.exports);
    this.#limit = parts.limit;
    this.#counts = parts.counts;
    this.#dropped = parts.dropped;
  }

  /** The decision for a trace that is sampled at its head. */
  atHead(): number {
    if (this.#limit.allows()) return REASON_HEAD;
    this.#counts[OPEN_REFUSED]! += 1;
    return OVER_LIMIT;
  }

  /** A span was recorded of a local trace that is decided. */
  recorded(slot: number, decision: number): void {
    if (decision > UNDECIDED) this.#export(slot, decision);
    else this.#drop(slot);
  }

  /** Promotes a local trace, if none has decided on it, and the limit allows it. */
  promote(entry: number, reason: number): void {
    const words = this.#table.words[entry >> CHUNK_SHIFT]!;
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    const decision = words[base + OPEN_DECISION]!;
    if (decision > UNDECIDED || (decision === OVER_LIMIT && reason !== REASON_MANUAL)) return;
    if (reason !== REASON_MANUAL && !this.#limit.allows()) {
      this.#refuse(words, base);
      return;
    }
    if ((words[base + OPEN_MARKS]! & MARK_SHARED) === 0) this.#promoteOne(words, base, reason);
    else this.promoteTrace(words, base + OPEN_TRACE, reason);
  }

  /** Promotes all that this thread has of a trace, whose four words begin at `at`. */
  promoteTrace(words: Int32Array, at: number, reason: number): void {
    const trace = this.#trace;
    for (let i = 0; i < trace.length; i++) trace[i] = words[at + i]!;
    this.#table.eachOf(trace, 0, (entry) => {
      const open = this.#table.words[entry >> CHUNK_SHIFT]!;
      this.#promoteOne(open, FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT), reason);
    });
    this.#flight.eachKept((slot, slots, base) => {
      if (isTrace(slots, base + SPAN_TRACE, trace, 0)) this.#export(slot, reason);
    });
  }

  #promoteOne(words: Int32Array, base: number, reason: number): void {
    const decision = words[base + OPEN_DECISION]!;
    if (decision > UNDECIDED || (decision === OVER_LIMIT && reason !== REASON_MANUAL)) return;
    words[base + OPEN_DECISION] = reason;
    const found = this.#eachSpan(words, base, (slot) => {
      this.#export(slot, reason);
    });
    this.#exports.missed(words[base + OPEN_SPANS]! - found);
  }

  #refuse(words: Int32Array, base: number): void {
    words[base + OPEN_DECISION] = OVER_LIMIT;
    this.#counts[OPEN_REFUSED]! += 1;
    this.#eachSpan(words, base, (slot) => {
      this.#drop(slot);
    });
  }

  /**
   * Calls a function with each kept span of a local trace, the newest first, and answers how many of
   * its spans are still there. Where one was overwritten, so were those before.
   */
  #eachSpan(words: Int32Array, base: number, visit: (slot: number) => void): number {
    let slot = words[base + OPEN_LAST_SLOT]!;
    let word = words[base + OPEN_LAST_WORD]!;
    let found = 0;
    while (word !== 0 && this.#flight.has(slot, word)) {
      const slots = this.#flight.words(slot);
      const at = this.#flight.wordOf(slot);
      found += 1;
      if (slots[at + SPAN_FATE] === FATE_KEPT) visit(slot);
      slot = slots[at + SPAN_PREVIOUS_SLOT]!;
      word = slots[at + SPAN_PREVIOUS_WORD]!;
    }
    return found;
  }

  #export(slot: number, reason: number): void {
    if (this.#exports.copy(this.#flight, slot, reason)) {
      this.#flight.promoted(slot);
      return;
    }
    this.#flight.dropped(slot, false);
    this.#dropped.inc();
  }

  #drop(slot: number): void {
    this.#flight.dropped(slot, true);
    this.#dropped.inc();
  }
}
