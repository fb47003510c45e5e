/**
 * Has the spans of this thread written, by what stands on the desk: by the native scribe, in the call
 * that reads the clock, which is made in any case; or by {@link OwnScribe}. See
 * `crates/core/src/spans/scribe.rs`.
 *
 * The invariant: an order is the last thing that is stored before the clock is called, so that no
 * other reading finds it.
 */
import type { Clock, NativeScribe, Scribes } from '../backend/backend';
import {
  BELL_ORDER,
  BELL_SCRIBE_SHIFT,
  DESK_COMPONENT,
  DESK_ENTRY,
  DESK_FORM,
  DESK_ID,
  DESK_NAME,
  DESK_OUTCOME,
  DESK_PARENT,
  DESK_WORD,
  ORDER_END,
  ORDER_ENTER,
  ORDER_LEAVE,
  ORDER_OPEN,
  ORDER_UNTIMED,
  ORDER_WRITE,
} from '../generated/layout';
import { INDEX_MASK, NO_ENTRY } from './entry';
import { OF_ROOT } from './flight';
import type { OwnScribe } from './own-scribe';
import { desk, stage } from './stage';
import type { Tally } from './tally';

const WRITE = ORDER_WRITE | ORDER_UNTIMED;

/** See the file. */
export class Scribe {
  readonly #own: OwnScribe;
  /** The last of the entries that the native one writes: those that readers see. */
  readonly #last: number = NO_ENTRY;
  readonly #bell: Int32Array = desk;
  readonly #tick: () => void;
  readonly #clock: Float64Array;
  readonly #native: NativeScribe | null = null;
  /** Its number, as an order has it. */
  readonly #number: number = 0;

  /**
   * @param clock - this thread's
   * @param scribes - what writes as a clock is called, if that is the one
   */
  constructor(own: OwnScribe, { tick, cell }: Clock, scribes: Scribes | undefined) {
    this.#own = own;
    this.#tick = tick;
    this.#clock = cell;
    if (scribes?.tick !== tick) return;
    this.#native = scribes.add(stage.buffer);
    if (this.#native === null) return;
    this.#last = INDEX_MASK;
    this.#bell = scribes.bell;
    this.#number = this.#native.number << BELL_SCRIBE_SHIFT;
  }

  /** Has the native one record a tally, if there is one. */
  handOver(tally: Tally): void {
    if (this.#native !== null) tally.handOver(this.#native);
  }

  /** The local trace that the desk has begins now: reads the clock. */
  open(entry: number): void {
    if (entry > this.#last) {
      this.#own.open();
      return;
    }
    this.#bell[BELL_ORDER] = this.#number | ORDER_OPEN;
    this.#tick();
  }

  /**
   * A component begins to work now: reads the clock, and leaves the entry's word on the desk. Answers
   * its span's id, less the root's.
   *
   * @param tally - of the time since the start that is staged, if there is one
   */
  enter(entry: number, component: number, tally: Tally | null): number {
    if (entry > this.#last) return this.#own.enter(entry, component, tally);
    desk[DESK_ENTRY] = entry;
    desk[DESK_COMPONENT] = component;
    const order = this.#number | ORDER_ENTER;
    this.#bell[BELL_ORDER] = tally === null ? order : order | tally.order;
    this.#tick();
    if (tally?.isOwn === true) tally.record(this.#clock);
    return desk[DESK_ID]!;
  }

  /**
   * It ends now, and well: reads the clock. Start and sequence are staged. Answers the outcome, of
   * which the tracer is to be told where it is not 0.
   *
   * @param word - of the entry, when it began; where it is another one, the trace has been given up
   */
  leave(entry: number, word: number, id: number, component: number, tally: Tally): number {
    if (entry > this.#last) return this.#own.leave(entry, word, id, component, tally);
    desk[DESK_ENTRY] = entry;
    desk[DESK_WORD] = word;
    desk[DESK_ID] = id;
    desk[DESK_COMPONENT] = component;
    this.#bell[BELL_ORDER] = this.#number | ORDER_LEAVE | tally.order;
    this.#tick();
    const outcome = desk[DESK_OUTCOME]!;
    return tally.isOwn ? outcome | tally.record(this.#clock) : outcome;
  }

  /**
   * A span of no component ends now: reads the clock. Sequence and start are staged, but the root's
   * start. Answers the outcome.
   */
  end(entry: number, form: number, id: number, parent: number, name: number): number {
    if (entry > this.#last) return this.#own.end(entry, form, id, parent, name);
    desk[DESK_ENTRY] = entry;
    desk[DESK_ID] = id;
    desk[DESK_FORM] = form;
    desk[DESK_PARENT] = parent;
    desk[DESK_NAME] = name;
    this.#bell[BELL_ORDER] = this.#number | ORDER_END;
    this.#tick();
    return desk[DESK_OUTCOME]!;
  }

  /**
   * A root has ended: its sequence and duration are staged, and the clock is not read. Answers the
   * outcome.
   */
  endRoot(entry: number, form: number, name: number, tally: Tally | null): number {
    const isOwn = entry > this.#last;
    const slow = tally !== null && (isOwn || tally.isOwn) ? tally.recordDuration() : 0;
    if (isOwn) return slow | this.#own.write(entry, form, 0, OF_ROOT, name, 0, 0);
    // By itself, and not by end(): so little goes into `Element.end()` (3 to 5 % of an element).
    desk[DESK_ENTRY] = entry;
    desk[DESK_ID] = 0;
    desk[DESK_FORM] = form;
    desk[DESK_PARENT] = OF_ROOT;
    desk[DESK_NAME] = name;
    const order = this.#number | WRITE;
    this.#bell[BELL_ORDER] = tally === null ? order : order | tally.order;
    this.#tick();
    return slow | desk[DESK_OUTCOME]!;
  }
}
