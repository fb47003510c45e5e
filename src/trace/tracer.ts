/**
 * Records the spans of one meter in one thread: opens local traces, writes a span for each part that
 * ends, and has those promoted that are to be.
 *
 * A local trace is what this thread does for one trace: an element of a flow, or a span of
 * `meter.span()` that has no other above it here, with all below it. The invariant: it has an entry
 * in the open table from its begin until all of it has ended, which is when it has one span more than
 * it has given ids: the root's.
 *
 * Nothing here throws, or allocates while local traces are undecided. Times are those of the clock's
 * cell, or in `stage`: a number that is passed to a function which V8 does not inline is allocated.
 */
import type { TraceMemory } from '../backend';
import * as layout from '../generated/layout';
import type { Counter } from '../handles/counter';
import { type ActiveSerial, makeActiveSerial } from '../handles/active-serial';
import type { TraceContext } from './context/context';
import * as own from './entry';
import { Flight, OF_ROOT } from './flight';
import { Ids } from './ids';
import { PromotionLimit } from './limit';
import * as order from './order';
import { OpenTable } from './open-table';
import * as promotion from './promotion';
import * as places from './stage';
import { Wanted } from './wanted';

// Constants of this module, which V8 folds: see handles/counter.ts.
const { GATE, TRACING_SAMPLE_RATE, TRACING_PROMOTE_ERRORS, TRACING_PROMOTE_LATENCY_NS } = layout;
const { OPEN_WORD, OPEN_DECISION, OPEN_TRACE, OPEN_ID, OPEN_PARENT, OPEN_NAME } = layout;
const { OPEN_FLOW, OPEN_COMPONENT, OPEN_LAST_SLOT, OPEN_LAST_WORD, OPEN_TRACE_FLAGS } = layout;
const { OPEN_START, OPEN_COMPONENT_START, OPEN_SERIAL, OPEN_SPANS, OPEN_IDS } = layout;
const { TRACING_EXEMPLARS, OPEN_SERIALS, REASON_ERROR, REASON_LATENCY, REASON_MANUAL } = layout;
const { CHUNK_SHIFT, ENTRY_SHIFT, FIRST_ENTRY, INDEX_MASK, MARK_SHARED } = own;
const { OPEN_AT_WORK, OPEN_MARKS } = own;
const { fence, IS_WEAK } = order;
const { stage, START, DURATION, SEQUENCE } = places;
const { UNDECIDED } = promotion;
const NONE = own.NO_ENTRY;
const ROOT_PARENT = OF_ROOT;
const FLAG_SAMPLED = 1;
const FLAG_RANDOM = 2;
const FLAG_REMOTE = 0x200;
const TWO_TO_32 = 2 ** 32;
// Work that goes on when its element has ended, and that may never end: so much of it is remembered.
const MOST_LATE = 4_096;

const AS_FAILED = 1;
const AS_SLOW = 2;
/** How a local trace may be promoted when it ends: as one that failed. */
export const IF_FAILED = AS_FAILED;
/** How a local trace may be promoted when it ends: as a slow one. */
export const IF_SLOW = AS_SLOW;

/** What a tracer is made of. */
export interface TracerParts {
  readonly memory: TraceMemory;
  /** The cell that the clock leaves the time in. */
  readonly clock: Float64Array;
  /** A block of this thread's whose gate follows the level. */
  readonly gate: Float64Array;
  /** Which local trace this thread is at work on; nobody's where it is left out. */
  readonly active?: ActiveSerial;
  /** Counts spans that are dropped: `system.spans_dropped`. */
  readonly dropped: Counter;
  /** The generator of ids; tests give one. */
  readonly ids?: Ids;
}

