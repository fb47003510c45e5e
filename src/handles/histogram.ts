/**
 * A distribution over fixed buckets. Recording finds a bucket and stores: it never throws or
 * allocates, and calls native code for the clock of a timer only.
 *
 *     cells    sum | -min | max | bucket 0 | … | bucket n (to +Inf)
 *
 * There is no count: it is the sum of the buckets, so the two cannot disagree.
 */
import {
  EXEMPLAR_CELLS,
  GATE,
  HISTOGRAM_HEAD_CELLS,
  HISTOGRAM_MAX,
  HISTOGRAM_NEGATED_MIN,
  HISTOGRAM_SUM,
} from '../generated/layout';
import { isThenable } from '../thenable';
import { type ActiveSerial, leaveExemplar } from './active-serial';
import { NO_CELLS } from './cells';
import type { Counter } from './counter';
import { type Follower, setFollower, tellFollower } from './followers';
import { climb, HIGH_WORD, NO_SEARCH, scratch, type Search, WITHOUT_SIGN, words } from './search';
import type { Timer } from './timer';

const MOST = Number.MAX_VALUE;
// The sum is the first cell: records leave the addition out (0.3 ns, for its overflow check).
HISTOGRAM_SUM satisfies 0;

/**
 * A histogram, or one series of a histogram family, as one thread sees it. Make it with
 * `meter.histogram()`.
 *
 * Values are finite numbers of 0 or above, in the histogram's unit. Anything else, and a sum past
 * the largest float64, is refused: the histogram stays as it is and `nanometer.values_rejected`
 * counts one.
 */
export class Histogram {
  #cells = NO_CELLS;
  #index = 0;
  readonly #search: Search = NO_SEARCH;
  readonly #timer: Timer;
  readonly #refused: Counter;
  /** Empty where it has no cells for exemplars: see `exemplar-histogram.ts`. */
  readonly #active: ActiveSerial = NO_CELLS;

  /** @internal */
  constructor(
    cells: Float64Array,
    index: number,
    refused: Counter,
    buckets: Search,
    timer: Timer,
    active: ActiveSerial = NO_CELLS,
  ) {
    this.#active = active;
    this.#cells = cells;
    this.#index = index;
    this.#search = buckets;
    this.#timer = timer;
    this.#refused = refused;
  }

  /** Records one value. */
  record(value: number): void {
    const cells = this.#cells;
    if (!(cells[GATE]! > 0)) return;
    if (typeof value !== 'number' || !(value >= 0)) {
      this.#refused.inc();
      return;
    }
    const index = this.#index;
    const sum = cells[index]! + value;
    if (sum > MOST) {
      this.#refused.inc();
      return;
    }
    const { bounds, table, shift } = this.#search;
    scratch[0] = value;
    let bucket = table[(words[HIGH_WORD]! & WITHOUT_SIGN) >> shift]!;
    if (value > bounds[bucket]!) {
      bucket++;
      if (value > bounds[bucket]!) bucket = climb(bounds, value, bucket);
    }
    cells[index] = sum;
    // -(value + 0) is -0 for 0 and for -0: the cell's +0 is left to say "none yet".
    const negated = -(value + 0);
    const negatedMin = cells[index + HISTOGRAM_NEGATED_MIN]!;
    if (negated > negatedMin || (negatedMin === 0 && 1 / negatedMin > 0)) {
      cells[index + HISTOGRAM_NEGATED_MIN] = negated;
    }
    if (value > cells[index + HISTOGRAM_MAX]!) cells[index + HISTOGRAM_MAX] = value;
    cells[index + HISTOGRAM_HEAD_CELLS + bucket]! += 1;
  }

  /**
   * Records the value that stands in {@link scratch}, a finite one; below 0 counts as 0. A
   * number that is passed to a function which V8 does not inline is allocated (4 ns, and the
   * collector's time); one that stands in a typed array is not.
   *
   * @internal
   */
  static recordStaged(histogram: Histogram): void {
    const cells = histogram.#cells;
    if (!(cells[GATE]! > 0)) return;
    let value = scratch[0]!;
    if (!(value > 0)) value = scratch[0] = 0;
    const index = histogram.#index;
    const { bounds, table, shift } = histogram.#search;
    let bucket = table[(words[HIGH_WORD]! & WITHOUT_SIGN) >> shift]!;
    if (value > bounds[bucket]!) {
      bucket++;
      if (value > bounds[bucket]!) bucket = climb(bounds, value, bucket);
    }
    cells[index]! += value;
    const negated = -value;
    const negatedMin = cells[index + HISTOGRAM_NEGATED_MIN]!;
    if (negated > negatedMin || (negatedMin === 0 && 1 / negatedMin > 0)) {
      cells[index + HISTOGRAM_NEGATED_MIN] = negated;
    }
    if (value > cells[index + HISTOGRAM_MAX]!) cells[index + HISTOGRAM_MAX] = value;
    const head = index + HISTOGRAM_HEAD_CELLS;
    cells[head + bucket]! += 1;
    const active = histogram.#active;
    if (active.length === 0) return;
    leaveExemplar(active, cells, head + bounds.length + EXEMPLAR_CELLS * bucket, scratch);
  }

