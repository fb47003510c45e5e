/**
 * A counter and a histogram that go up together, by the time since something began: how often a
 * component was invoked and how long that took, or what a stream transferred and how long it waited.
 *
 * The native scribe records it with what it writes, by its number, where it knows where the two are:
 * see `crates/core/src/spans/tally.rs`. Otherwise {@link Tally.record} does.
 */
import type { NativeScribe } from '../backend/backend';
import { BELL_TALLY_SHIFT, OUTCOME_SLOW } from '../generated/layout';
import { Counter } from '../handles/counter';
import { type Follower, unfollow } from '../handles/followers';
import { Histogram } from '../handles/histogram';
import { scratch } from '../handles/search';
import { DURATION, stage, START } from './stage';

/** See the file. */
export class Tally {
  /** What an order for the native scribe has of it; 0 where that does not record it. */
  order = 0;
  /** Whether it is recorded in JavaScript. */
  isOwn = true;
  readonly #count: Counter;
  readonly #times: Histogram;
  readonly #slowNs: number;
  /** What records it; `null` where JavaScript does. */
  #scribe: NativeScribe | null = null;

  /** @param slowNs - what takes longer is slow */
  constructor(count: Counter, times: Histogram, slowNs = Infinity) {
    this.#count = count;
    this.#times = times;
    this.#slowNs = slowNs;
  }

  /**
   * Counts one, and records the time from the start that is staged to the one in a clock's cell.
   *
   * @returns `OUTCOME_SLOW`, or 0
   */
  record(now: Float64Array): number {
    scratch[0] = now[0]! - stage[START]!;
    return this.recordStaged();
  }

  /** The same of the duration that is staged. */
  recordDuration(): number {
    scratch[0] = stage[DURATION]!;
    return this.recordStaged();
  }

  /** The same of the time that is staged for a histogram: see `Histogram.recordStaged`. */
  recordStaged(): number {
    const outcome = scratch[0]! > this.#slowNs ? OUTCOME_SLOW : 0;
    this.#count.inc();
    Histogram.recordStaged(this.#times);
    return outcome;
  }

  /** Has a native scribe record it from now on. */
  handOver(scribe: NativeScribe): void {
    if (!this.isOwn) return;
    const number = scribe.addTally(Histogram.boundsOf(this.#times), this.#slowNs);
    if (number === 0) return;
    const placing =
      (isHistogram: boolean): Follower =>
      (cells, index) => {
        scribe.placeTally(number, isHistogram, cells, index);
      };
    Counter.follow(this.#count, placing(false));
    Histogram.follow(this.#times, placing(true));
    this.#scribe = scribe;
    this.order = number << BELL_TALLY_SHIFT;
    this.isOwn = false;
  }

  /** Has it recorded in JavaScript again: little is to come of it. */
  takeBack(): void {
    if (this.isOwn) return;
    unfollow(this.#count);
    unfollow(this.#times);
    this.#scribe!.removeTally(this.order >> BELL_TALLY_SHIFT);
    this.#scribe = null;
    this.order = 0;
    this.isOwn = true;
  }
}
