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
import type { Clock, TraceMemory } from '../backend/backend';
import {
  DESK_DECISION,
  DESK_ENTRY,
  DESK_FLAGS,
  DESK_FLOW,
  DESK_IDS,
  DESK_MARKS,
  DESK_NAME,
  FORM_FLOW,
  GATE,
  OPEN_DECISION,
  OPEN_ID,
  OPEN_IDS,
  OPEN_LAST_SLOT,
  OPEN_SERIAL,
  OPEN_TRACE,
  OPEN_TRACE_FLAGS,
  OUTCOME_DECIDED,
  OUTCOME_GONE,
  OUTCOME_OVER,
  OUTCOME_SLOW,
  REASON_ERROR,
  REASON_LATENCY,
  REASON_MANUAL,
  TRACING_EXEMPLARS,
  TRACING_PROMOTE_ERRORS,
  TRACING_PROMOTE_LATENCY_NS,
  TRACING_SAMPLE_RATE,
} from '../generated/layout';
import { type ActiveSerial, makeActiveSerial } from '../handles/active-serial';
import type { Counter } from '../handles/counter';
import type { TraceContext } from './context/context';
import { FLAG_RANDOM, FLAG_REMOTE, FLAG_SAMPLED } from './context/traceparent';
import {
  ENTRY_SHIFT,
  FIRST_ENTRY,
  INDEX_MASK,
  MARK_SHARED,
  NO_ENTRY,
  OPEN_AT_WORK,
  OPEN_MARKS,
} from './entry';
import { Flight, OF_ROOT } from './flight';
import { Ids } from './ids';
import { Late } from './late';
import { PromotionLimit } from './limit';
import { OpenTable } from './open-table';
import { OwnScribe } from './own-scribe';
import { Promotions, UNDECIDED } from './promotion';
import { Scribe } from './scribe';
import { desk, DURATION, SEQUENCE, stage } from './stage';
import type { Tally } from './tally';
import { Wanted } from './wanted';

const TWO_TO_32 = 2 ** 32;
const ROOT_ID = DESK_IDS + 4;
const PARENT_ID = DESK_IDS + 6;

/** How a local trace may be promoted when it ends: as one that failed. */
export const IF_FAILED = 1;
/** How a local trace may be promoted when it ends: as a slow one. */
export const IF_SLOW = 2;

/** What a tracer is made of. */
export interface TracerParts {
  readonly memory: TraceMemory;
  readonly clock: Clock;
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
  readonly #promotions: Promotions;
  readonly #wanted: Wanted;
  readonly #ids: Ids;
  readonly #settings: Float64Array;
  /** Whether somebody reads which local trace this thread is at work on. */
  readonly hasExemplars: boolean;
  /** What writes spans with a text, and those that come without a reading of the clock. */
  readonly #own: OwnScribe;
  /** What writes the spans of components, which are begun and ended there. */
  readonly scribe: Scribe;
  readonly #tick: () => void;
  readonly #clock: Float64Array;
  readonly #gate: Float64Array;
  readonly #active: ActiveSerial;
  readonly #dropped: Counter;
  readonly #late: Late;

  constructor({ memory, clock, gate, active, dropped, ids }: TracerParts) {
    const { shared, open, flight, exports, scribes } = memory;
    this.#table = new OpenTable(open);
    const ring = new Flight(flight);
    this.#own = new OwnScribe(this.#table, ring, clock);
    this.scribe = new Scribe(this.#own, clock, scribes);
    this.#promotions = new Promotions({
      ...{ table: this.#table, flight: ring, exports, dropped },
      limit: new PromotionLimit(shared, clock.cell),
      counts: open.cells,
    });
    this.#wanted = new Wanted(shared, open.cells);
    this.#ids = ids ?? new Ids();
    this.#settings = shared.cells;
    this.#tick = clock.tick;
    this.#clock = clock.cell;
    this.#late = new Late(this.#table);
    this.#gate = gate;
    this.#active = active ?? makeActiveSerial();
    this.hasExemplars = shared.cells[TRACING_EXEMPLARS] === 1;
    this.#dropped = dropped;
  }

