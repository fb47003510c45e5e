/**
 * A counter that remembers which local trace counted last. A class of its own, so that a counter
 * without exemplars does not ask whether it has some: the question alone takes 0.8 ns of 2.5.
 *
 *     cells    value | serial | increment       a serial below 0: the increment was 1
 */
import { COUNTER_CELLS, EXEMPLAR_SERIAL, EXEMPLAR_VALUE, GATE } from '../generated/layout';
import type { ActiveSerial } from './active-serial';
import { NO_CELLS } from './cells';
import { Counter } from './counter';

const SERIAL = COUNTER_CELLS + EXEMPLAR_SERIAL;
const INCREMENT = COUNTER_CELLS + EXEMPLAR_VALUE;
const MOST = Number.MAX_VALUE;

/** A counter whose last increment can be an exemplar. */
export class ExemplarCounter extends Counter {
  #cells = NO_CELLS;
  #index = 0;
  #active: ActiveSerial = NO_CELLS;
  readonly #refused: Counter;

  /** @param refused - counts the values that this one refuses */
  constructor(cells: Float64Array, index: number, refused: Counter, active: ActiveSerial) {
    super(cells, index, refused);
    this.#cells = cells;
    this.#index = index;
    this.#active = active;
    this.#refused = refused;
  }

  override inc(): void {
    const cells = this.#cells;
    if (!(cells[GATE]! > 0)) return;
    const index = this.#index;
    cells[index]! += 1;
    const serial = this.#active[0]!;
    // One store, and so no reader ever sees half of it.
    if (serial > 0) cells[index + SERIAL] = -serial;
  }

  override add(value: number): void {
    const cells = this.#cells;
    if (!(cells[GATE]! > 0)) return;
    if (typeof value === 'number' && value >= 0) {
      const index = this.#index;
      const sum = cells[index]! + value;
      if (sum <= MOST) {
        cells[index] = sum;
        const serial = this.#active[0]!;
        if (serial > 0) {
          // As in leaveExemplar(), which takes longer.
          cells[index + SERIAL] = 0;
          cells[index + INCREMENT] = value;
          cells[index + SERIAL] = serial;
        }
        return;
      }
    }
    this.#refused.inc();
  }

  /** See {@link Counter.redirect}. */
  static override redirect(counter: ExemplarCounter, cells: Float64Array, index: number): void {
    Counter.redirect(counter, cells, index);
    counter.#cells = cells;
    counter.#index = index;
  }
}
