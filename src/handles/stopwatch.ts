/**
 * How long something has been going on. Starting and stopping store a number each: they never throw
 * or allocate, and call native code for the clock only. The reading is made by whoever reads.
 *
 *     cells    value | stamp      running: the start, 1      stopped: the duration, -1
 */
import type { Clock } from '../backend/backend';
import { GATE, GAUGE_STAMP, GAUGE_VALUE } from '../generated/layout';
import { NO_CELLS } from './cells';

/**
 * A gauge, in nanoseconds, that grows by itself from `start()` to `stop()`, and on from there after
 * another `start()`. Make it with `meter.stopwatch()`.
 *
 * Each thread has a stopwatch of its own; the longest reading is the one that is shown. One that
 * runs in a thread that ends is withdrawn, one that has stopped stays.
 */
export class Stopwatch {
  #cells = NO_CELLS;
  #index = 0;
  readonly #clock: Clock;

  /** @internal */
  constructor(cells: Float64Array, index: number, clock: Clock) {
    this.#cells = cells;
    this.#index = index;
    this.#clock = clock;
  }

  /** Starts it, or goes on where it was stopped. Does nothing while it runs, or at the level off. */
  start(): void {
    if (this.#cells[GATE]! > 0) Stopwatch.forceStart(this);
  }

  /** Starts it at whichever level. @internal */
  static forceStart(stopwatch: Stopwatch): void {
    stopwatch.#start();
  }

  #start(): void {
    const cells = this.#cells;
    const stamp = cells[this.#index + GAUGE_STAMP]!;
    if (stamp > 0) return;
    const before = stamp < 0 ? cells[this.#index + GAUGE_VALUE]! : 0;
    this.#write(this.#now() - before, 1);
  }

  /** Stops it, at whichever level. Does nothing while it does not run. */
  stop(): void {
    const cells = this.#cells;
    if (!(cells[this.#index + GAUGE_STAMP]! > 0)) return;
    const elapsed = this.#now() - cells[this.#index + GAUGE_VALUE]!;
    this.#write(elapsed > 0 ? elapsed : 0, -1);
  }

  /** A reader in between sees none, never a start that is taken for a duration. */
  #write(value: number, stamp: number): void {
    const cells = this.#cells;
    cells[this.#index + GAUGE_STAMP] = 0;
    cells[this.#index + GAUGE_VALUE] = value;
    cells[this.#index + GAUGE_STAMP] = stamp;
  }

  #now(): number {
    const clock = this.#clock;
    clock.tick();
    return clock.cell[0]!;
  }

  /** Lets it run since then, whether it runs or not. @internal */
  static runSince(stopwatch: Stopwatch, startNs: number): void {
    const cells = stopwatch.#cells;
    if (!(cells[GATE]! > 0)) return;
    cells[stopwatch.#index + GAUGE_VALUE] = startNs;
    cells[stopwatch.#index + GAUGE_STAMP] = 1;
  }

  /** Takes its reading away. @internal */
  static clear(stopwatch: Stopwatch): void {
    stopwatch.#cells[stopwatch.#index + GAUGE_STAMP] = 0;
  }

  /** Lets later records go to other cells: the series is removed. */
  static redirect(stopwatch: Stopwatch, cells: Float64Array, index: number): void {
    stopwatch.#cells = cells;
    stopwatch.#index = index;
  }
}
