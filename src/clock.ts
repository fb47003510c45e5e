/** A clock that a test moves by hand. */
import type { Clock } from './backend/backend';
import { NanometerError, show } from './errors';

/** A clock for tests: stands still until it is moved. Give it to `open({ clock })`. */
export interface MockClock extends Clock {
  /**
   * Moves the clock on.
   *
   * @param ns - nanoseconds, 0 or above
   * @throws NanometerError `NANOMETER_INVALID_OPTION` for anything else: time goes one way
   */
  advance(ns: number): void;
}

/**
 * Makes a clock for tests. Timers, `meter.now()` and the stamps of `last` gauges of this thread
 * follow it; the server and its native threads have their own time.
 *
 * @param startNs - where it stands at first, in nanoseconds
 */
export function mockClock(startNs = 0): MockClock {
  const cell = new Float64Array([startNs]);
  let now = startNs;
  return {
    cell,
    tick: () => {
      cell[0] = now;
    },
    advance: (ns) => {
      if (typeof ns !== 'number' || !(ns >= 0 && ns < Infinity)) {
        throw new NanometerError(
          'NANOMETER_INVALID_OPTION',
          `advance(${show(ns)}): give nanoseconds, a finite number of 0 or above`,
        );
      }
      now += ns;
    },
  };
}
