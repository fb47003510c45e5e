/**
 * Which of several states something is in. Recording stores an index and a time: it never throws or
 * allocates, and calls native code for the clock only.
 */
import type { Clock } from '../backend/backend';
import type { States } from '../definition/define';
import { GATE, GAUGE_STAMP, GAUGE_VALUE } from '../generated/layout';
import { NO_CELLS } from './cells';
import type { Counter } from './counter';

/**
 * A metric that is in one of several states, or one series of a family of them, as one thread sees
 * it. Make it with `meter.state()`. It begins in the first state.
 *
 * Each thread sets a state of its own; the one that is shown is the one that was set last, except
 * that a state which is not final goes before every final one, so that what is at work in one thread
 * is not hidden by what is over in another. When a thread ends, its state is withdrawn unless it is
 * final. Nothing but the names given is accepted; anything else is refused: the state stays and
 * `nanometer.values_rejected` counts one.
 */
export class StateSet<S extends string = string> {
  #cells = NO_CELLS;
  #index = 0;
  readonly #refused: Counter;
  readonly #states: States;
  readonly #clock: Clock;

  /** @internal */
  constructor(cells: Float64Array, index: number, refused: Counter, states: States, clock: Clock) {
    this.#cells = cells;
    this.#index = index;
    this.#refused = refused;
    this.#states = states;
    this.#clock = clock;
  }

  /** Sets the state. Costs a search of a short list and a clock read. */
  set(state: S): void {
    if (this.#cells[GATE]! > 0) this.#set(state);
  }

  /** Sets the state at whichever level: what is, and not what happened. @internal */
  static force<S extends string>(handle: StateSet<S>, state: S): void {
    handle.#set(state);
  }

  #set(state: S): void {
    const cells = this.#cells;
    const number = this.#states.names.indexOf(state);
    if (number < 0) {
      this.#refused.inc();
      return;
    }
    const clock = this.#clock;
    clock.tick();
    // A clock may stand at 0, which would say "never set".
    const now = clock.cell[0]! || 1;
    cells[this.#index + GAUGE_VALUE] = number;
    // Below 0 is settled, and the later is the larger: see `layout.rs`.
    cells[this.#index + GAUGE_STAMP] = this.#states.final.includes(state) ? -1 / now : now;
  }

  /** Lets later records go to other cells: the series is removed. */
  static redirect(state: StateSet, cells: Float64Array, index: number): void {
    state.#cells = cells;
    state.#index = index;
  }
}
