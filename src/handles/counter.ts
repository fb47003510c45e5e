/**
 * A sum that only grows. Recording is a load, a branch and a store into this thread's own cells:
 * it never throws, allocates or calls native code.
 */
import { GATE } from '../generated/layout';
import { NO_CELLS } from './cells';
import { type Follower, setFollower, tellFollower } from './followers';

const MOST = Number.MAX_VALUE;

/**
 * A counter, or one series of a counter family, as one thread sees it. Make it with
 * `meter.counter()`; each thread records into cells of its own, and readers add them up.
 *
 * Values are exact to 2^53; beyond it, steps smaller than the spacing of float64 are lost.
 */
export class Counter {
  #cells = NO_CELLS;
  #index = 0;
  readonly #refused: Counter;

  /**
   * @param refused - counts the values that this one refuses; itself when left out
   * @internal
   */
  constructor(cells: Float64Array, index: number, refused?: Counter) {
    this.#cells = cells;
    this.#index = index;
    this.#refused = refused ?? this;
  }

  /** Adds one. */
  inc(): void {
    const cells = this.#cells;
    if (cells[GATE]! > 0) cells[this.#index]! += 1;
  }

  /**
   * Adds a finite number of 0 or above. Anything else, and a sum past the largest float64, is
   * refused: the counter keeps its value and `nanometer.values_rejected` counts one.
   */
  add(value: number): void {
    const cells = this.#cells;
    if (!(cells[GATE]! > 0)) return;
    // The type first: adding an object would run its valueOf, and a BigInt would throw.
    if (typeof value === 'number' && value >= 0) {
      const index = this.#index;
      const sum = cells[index]! + value;
      if (sum <= MOST) {
        cells[index] = sum;
        return;
      }
    }
    this.#refused.inc();
  }

  /** Lets later records go to other cells: the series is removed. */
  static redirect(counter: Counter, cells: Float64Array, index: number): void {
    counter.#cells = cells;
    counter.#index = index;
    tellFollower(counter, cells, index);
  }

  /** Tells where its cells are, now and whenever it is redirected. @internal */
  static follow(counter: Counter, follower: Follower): void {
    setFollower(counter, follower);
    follower(counter.#cells, counter.#index);
  }
}
