/**
 * What a histogram needs to measure time: this thread's clock, and how its nanoseconds become the
 * histogram's unit.
 */
import type { Clock } from '../backend/backend';
import { nanosecondsIn, TIME_UNITS } from '../definition/units';
import { warn } from '../warnings';

/** Shared by all series of one histogram, in one thread. */
export class Timer {
  readonly #clock: Clock;
  readonly #nanoseconds: number;
  readonly #complaint: string;

  /**
   * @param name - of the histogram, for the warning
   * @param unit - of the histogram; one that is no time makes every interval NaN
   */
  constructor(clock: Clock, name: string, unit: string) {
    this.#clock = clock;
    this.#nanoseconds = nanosecondsIn(unit) ?? NaN;
    this.#complaint =
      `The histogram ${name} is used as a timer, but its unit ${JSON.stringify(unit)} is no unit ` +
      `of time (${TIME_UNITS}). The times are not recorded.`;
  }

  /** The time, in nanoseconds since an arbitrary origin. */
  now(): number {
    const clock = this.#clock;
    clock.tick();
    return clock.cell[0]!;
  }

  /**
   * How long it has been, in the histogram's unit; never below 0, and NaN when `start` is not a
   * time or the unit is none (of which it warns once). Allocates nothing otherwise.
   */
  since(start: number): number {
    const nanoseconds = this.#nanoseconds;
    if (nanoseconds !== nanoseconds) {
      warn({ code: 'NANOMETER_NOT_A_TIMER', message: this.#complaint });
      return NaN;
    }
    if (typeof start !== 'number') return NaN;
    const elapsed = this.now() - start;
    return elapsed < 0 ? 0 : elapsed / nanoseconds;
  }
}
