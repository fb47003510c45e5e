/**
 * A histogram each of whose buckets remembers which local trace was last in it. A class of its own,
 * as `exemplar-counter.ts` is.
 *
 *     cells    sum | -min | max | bucket 0 | … | bucket n | serial, value | … of bucket n
 */
import {
  EXEMPLAR_CELLS,
  EXEMPLAR_SERIAL,
  EXEMPLAR_VALUE,
  GATE,
  HISTOGRAM_HEAD_CELLS,
  HISTOGRAM_MAX,
  HISTOGRAM_NEGATED_MIN,
} from '../generated/layout';
import type { ActiveSerial } from './active-serial';
import { NO_CELLS } from './cells';
import type { Counter } from './counter';
import { Histogram } from './histogram';
import { climb, HIGH_WORD, NO_SEARCH, scratch, type Search, WITHOUT_SIGN, words } from './search';
import type { Timer } from './timer';

const MOST = Number.MAX_VALUE;

/** A histogram whose values can be exemplars. */
export class ExemplarHistogram extends Histogram {
  #cells = NO_CELLS;
  #index = 0;
  #active: ActiveSerial = NO_CELLS;
  readonly #search: Search = NO_SEARCH;
  readonly #refused: Counter;

  constructor(
    cells: Float64Array,
    index: number,
    refused: Counter,
    buckets: Search,
    timer: Timer,
    active: ActiveSerial,
  ) {
    super(cells, index, refused, buckets, timer, active);
    this.#cells = cells;
    this.#index = index;
    this.#active = active;
    this.#search = buckets;
    this.#refused = refused;
  }

  /** As that of a histogram, word for word, and what is about the serial. */
  override record(value: number): void {
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
    const negated = -(value + 0);
    const negatedMin = cells[index + HISTOGRAM_NEGATED_MIN]!;
    if (negated > negatedMin || (negatedMin === 0 && 1 / negatedMin > 0)) {
      cells[index + HISTOGRAM_NEGATED_MIN] = negated;
    }
    if (value > cells[index + HISTOGRAM_MAX]!) cells[index + HISTOGRAM_MAX] = value;
    const head = index + HISTOGRAM_HEAD_CELLS;
    cells[head + bucket]! += 1;
    const serial = this.#active[0]!;
    if (serial > 0) {
      const at = head + bounds.length + EXEMPLAR_CELLS * bucket;
      // As in leaveExemplar(), which takes 0.4 ns longer.
      cells[at + EXEMPLAR_SERIAL] = 0;
      cells[at + EXEMPLAR_VALUE] = value;
      cells[at + EXEMPLAR_SERIAL] = serial;
    }
  }

  /** See {@link Histogram.redirect}. */
  static override redirect(histogram: ExemplarHistogram, cells: Float64Array, index: number): void {
    Histogram.redirect(histogram, cells, index);
    histogram.#cells = cells;
    histogram.#index = index;
  }
}