/** See the file. */
export class Tracer {
  readonly #table: OpenTable;
  // Of its first chunk, which is nearly always the one: two loads less, each for the next.
  readonly #firstWords: Int32Array;
  readonly #firstCells: Float64Array;
  readonly #flight: Flight;
  readonly #promotions: promotion.Promotions;
  readonly #wanted: Wanted;
  readonly #ids: Ids;
  readonly #settings: Float64Array;
  readonly #counts: Float64Array;
  readonly #clock: Float64Array;
  readonly #gate: Float64Array;
  readonly #active: ActiveSerial;
  readonly #hasExemplars: boolean;
  readonly #dropped: Counter;
  /** Entries whose root has ended, of which parts are open, each with its word; in turn. */
  readonly #late = new Int32Array(MOST_LATE * 2);
  #lateAt = 0;

  constructor({ memory, clock, gate, active, dropped, ids }: TracerParts) {
    const { shared, open, flight, exports } = memory;
    this.#table = new OpenTable(open);
    this.#firstWords = open.words;
    this.#firstCells = open.cells;
    this.#flight = new Flight(flight);
    this.#counts = open.cells;
    this.#promotions = new promotion.Promotions({
      ...{ table: this.#table, flight: this.#flight, exports, dropped },
      limit: new PromotionLimit(shared, clock),
      counts: open.cells,
    });
    this.#wanted = new Wanted(shared, open.cells);
    this.#ids = ids ?? new Ids();
    this.#settings = shared.cells;
    this.#clock = clock;
    this.#gate = gate;
    this.#active = active ?? makeActiveSerial();
    this.#hasExemplars = shared.cells[TRACING_EXEMPLARS] === 1;
    this.#dropped = dropped;
  }

  /**
   * Opens a local trace that begins a trace; the clock has just been read.
   *
   * @param flow - the number of its flow's id; 0 for none
   * @param name - the number of its name; 0 where its form or its text names it
   * @param marks - as in `open-table.ts`
   * @returns its entry; `NO_ENTRY` where there are too many
   */
  open(flow: number, name: number, marks: number): number {
    if (this.#wanted.isNew) this.catchUp();
    const entry = this.#table.take();
    if (entry === NONE) return this.#refuse();
    const words = this.#wordsOf(entry);
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    this.#ids.writeBoth(words, base + OPEN_TRACE, base + OPEN_ID);
    words[base + OPEN_PARENT] = 0;
    words[base + OPEN_PARENT + 1] = 0;
    // As OpenTelemetry's consistent probability sampling has it: of the last 56 bits, which are
    // random, the first 32, as a share of all that they can be.
    const random = (words[base + OPEN_TRACE + 2]! << 8) | (words[base + OPEN_TRACE + 3]! >>> 24);
    const isHead =
      random >>> 0 >= (1 - this.#settings[TRACING_SAMPLE_RATE]!) * TWO_TO_32 ||
      this.#gate[GATE]! > 1;
    const decision = isHead ? this.#promotions.atHead() : UNDECIDED;
    const flags = decision > UNDECIDED ? FLAG_RANDOM | FLAG_SAMPLED : FLAG_RANDOM;
    this.#fill(words, base, entry, flow, name, marks, decision, flags);
    return entry;
  }

  /**
   * Opens a local trace below a span of elsewhere, or of another local trace of this thread; the
   * clock has just been read.
   *
   * @param ids - six words: of the trace, and of the span above
   * @param traceFlags - the trace's, and `FLAG_REMOTE` where what is above is of another process
   * @param context - what the caller handed on, to be handed on
   * @param above - the entry of the local trace above; `NO_ENTRY` where it is elsewhere
   */
  openBelow(
    flow: number,
    name: number,
    marks: number,
    ids: Int32Array,
    traceFlags: number,
    context: TraceContext | null,
    above: number,
  ): number {
    if (this.#wanted.isNew) this.catchUp();
    const entry = this.#table.take();
    if (entry === NONE) return this.#refuse();
    const words = this.#wordsOf(entry);
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    for (let i = 0; i < 4; i++) words[base + OPEN_TRACE + i] = ids[i]!;
    words[base + OPEN_PARENT] = ids[4]!;
    words[base + OPEN_PARENT + 1] = ids[5]!;
    this.#ids.writeSpan(words, base + OPEN_ID);
    let decision = above === NONE ? UNDECIDED : this.#join(above);
    const isHead = (traceFlags & FLAG_SAMPLED) !== 0 || this.#gate[GATE]! > 1;
    if (decision === UNDECIDED && isHead) decision = this.#promotions.atHead();
    if (decision <= UNDECIDED && this.#wanted.has(ids, 0)) decision = REASON_MANUAL;
    const flags = decision > UNDECIDED ? traceFlags | FLAG_SAMPLED : traceFlags;
    const allMarks = above === NONE ? marks : marks | MARK_SHARED;
    this.#fill(words, base, entry, flow, name, allMarks, decision, flags);
    this.#table.carried[entry] = context;
    return entry;
  }

  /** The word of an entry, which tells later whether it is still the same. */
  wordOf(entry: number): number {
    return this.#wordsOf(entry)[FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT)]!;
  }

  /** The time that the clock was read last. */
  now(): number {
    return this.#clock[0]!;
  }

  /** This thread is at work on it from now on; who says so puts back what was there before. */
  activate(entry: number): void {
    // Nobody reads it: 35 ns an element.
    if (!this.#hasExemplars) return;
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    this.#active[0] = this.#cellsOf(entry)[(base >> 1) + OPEN_SERIAL]!;
  }

  /** The same, where that cell is its meter's: a serial means nothing to another meter. */
  activateIn(active: ActiveSerial, entry: number): void {
    if (active === this.#active) this.activate(entry);
  }

  /** Whether an entry is still the one that had that word. */
  has(entry: number, word: number): boolean {
    return entry !== NONE && this.#table.has(entry, word);
  }

  /**
   * A component begins to work on an element; the clock has just been read.
   *
   * @returns the span's id, less the root's
   */
  enter(entry: number, component: number): number {
    const words = this.#wordsOf(entry);
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    const id = words[base + OPEN_IDS]! + 1;
    words[base + OPEN_IDS] = id;
    words[base + OPEN_AT_WORK] = id;
    this.#cellsOf(entry)[(base >> 1) + OPEN_COMPONENT_START] = this.#clock[0]!;
    words[base + OPEN_COMPONENT] = component;
    return id;
  }

  /**
   * It has finished: writes its span, from the start in {@link stage} to now; the clock has just been
   * read.
   *
   * @param word - of the entry, when it began; where it is another one, the trace has been given up
   * @param form - form, kind and status
   * @param textBytes - of the text that is staged
   */
  leave(
    entry: number,
    word: number,
    id: number,
    component: number,
    form: number,
    textBytes: number,
  ): void {
    const words = this.#wordsOf(entry);
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    if (words[base + OPEN_WORD] !== word) {
      this.#dropped.inc();
      return;
    }
    if (words[base + OPEN_AT_WORK] === id) {
      words[base + OPEN_AT_WORK] = 0;
      words[base + OPEN_COMPONENT] = 0;
    }
    const durationNs = this.#clock[0]! - stage[START]!;
    stage[DURATION] = durationNs > 0 ? durationNs : 0;
    const cells = this.#cellsOf(entry);
    this.#flight.write(words, base, cells, form, id, 0, 0, component, textBytes);
    const decision = words[base + OPEN_DECISION]!;
    if (decision !== UNDECIDED) {
      this.#promotions.recorded(words[base + OPEN_LAST_SLOT]!, decision);
    }
    if (words[base + OPEN_SPANS]! > words[base + OPEN_IDS]!) this.#table.giveBack(entry);
  }

  /**
   * The root has ended: writes its span, from the entry's start, for as long as {@link stage} says,
   * and decides.
   *
   * @param promotable - {@link IF_FAILED} and {@link IF_SLOW}
   */
  endRoot(entry: number, form: number, name: number, textBytes: number, promotable: number): void {
    const words = this.#wordsOf(entry);
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    const cells = this.#cellsOf(entry);
    stage[START] = cells[(base >> 1) + OPEN_START]!;
    stage[SEQUENCE] = 0;
    if (!(stage[DURATION]! > 0)) stage[DURATION] = 0;
    this.#flight.write(words, base, cells, form, 0, ROOT_PARENT, name, 0, textBytes);
    const decision = words[base + OPEN_DECISION]!;
    if (decision !== UNDECIDED) {
      this.#promotions.recorded(words[base + OPEN_LAST_SLOT]!, decision);
    } else if ((promotable & AS_FAILED) !== 0 && this.#settings[TRACING_PROMOTE_ERRORS]! !== 0) {
      this.#promotions.promote(entry, REASON_ERROR);
    } else if (
      (promotable & AS_SLOW) !== 0 &&
      stage[DURATION]! >= this.#settings[TRACING_PROMOTE_LATENCY_NS]!
    ) {
      this.#promotions.promote(entry, REASON_LATENCY);
    }
    if (this.#wanted.isNew) this.catchUp();
    if (words[base + OPEN_SPANS]! > words[base + OPEN_IDS]!) this.#table.giveBack(entry);
    else this.#keepLate(entry, words[base + OPEN_WORD]!);
  }

  /**
   * Opens a span below the root, or below another.
   *
   * @returns its id, less the root's
   */
  openPart(entry: number): number {
    const words = this.#wordsOf(entry);
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    return (words[base + OPEN_IDS]! += 1);
  }

  /** It has ended: writes it, with the times in {@link stage}, and promotes its trace if it failed. */
  endPart(
    entry: number,
    form: number,
    id: number,
    parent: number,
    name: number,
    textBytes: number,
    isFailed: boolean,
  ): void {
    const words = this.#wordsOf(entry);
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    stage[SEQUENCE] = 0;
    this.#writePart(entry, words, base, form, id, parent, name, 0, textBytes);
    if (isFailed && this.#settings[TRACING_PROMOTE_ERRORS]! !== 0) {
      this.#promotions.promote(entry, REASON_ERROR);
    }
    if (words[base + OPEN_SPANS]! > words[base + OPEN_IDS]!) this.#table.giveBack(entry);
  }

  /**
   * Writes a span that is complete, with the times in {@link stage}.
   *
   * @param parent - its parent's id, less the root's
   */
  note(
    entry: number,
    form: number,
    parent: number,
    name: number,
    component: number,
    textBytes = 0,
  ): void {
    const words = this.#wordsOf(entry);
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    const id = (words[base + OPEN_IDS]! += 1);
    this.#writePart(entry, words, base, form, id, parent, name, component, textBytes);
  }

  /** The id of the span of the component at work, less the root's; 0, the root, where none is. */
  atWork(entry: number): number {
    return this.#wordsOf(entry)[
      FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT) + OPEN_AT_WORK
    ]!;
  }

  /** It will never end: it is open no more, and has no span of its own. */
  abandon(entry: number): void {
    this.#table.giveBack(entry);
  }

  /** Promotes a local trace by hand. */
  promote(entry: number): void {
    this.#promotions.promote(entry, REASON_MANUAL);
  }

  /** Promotes what this thread has of the traces that were asked for since it looked last. */
  catchUp(): void {
    this.#wanted.read((id) => {
      this.#promotions.promoteTrace(id, 0, REASON_MANUAL);
    });
  }

  /** Copies the ids of a span: four words of the trace, two of its own. */
  copyIds(entry: number, id: number, into: Int32Array): void {
    const words = this.#wordsOf(entry);
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    into[0] = words[base + OPEN_TRACE]!;
    into[1] = words[base + OPEN_TRACE + 1]!;
    into[2] = words[base + OPEN_TRACE + 2]!;
    into[3] = words[base + OPEN_TRACE + 3]!;
    into[4] = words[base + OPEN_ID]!;
    into[5] = words[base + OPEN_ID + 1]! + id;
  }

  /** Whether it is promoted, so far. */
  isPromoted(entry: number): boolean {
    const words = this.#wordsOf(entry);
    return words[FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT) + OPEN_DECISION]! > UNDECIDED;
  }

  /** The flags of its trace. */
  flagsOf(entry: number): number {
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    return this.#wordsOf(entry)[base + OPEN_TRACE_FLAGS]! & ~FLAG_REMOTE;
  }

  /** What its caller handed on. */
  carriedOf(entry: number): TraceContext | null {
    return this.#table.carried[entry]!;
  }

  /** The words of an entry's chunk: nearly always the first. */
  #wordsOf(entry: number): Int32Array {
    return entry <= INDEX_MASK ? this.#firstWords : this.#table.words[entry >> CHUNK_SHIFT]!;
  }

  #cellsOf(entry: number): Float64Array {
    return entry <= INDEX_MASK ? this.#firstCells : this.#table.cells[entry >> CHUNK_SHIFT]!;
  }

  #fill(
    words: Int32Array,
    base: number,
    entry: number,
    flow: number,
    name: number,
    marks: number,
    decision: number,
    flags: number,
  ): void {
    const cells = this.#cellsOf(entry);
    words[base + OPEN_DECISION] = decision;
    words[base + OPEN_NAME] = name;
    words[base + OPEN_FLOW] = flow;
    words[base + OPEN_COMPONENT] = 0;
    words[base + OPEN_LAST_SLOT] = 0;
    words[base + OPEN_LAST_WORD] = 0;
    words[base + OPEN_TRACE_FLAGS] = flags;
    cells[(base >> 1) + OPEN_START] = this.#clock[0]!;
    const serial = this.#counts[OPEN_SERIALS]! + 1;
    this.#counts[OPEN_SERIALS] = serial;
    cells[(base >> 1) + OPEN_SERIAL] = serial;
    words[base + OPEN_SPANS] = 0;
    words[base + OPEN_IDS] = 0;
    words[base + OPEN_AT_WORK] = 0;
    words[base + OPEN_MARKS] = marks;
    if (IS_WEAK) fence();
    words[base + OPEN_WORD] = this.#table.nextWord();
  }

  /** Another local trace of a trace begins below one that is open: answers what is decided of it. */
  #join(above: number): number {
    const words = this.#table.words[above >> CHUNK_SHIFT]!;
    const base = FIRST_ENTRY + ((above & INDEX_MASK) << ENTRY_SHIFT);
    words[base + OPEN_MARKS]! |= MARK_SHARED;
    return words[base + OPEN_DECISION]!;
  }

  #writePart(
    entry: number,
    words: Int32Array,
    base: number,
    form: number,
    id: number,
    parent: number,
    name: number,
    component: number,
    textBytes: number,
  ): void {
    if (!(stage[DURATION]! > 0)) stage[DURATION] = 0;
    const cells = this.#cellsOf(entry);
    this.#flight.write(words, base, cells, form, id, parent, name, component, textBytes);
    const decision = words[base + OPEN_DECISION]!;
    if (decision !== UNDECIDED) {
      this.#promotions.recorded(words[base + OPEN_LAST_SLOT]!, decision);
    }
  }

  /** Remembers an entry of which parts are open, in the place of one that has been so for longest. */
  #keepLate(entry: number, word: number): void {
    const late = this.#late;
    const at = this.#lateAt;
    if (late[at + 1] !== 0 && this.#table.has(late[at]!, late[at + 1]!)) {
      this.#table.giveBack(late[at]!);
    }
    late[at] = entry;
    late[at + 1] = word;
    this.#lateAt = at + 2 === late.length ? 0 : at + 2;
  }

  #refuse(): number {
    this.#dropped.inc();
    return NONE;
  }
}
