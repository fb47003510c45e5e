/**
 * A reading that goes up and down. Recording never throws or allocates, and calls native code for
 * the clock of a `last` gauge only.
 */
import type { Clock } from '../backend/backend';
import { GATE, GAUGE_STAMP, GAUGE_VALUE } from '../generated/layout';
import { NO_CELLS } from './cells';
import type { Counter } from './counter';

/**
 * A gauge, or one series of a gauge family, as one thread sees it. Make it with `meter.gauge()`.
 *
 * Each thread has a reading of its own; the gauge's `aggregate` says how they become one value.
 * When a thread ends, what it *set* is withdrawn, and what it *added* to a `sum` gauge stays, since
 * another thread may take it off again. Every number must be finite; anything else is refused: the
 * gauge keeps its value and `nanometer.values_rejected` counts one.
 */
export class Gauge {
  #cells = NO_CELLS;
  #index = 0;
  readonly #refused: Counter;
  readonly #stampsAdds: boolean;
  readonly #clock: Clock | null;

  /**
   * @param stampsAdds - whether `add` counts as setting: it does unless the aggregate is `sum`
   * @param clock - of a `last` gauge, whose stamps are times; else `null`
   * @internal
   */
  constructor(
    cells: Float64Array,
    index: number,
    refused: Counter,
    stampsAdds: boolean,
    clock: Clock | null,
  ) {
    this.#cells = cells;
    this.#index = index;
    this.#refused = refused;
    this.#stampsAdds = stampsAdds;
    this.#clock = clock;
  }

  /** Sets this thread's reading. */
  set(value: number): void {
    const cells = this.#cells;
    if (!(cells[GATE]! > 0)) return;
    // x - x is 0 for finite numbers and NaN for all others.
    if (typeof value === 'number' && value - value === 0) this.#write(value);
    else this.#refused.inc();
  }

  /** Adds to this thread's reading; a negative number takes off. The sum must be finite too. */
  add(value: number): void {
    const cells = this.#cells;
    if (!(cells[GATE]! > 0)) return;
    const index = this.#index + GAUGE_VALUE;
    const sum = typeof value === 'number' ? cells[index]! + value : NaN;
    if (sum - sum !== 0) this.#refused.inc();
    else if (this.#stampsAdds) this.#write(sum);
    else cells[index] = sum;
  }

  /** Adds one. */
  inc(): void {
    this.add(1);
  }

  /** Takes one off. */
  dec(): void {
    this.add(-1);
  }

  /** Sets this thread's reading if the value is above it, or if there is none. */
  max(value: number): void {
    const cells = this.#cells;
    if (!(cells[GATE]! > 0)) return;
    if (typeof value !== 'number' || value - value !== 0) this.#refused.inc();
    else if (this.#isUnset() || value > cells[this.#index + GAUGE_VALUE]!) {
      this.#write(value);
    }
  }

  /** Sets this thread's reading if the value is below it, or if there is none. */
  min(value: number): void {
    const cells = this.#cells;
    if (!(cells[GATE]! > 0)) return;
    if (typeof value !== 'number' || value - value !== 0) this.#refused.inc();
    else if (this.#isUnset() || value < cells[this.#index + GAUGE_VALUE]!) {
      this.#write(value);
    }
  }

  /** A `sum` gauge that was only added to has no stamp, and yet a reading: 0 is its beginning. */
  #isUnset(): boolean {
    return this.#stampsAdds && this.#cells[this.#index + GAUGE_STAMP] === 0;
  }

  #write(value: number): void {
    const cells = this.#cells;
    const index = this.#index;
    const clock = this.#clock;
    cells[index + GAUGE_VALUE] = value;
    if (clock === null) cells[index + GAUGE_STAMP] = 1;
    else {
      clock.tick();
      // A clock may stand at 0, which would say "never set".
      cells[index + GAUGE_STAMP] = clock.cell[0]! || 1;
    }
  }

  /**
   * Sets the reading at whichever level: what is, and not what happened. For finite numbers, and a
   * gauge whose stamps are no times.
   *
   * @internal
   */
  static put(gauge: Gauge, value: number): void {
    const cells = gauge.#cells;
    cells[gauge.#index + GAUGE_VALUE] = value;
    cells[gauge.#index + GAUGE_STAMP] = 1;
  }

  /**
   * Raises the reading of a `max` gauge to a finite number, at whichever level; it stays when the
   * thread ends.
   *
   * @internal
   */
  static raise(gauge: Gauge, value: number): void {
    const cells = gauge.#cells;
    const index = gauge.#index;
    // A thread that ended may have left its own there.
    if (cells[index + GAUGE_STAMP] !== 0 && !(value > cells[index + GAUGE_VALUE]!)) return;
    cells[index + GAUGE_VALUE] = value;
    cells[index + GAUGE_STAMP] = -1;
  }

  /** Lets later records go to other cells: the series is removed. */
  static redirect(gauge: Gauge, cells: Float64Array, index: number): void {
    gauge.#cells = cells;
    gauge.#index = index;
  }
}
