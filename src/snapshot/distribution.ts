/** What a histogram has counted, and the questions that can be put to it. */

/** The plain data of a histogram's series. */
export interface DistributionData {
  /** How many values: the sum of `counts`. */
  readonly count: number;
  /** The sum of all values. */
  readonly sum: number;
  /** The smallest value; `null` where there is none, or where it is not known. */
  readonly min: number | null;
  /** The largest value; `null` likewise. */
  readonly max: number | null;
  /** Upper bounds, inclusive. */
  readonly bounds: readonly number[];
  /** Values in each bucket, not cumulative; the last is to +Inf, so one more than bounds. */
  readonly counts: readonly number[];
}

const EMPTY: DistributionData = { count: 0, sum: 0, min: null, max: null, bounds: [], counts: [0] };

/** What a histogram has counted, in the histogram's own unit. */
export class Distribution implements DistributionData {
  /** How many values. */
  readonly count: number;
  /** The sum of all values. */
  readonly sum: number;
  /** The smallest value; `null` where there is none, or where it is not known. */
  readonly min: number | null;
  /** The largest value; `null` likewise. */
  readonly max: number | null;
  /** Upper bounds, inclusive. */
  readonly bounds: readonly number[];
  /** Values in each bucket, not cumulative; the last is to +Inf. */
  readonly counts: readonly number[];

  /** @param data - kept, not copied; an empty distribution when left out */
  constructor(data: DistributionData = EMPTY) {
    this.count = data.count;
    this.sum = data.sum;
    this.min = data.min;
    this.max = data.max;
    this.bounds = data.bounds;
    this.counts = data.counts;
  }

  /** The mean; NaN where there are no values. */
  get mean(): number {
    return this.sum / this.count;
  }

  /**
   * The value that a fraction `q` of all values is at or below, as well as the buckets tell: within
   * a bucket values are taken as spread evenly, and none is taken as outside `min` and `max`. In
   * the last bucket, whose end is unknown, it is the largest value where that is known, else the
   * last bound.
   *
   * @param q - 0 to 1
   * @returns NaN where there are no values, or where `q` is out of range
   */
  quantile(q: number): number {
    if (!(q >= 0 && q <= 1) || this.count === 0) return NaN;
    const rank = q * this.count;
    let below = 0;
    for (const [bucket, inside] of this.counts.entries()) {
      if (inside > 0 && below + inside >= rank) {
        return this.#within(bucket, (rank - below) / inside);
      }
      below += inside;
    }
    return NaN;
  }

  #within(bucket: number, fraction: number): number {
    const low = this.#clamp(this.bounds[bucket - 1] ?? 0);
    const bound = this.bounds[bucket];
    if (bound === undefined && this.max === null) return low;
    const high = this.#clamp(bound ?? Infinity);
    return low + (high - low) * fraction;
  }

  #clamp(value: number): number {
    return Math.min(Math.max(value, this.min ?? 0), this.max ?? Infinity);
  }
}
