/**
 * Writes what stands on the desk in JavaScript: where the clock is not the native one, where the
 * entry is one that readers do not see, and what has a text. The native scribe, its twin, writes the
 * same to the bit: see `crates/core/src/spans/scribe.rs`.
 */
import type { Clock } from '../backend/backend';
import {
  DESK_DECISION,
  DESK_ENTRY,
  DESK_FLAGS,
  DESK_FLOW,
  DESK_IDS,
  DESK_MARKS,
  DESK_NAME,
  DESK_WORD,
  FORM_INVOKE,
  OPEN_COMPONENT,
  OPEN_COMPONENT_START,
  OPEN_DECISION,
  OPEN_FLOW,
  OPEN_IDS,
  OPEN_LAST_SLOT,
  OPEN_LAST_WORD,
  OPEN_NAME,
  OPEN_SERIAL,
  OPEN_SERIALS,
  OPEN_SPANS,
  OPEN_START,
  OPEN_TRACE,
  OPEN_TRACE_FLAGS,
  OPEN_WORD,
  OUTCOME_DECIDED,
  OUTCOME_GONE,
  OUTCOME_OVER,
} from '../generated/layout';
import {
  ENTRY_SHIFT,
  FIRST_ENTRY,
  INDEX_MASK,
  KNOWN_WORD,
  OPEN_AT_WORK,
  OPEN_MARKS,
} from './entry';
import { type Flight, OF_ROOT } from './flight';
import type { OpenTable } from './open-table';
import { fence, IS_WEAK } from './order';
import { desk, DURATION, stage, START } from './stage';
import type { Tally } from './tally';

const ID_WORDS = 8;

/** See the file. */
export class OwnScribe {
  readonly #table: OpenTable;
  readonly #flight: Flight;
  readonly #tick: () => void;
  readonly #clock: Float64Array;
  readonly #counts: Float64Array;

  constructor(table: OpenTable, flight: Flight, clock: Clock) {
    this.#table = table;
    this.#flight = flight;
    this.#tick = clock.tick;
    this.#clock = clock.cell;
    this.#counts = table.cells[0]!;
  }

  /** A local trace begins now, as the desk has it. */
  open(): void {
    this.#tick();
    const entry = desk[DESK_ENTRY]!;
    const words = this.#table.wordsOf(entry);
    const cells = this.#table.cellsOf(entry);
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    for (let i = 0; i < ID_WORDS; i++) words[base + OPEN_TRACE + i] = desk[DESK_IDS + i]!;
    words[base + OPEN_DECISION] = desk[DESK_DECISION]!;
    words[base + OPEN_NAME] = desk[DESK_NAME]!;
    words[base + OPEN_FLOW] = desk[DESK_FLOW]!;
    words[base + OPEN_COMPONENT] = 0;
    words[base + OPEN_LAST_SLOT] = 0;
    words[base + OPEN_LAST_WORD] = 0;
    words[base + OPEN_TRACE_FLAGS] = desk[DESK_FLAGS]!;
    cells[(base >> 1) + OPEN_START] = this.#clock[0]!;
    const serial = this.#counts[OPEN_SERIALS]! + 1;
    this.#counts[OPEN_SERIALS] = serial;
    cells[(base >> 1) + OPEN_SERIAL] = serial;
    words[base + OPEN_SPANS] = 0;
    words[base + OPEN_IDS] = 0;
    words[base + OPEN_AT_WORK] = 0;
    words[base + OPEN_MARKS] = desk[DESK_MARKS]!;
    const word = this.#table.nextWord();
    desk[DESK_WORD] = word;
    if (IS_WEAK) fence();
    words[base + OPEN_WORD] = word;
  }

  /** A component begins to work now; answers its span's id, less the root's. */
  enter(entry: number, component: number, tally: Tally | null): number {
    this.#tick();
    tally?.record(this.#clock);
    const words = this.#table.wordsOf(entry);
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    const id = words[base + OPEN_IDS]! + 1;
    words[base + OPEN_IDS] = id;
    words[base + OPEN_AT_WORK] = id;
    this.#table.cellsOf(entry)[(base >> 1) + OPEN_COMPONENT_START] = this.#clock[0]!;
    words[base + OPEN_COMPONENT] = component;
    desk[DESK_WORD] = words[base + OPEN_WORD]!;
    return id;
  }

  /** It ends now, and well; start and sequence are staged. Answers the outcome. */
  leave(entry: number, word: number, id: number, component: number, tally: Tally): number {
    this.#tick();
    const outcome = tally.record(this.#clock);
    return outcome | this.leaveSaying(entry, word, id, component, FORM_INVOKE, 0);
  }

  /** The same where the clock has just been read, with a text. */
  leaveSaying(
    entry: number,
    word: number,
    id: number,
    component: number,
    form: number,
    textBytes: number,
  ): number {
    const words = this.#table.wordsOf(entry);
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    if (word !== KNOWN_WORD && words[base + OPEN_WORD] !== word) return OUTCOME_GONE;
    if (words[base + OPEN_AT_WORK] === id) {
      words[base + OPEN_AT_WORK] = 0;
      words[base + OPEN_COMPONENT] = 0;
    }
    stage[DURATION] = this.#clock[0]! - stage[START]!;
    return this.write(entry, form, id, 0, 0, component, textBytes);
  }

  /**
   * A span of no component ends now; sequence and start are staged, but the root's start. Answers the
   * outcome.
   */
  end(entry: number, form: number, id: number, parent: number, name: number): number {
    this.#tick();
    if (parent === OF_ROOT) this.#stageRoot(entry);
    stage[DURATION] = this.#clock[0]! - stage[START]!;
    return this.write(entry, form, id, parent, name, 0, 0);
  }

  /** Writes a span with the numbers that are staged, a root with its own start. */
  write(
    entry: number,
    form: number,
    id: number,
    parent: number,
    name: number,
    component: number,
    textBytes: number,
  ): number {
    if (parent === OF_ROOT) this.#stageRoot(entry);
    if (!(stage[DURATION]! > 0)) stage[DURATION] = 0;
    const words = this.#table.wordsOf(entry);
    const cells = this.#table.cellsOf(entry);
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    this.#flight.write(words, base, cells, form, id, parent, name, component, textBytes);
    const decided = words[base + OPEN_DECISION] === 0 ? 0 : OUTCOME_DECIDED;
    return words[base + OPEN_SPANS]! > words[base + OPEN_IDS]! ? decided | OUTCOME_OVER : decided;
  }

  #stageRoot(entry: number): void {
    const base = FIRST_ENTRY + ((entry & INDEX_MASK) << ENTRY_SHIFT);
    stage[START] = this.#table.cellsOf(entry)[(base >> 1) + OPEN_START]!;
  }
}