  /**
   * Opens a local trace that begins a trace, now: reads the clock.
   *
   * @param flow - the number of its flow's id; 0 for none
   * @param name - the number of its name; 0 where its form or its text names it
   * @param marks - as in `open-table.ts`
   * @returns its entry; `NO_ENTRY` where there are too many
   */
  open(flow: number, name: number, marks: number): number {
    if (this.#wanted.isNew) this.catchUp();
    const entry = this.#table.take();
    if (entry === NO_ENTRY) return this.#refuse();
    this.#ids.writeBoth(desk, DESK_IDS, ROOT_ID);
    desk[PARENT_ID] = 0;
    desk[PARENT_ID + 1] = 0;
    // As OpenTelemetry's consistent probability sampling has it: of the last 56 bits, which are
    // random, the first 32, as a share of all that they can be.
    const random = (desk[DESK_IDS + 2]! << 8) | (desk[DESK_IDS + 3]! >>> 24);
    const isHead =
      random >>> 0 >= (1 - this.#settings[TRACING_SAMPLE_RATE]!) * TWO_TO_32 ||
      this.#gate[GATE]! > 1;
    const decision = isHead ? this.#atHead() : UNDECIDED;
    desk[DESK_DECISION] = decision;
    desk[DESK_FLAGS] = decision > UNDECIDED ? FLAG_RANDOM | FLAG_SAMPLED : FLAG_RANDOM;
    this.#begin(entry, flow, name, marks);
    return entry;
  }

  /**
   * Opens a local trace below a span of elsewhere, or of another local trace of this thread,
   * now: reads the clock.
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
    if (entry === NO_ENTRY) return this.#refuse();
    for (let i = 0; i < 4; i++) desk[DESK_IDS + i] = ids[i]!;
    desk[PARENT_ID] = ids[4]!;
    desk[PARENT_ID + 1] = ids[5]!;
    this.#ids.writeSpan(desk, ROOT_ID);
    let decision = above === NO_ENTRY ? UNDECIDED : this.#join(above);
    const isHead = (traceFlags & FLAG_SAMPLED) !== 0 || this.#gate[GATE]! > 1;
    if (decision === UNDECIDED && isHead) decision = this.#atHead();
    if (decision <= UNDECIDED && this.#wanted.has(ids, 0)) decision = REASON_MANUAL;
    desk[DESK_DECISION] = decision;
    desk[DESK_FLAGS] = decision > UNDECIDED ? traceFlags | FLAG_SAMPLED : traceFlags;
    this.#begin(entry, flow, name, above === NO_ENTRY ? marks : marks | MARK_SHARED);
    this.#table.carried[entry] = context;
    return entry;
  }

  /** Has a tally recorded as spans are written, where it can be. */
  handOver(tally: Tally): void {
    // What leaves exemplars is recorded in JavaScript.
    if (!this.hasExemplars) this.scribe.handOver(tally);
  }

  /** The word of an entry, which tells later whether it is still the same. */
  wordOf(entry: number): number {
    return this.#table.wordsOf(entry)[FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT)]!;
  }

  /** The time that the clock was read last. */
  now(): number {
    return this.#clock[0]!;
  }

  /** This thread is at work on it from now on; who says so puts back what was there before. */
  activate(entry: number): void {
    // Nobody reads it otherwise. So little that V8 always puts it into its caller.
    if (this.hasExemplars) this.#activate(entry);
  }

  #activate(entry: number): void {
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    this.#active[0] = this.#table.cellsOf(entry)[(base >> 1) + OPEN_SERIAL]!;
  }

  /** The same, where that cell is its meter's: a serial means nothing to another meter. */
  activateIn(active: ActiveSerial, entry: number): void {
    if (active === this.#active) this.activate(entry);
  }

  /** Whether an entry is still the one that had that word. */
  has(entry: number, word: number): boolean {
    return entry !== NO_ENTRY && this.#table.has(entry, word);
  }

  /**
   * A component finished where the clock has just been read, with a text. Its start is in
   * {@link stage}.
   *
   * @param word - of the entry, when it began; where it is another one, the trace has been given up
   * @param textBytes - of the text that is staged
   */
  leaveSaying(
    entry: number,
    word: number,
    id: number,
    component: number,
    form: number,
    textBytes: number,
  ): void {
    const outcome = this.#own.leaveSaying(entry, word, id, component, form, textBytes);
    if (outcome !== 0) this.left(entry, outcome);
  }

  /** A part was written, or was not, with an outcome that is not 0, which is rare. */
  left(entry: number, outcome: number): void {
    if ((outcome & OUTCOME_GONE) !== 0) this.#dropped.inc();
    if ((outcome & OUTCOME_DECIDED) !== 0) this.#exportLast(entry);
    if ((outcome & OUTCOME_OVER) !== 0) this.#table.giveBack(entry);
  }

  /**
   * The root has ended: writes its span, from the entry's start, for as long as {@link stage} says,
   * and decides.
   *
   * @param promotable - {@link IF_FAILED} and {@link IF_SLOW}
   */
  endRoot(entry: number, form: number, name: number, textBytes: number, promotable: number): void {
    stage[SEQUENCE] = 0;
    const outcome =
      textBytes === 0
        ? this.scribe.endRoot(entry, form, name, null)
        : this.#own.write(entry, form, 0, OF_ROOT, name, 0, textBytes);
    this.#endedRoot(entry, outcome, promotable);
  }

  /**
   * The same of an element that went well.
   *
   * @param tally - to be recorded with it
   * @returns whether it took longer than is usual
   */
  endElement(entry: number, tally: Tally): boolean {
    stage[SEQUENCE] = 0;
    const outcome = this.scribe.endRoot(entry, FORM_FLOW, 0, tally);
    this.#endedRoot(entry, outcome, IF_SLOW);
    return (outcome & OUTCOME_SLOW) !== 0;
  }

  /** The same where it ends now, and went well: reads the clock. */
  endRootNow(entry: number, form: number, name: number): void {
    stage[SEQUENCE] = 0;
    const outcome = this.scribe.end(entry, form, 0, OF_ROOT, name);
    this.#endedRoot(entry, outcome, IF_SLOW);
  }

  /**
   * Opens a span below the root, or below another.
   *
   * @returns its id, less the root's
   */
  openPart(entry: number): number {
    const words = this.#table.wordsOf(entry);
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
    stage[SEQUENCE] = 0;
    const outcome = this.#own.write(entry, form, id, parent, name, 0, textBytes);
    if ((outcome & OUTCOME_DECIDED) !== 0) this.#exportLast(entry);
    if (isFailed && this.#settings[TRACING_PROMOTE_ERRORS]! !== 0) {
      this.#promotions.promote(entry, REASON_ERROR);
    }
    if ((outcome & OUTCOME_OVER) !== 0) this.#table.giveBack(entry);
  }

  /** The same where it ends now, and went well: reads the clock. Its start is in {@link stage}. */
  endPartNow(entry: number, form: number, id: number, parent: number, name: number): void {
    stage[SEQUENCE] = 0;
    const outcome = this.scribe.end(entry, form, id, parent, name);
    if (outcome !== 0) this.left(entry, outcome);
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
    const id = this.openPart(entry);
    const outcome = this.#own.write(entry, form, id, parent, name, component, textBytes);
    if ((outcome & OUTCOME_DECIDED) !== 0) this.#exportLast(entry);
  }

  /** The id of the span of the component at work, less the root's; 0, the root, where none is. */
  atWork(entry: number): number {
    return this.#table.wordsOf(entry)[
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
    const words = this.#table.wordsOf(entry);
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
    const words = this.#table.wordsOf(entry);
    return words[FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT) + OPEN_DECISION]! > UNDECIDED;
  }

  /** The flags of its trace. */
  flagsOf(entry: number): number {
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    return this.#table.wordsOf(entry)[base + OPEN_TRACE_FLAGS]! & ~FLAG_REMOTE;
  }

  /** What its caller handed on. */
  carriedOf(entry: number): TraceContext | null {
    return this.#table.carried[entry]!;
  }

  /** The decision for a trace that is sampled at its head. */
  #atHead(): number {
    // Promotions are counted by the second, and the clock may have been read long ago.
    this.#tick();
    return this.#promotions.atHead();
  }