  /**
   * Records the first numbers of a list, as {@link recordStaged} does; together they cost a third
   * of what they cost one by one, far from each other.
   *
   * @internal
   */
  static recordAll(histogram: Histogram, values: Float64Array, count: number): void {
    const cells = histogram.#cells;
    if (!(cells[GATE]! > 0) || count === 0) return;
    const index = histogram.#index;
    const { bounds, table, shift } = histogram.#search;
    const active = histogram.#active;
    const head = index + HISTOGRAM_HEAD_CELLS;
    let sum = 0;
    let min = Infinity;
    let max = cells[index + HISTOGRAM_MAX]!;
    for (let i = 0; i < count; i++) {
      let value = values[i]!;
      if (!(value > 0)) value = 0;
      scratch[0] = value;
      let bucket = table[(words[HIGH_WORD]! & WITHOUT_SIGN) >> shift]!;
      if (value > bounds[bucket]!) {
        bucket++;
        if (value > bounds[bucket]!) bucket = climb(bounds, value, bucket);
      }
      cells[head + bucket]! += 1;
      if (active.length > 0) {
        leaveExemplar(active, cells, head + bounds.length + EXEMPLAR_CELLS * bucket, scratch);
      }
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    cells[index]! += sum;
    const negatedMin = cells[index + HISTOGRAM_NEGATED_MIN]!;
    if (-min > negatedMin || (negatedMin === 0 && 1 / negatedMin > 0)) {
      cells[index + HISTOGRAM_NEGATED_MIN] = -min;
    }
    cells[index + HISTOGRAM_MAX] = max;
  }

  /** Records 0 so many times, and leaves no exemplar. @internal */
  static recordZeros(histogram: Histogram, count: number): void {
    const cells = histogram.#cells;
    if (!(cells[GATE]! > 0) || count === 0) return;
    const index = histogram.#index;
    // 0 is in the first bucket; -0 is a least value of 0.
    cells[index + HISTOGRAM_HEAD_CELLS]! += count;
    cells[index + HISTOGRAM_NEGATED_MIN] = -0;
  }

  /**
   * Records how long it has been since `startNs`, which `meter.now()` gave on this thread. The
   * timer that allocates nothing; costs two clock reads with the one before.
   */
  recordSince(startNs: number): void {
    if (this.#cells[GATE]! > 0) this.record(this.#timer.since(startNs));
  }

  /**
   * Starts a timer. The function that it returns records how long it has been, once: a second call
   * is refused and counted. Where the level is off now, the interval is not recorded. Allocates the
   * function; see {@link Histogram.recordSince}.
   */
  start(): () => void {
    if (!(this.#cells[GATE]! > 0)) return ignore;
    const startNs = this.#timer.now();
    let isRunning = true;
    return () => {
      if (!isRunning) {
        this.record(NaN);
        return;
      }
      isRunning = false;
      this.recordSince(startNs);
    };
  }

  /**
   * Calls a function and records how long it took: till it returns or throws, or till the promise
   * that it returns is settled. Result and error are passed on unchanged.
   *
   * A promise comes back as one derived from it by its own `then`, so that a rejection which
   * nobody handles is still reported; any other thenable is waited for once, by a `Promise`.
   */
  time<T>(fn: () => PromiseLike<T>): Promise<T>;
  time<T>(fn: () => T): T;
  time(fn: () => unknown): unknown {
    if (!(this.#cells[GATE]! > 0)) return fn();
    const startNs = this.#timer.now();
    let result: unknown;
    try {
      result = fn();
    } catch (error) {
      this.recordSince(startNs);
      throw error;
    }
    if (isThenable(result)) return this.#settle(result, startNs);
    this.recordSince(startNs);
    return result;
  }

  #settle(result: PromiseLike<unknown>, startNs: number): PromiseLike<unknown> {
    const promise = result instanceof Promise ? result : Promise.resolve(result);
    return promise.then(
      (value: unknown) => {
        this.recordSince(startNs);
        return value;
      },
      (error: unknown) => {
        this.recordSince(startNs);
        throw error;
      },
    );
  }

  /** Lets later records go to other cells: the series is removed. */
  static redirect(histogram: Histogram, cells: Float64Array, index: number): void {
    histogram.#cells = cells;
    histogram.#index = index;
    tellFollower(histogram, cells, index);
  }

  /** The upper bounds of its buckets; the last is +Inf. @internal */
  static boundsOf(histogram: Histogram): Float64Array {
    return histogram.#search.bounds;
  }

  /** Tells where its cells are, now and whenever it is redirected. @internal */
  static follow(histogram: Histogram, follower: Follower): void {
    setFollower(histogram, follower);
    follower(histogram.#cells, histogram.#index);
  }
}

function ignore(): void {
  // The level was off when the timer started.
}