  /** Has the desk's local trace begin now: reads the clock. */
  #begin(entry: number, flow: number, name: number, marks: number): void {
    desk[DESK_ENTRY] = entry;
    desk[DESK_FLOW] = flow;
    desk[DESK_NAME] = name;
    desk[DESK_MARKS] = marks;
    this.scribe.open(entry);
  }

  /** Another local trace of a trace begins below one that is open: answers what is decided of it. */
  #join(above: number): number {
    const words = this.#table.wordsOf(above);
    const base = FIRST_ENTRY + ((above & INDEX_MASK) << ENTRY_SHIFT);
    words[base + OPEN_MARKS]! |= MARK_SHARED;
    return words[base + OPEN_DECISION]!;
  }

  /** The root was written, as long as {@link stage} says: decides. */
  #endedRoot(entry: number, outcome: number, promotable: number): void {
    if ((outcome & OUTCOME_DECIDED) !== 0) this.#exportLast(entry);
    else if ((promotable & IF_FAILED) !== 0 && this.#settings[TRACING_PROMOTE_ERRORS]! !== 0) {
      this.#promotions.promote(entry, REASON_ERROR);
    } else if (
      (promotable & IF_SLOW) !== 0 &&
      stage[DURATION]! >= this.#settings[TRACING_PROMOTE_LATENCY_NS]!
    ) {
      this.#promotions.promote(entry, REASON_LATENCY);
    }
    if (this.#wanted.isNew) this.catchUp();
    if ((outcome & OUTCOME_OVER) !== 0) this.#table.giveBack(entry);
    else this.#late.keep(entry, this.wordOf(entry));
  }

  /** The span that was written last is of a trace that is decided: it goes where that goes. */
  #exportLast(entry: number): void {
    const words = this.#table.wordsOf(entry);
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    this.#promotions.recorded(words[base + OPEN_LAST_SLOT]!, words[base + OPEN_DECISION]!);
  }

  #refuse(): number {
    this.#tick();
    this.#dropped.inc();
    return NO_ENTRY;
  }
}
