/**
 * Bucket sets. A bound is the largest value that its bucket takes (`le`, inclusive); a last bucket,
 * to +Inf, comes after the bounds and is never listed.
 */
import { NanometerError, show, type Refuse } from '../errors';
import { nanosecondsIn, TIME_UNITS } from './units';

/** The buckets of a checked definition. */
export interface Buckets {
  /** Upper bounds, inclusive, ascending, finite, not negative, in the metric's unit. */
  readonly bounds: readonly number[];
  /** The scale of base-2 exponential buckets; `null` where bounds are explicit. */
  readonly scale: number | null;
}

/** Base-2 exponential buckets at a fixed scale: a bounded relative error over a wide range. */
export interface ExponentialSpec {
  /** The scale, and the range in which values are told apart. */
  readonly exponential: {
    /**
     * From -10 to 20: bounds are successive powers of 2^(2^-scale). Scale 3 keeps quantiles
     * within 4.5% of the truth, scale 4 within 2.2%, scale 5 within 1.1%.
     */
    readonly scale: number;
    /** The smallest value worth telling apart, above 0. 100 ns, or 1 where the unit is no time. */
    readonly min?: number;
    /** The largest value worth telling apart. 10 s, or 2^32 where the unit is no time. */
    readonly max?: number;
  };
}

/**
 * What `buckets` may be: `'latency'` (25 bounds, 100 ns to 10 s, in the histogram's unit of time),
 * `'size'` (bytes: powers of 4 from 64 B to 1 GiB), a list of upper bounds, or
 * {@link ExponentialSpec}. See also {@link exponential} and {@link linear}, which make lists.
 */
export type BucketSpec = 'latency' | 'size' | readonly number[] | ExponentialSpec;

/** The most bounds that one histogram may have. */
export const MOST_BOUNDS = 2_047;

// The reference is the latency_ns set of the torvyn catalog: 1, 2.5 and 5 of each decade.
const LATENCY_NS: readonly number[] = [
  100, 250, 500, 1e3, 2.5e3, 5e3, 1e4, 2.5e4, 5e4, 1e5, 2.5e5, 5e5, 1e6, 2.5e6, 5e6, 1e7, 2.5e7,
  5e7, 1e8, 2.5e8, 5e8, 1e9, 2.5e9, 5e9, 1e10,
];
const SIZE: readonly number[] = Array.from({ length: 13 }, (_, i) => 64 * 4 ** i);
const SCALES = { least: -10, most: 20 };

/**
 * Upper bounds that grow by a factor: `start`, `start * factor`, and so on.
 *
 * @param start - the first bound, above 0
 * @param factor - above 1
 * @param count - how many bounds, 1 to 2,047
 * @throws NanometerError `NANOMETER_INVALID_DEFINITION` where that makes no ascending finite bounds
 */
export function exponential(start: number, factor: number, count: number): number[] {
  checkCount('exponential', count);
  if (!(start > 0) || !(factor > 1)) {
    refuseList(
      `exponential(${show(start)}, ${show(factor)}, ${count}): give a start above 0 and a factor above 1`,
    );
  }
  return ascending(
    'exponential',
    Array.from({ length: count }, (_, i) => start * factor ** i),
  );
}

/**
 * Upper bounds at equal distances: `start`, `start + width`, and so on.
 *
 * @param start - the first bound, 0 or above
 * @param width - above 0
 * @param count - how many bounds, 1 to 2,047
 * @throws NanometerError `NANOMETER_INVALID_DEFINITION` where that makes no ascending finite bounds
 */
export function linear(start: number, width: number, count: number): number[] {
  checkCount('linear', count);
  if (!(start >= 0) || !(width > 0)) {
    refuseList(
      `linear(${show(start)}, ${show(width)}, ${count}): give a start of 0 or above and a width above 0`,
    );
  }
  return ascending(
    'linear',
    Array.from({ length: count }, (_, i) => start + width * i),
  );
}

function checkCount(maker: string, count: unknown): void {
  if (Number.isInteger(count) && Number(count) >= 1 && Number(count) <= MOST_BOUNDS) return;
  refuseList(`${maker}(): the count ${show(count)} is not a whole number from 1 to ${MOST_BOUNDS}`);
}

function ascending(maker: string, bounds: number[]): number[] {
  const fault = findFault(bounds);
  if (fault === undefined) return bounds;
  return refuseList(`${maker}(): ${fault}`);
}

const refuseList: Refuse = (what) => {
  throw new NanometerError('NANOMETER_INVALID_DEFINITION', what);
};

/** Bounds from what the user said; see {@link BucketSpec}. Throws through `refuse`. */
export function resolveBuckets(spec: unknown, unit: string, refuse: Refuse): Buckets {
  const chosen = spec ?? usual(unit, refuse);
  if (chosen === 'latency') return { bounds: latency(unit, refuse), scale: null };
  if (chosen === 'size') return { bounds: SIZE, scale: null };
  if (Array.isArray(chosen)) return { bounds: checkList(chosen, refuse), scale: null };
  if (typeof chosen === 'object' && chosen !== null && 'exponential' in chosen) {
    return baseTwo(chosen.exponential, unit, refuse);
  }
  return refuse(
    `buckets is 'latency', 'size', a list of bounds or { exponential: { scale } }, not ${show(chosen)}`,
  );
}

function usual(unit: string, refuse: Refuse): BucketSpec {
  if (nanosecondsIn(unit) !== undefined) return 'latency';
  if (unit === 'By') return 'size';
  return refuse(`there are no usual buckets for the unit ${show(unit)}: give the option buckets`);
}

function latency(unit: string, refuse: Refuse): number[] {
  const nanoseconds = nanosecondsIn(unit);
  if (nanoseconds === undefined) {
    return refuse(`the buckets 'latency' need a unit of time (${TIME_UNITS}), not ${show(unit)}`);
  }
  return LATENCY_NS.map((bound) => bound / nanoseconds);
}

function checkList(list: readonly unknown[], refuse: Refuse): number[] {
  if (list.length === 0 || list.length > MOST_BOUNDS) {
    return refuse(`buckets lists ${list.length} bounds; 1 to ${MOST_BOUNDS} are accepted`);
  }
  const fault = findFault(list);
  if (fault !== undefined) return refuse(`buckets: ${fault}`);
  // -0 + 0 is 0: a bound is compared, shown and hashed, and one zero is enough.
  return (list as readonly number[]).map((bound) => bound + 0);
}

function findFault(bounds: readonly unknown[]): string | undefined {
  let previous = -1;
  for (const bound of bounds) {
    if (typeof bound !== 'number' || !Number.isFinite(bound) || bound < 0) {
      return `the bound ${show(bound)} is not a finite number of 0 or above`;
    }
    if (bound <= previous) return `the bound ${bound} does not ascend: it follows ${previous}`;
    previous = bound;
  }
  return undefined;
}

function baseTwo(spec: unknown, unit: string, refuse: Refuse): Buckets {
  if (typeof spec !== 'object' || spec === null) {
    return refuse(`exponential is an object with a scale, not ${show(spec)}`);
  }
  const unknown = Object.keys(spec).find((key) => !['scale', 'min', 'max'].includes(key));
  if (unknown !== undefined) {
    return refuse(`unknown option ${show(unknown)} of exponential; accepted are scale, min, max`);
  }
  const { scale, min, max } = { ...usualRange(unit), ...spec } as Record<string, unknown>;
  if (!Number.isInteger(scale) || Number(scale) < SCALES.least || Number(scale) > SCALES.most) {
    return refuse(
      `scale is a whole number from ${SCALES.least} to ${SCALES.most}, not ${show(scale)}`,
    );
  }
  if (!isPositive(min) || !isPositive(max) || min >= max) {
    return refuse(
      `exponential needs 0 < min < max, both finite, not ${show(min)} and ${show(max)}`,
    );
  }
  return { bounds: powers(Number(scale), min, max, refuse), scale: Number(scale) };
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value < Infinity;
}

function usualRange(unit: string): { min: number; max: number } {
  const nanoseconds = nanosecondsIn(unit);
  return nanoseconds === undefined
    ? { min: 1, max: 2 ** 32 }
    : { min: 100 / nanoseconds, max: 1e10 / nanoseconds };
}

/** Powers of 2^(2^-scale), from the last at or below `min` to the first at or above `max`. */
function powers(scale: number, min: number, max: number, refuse: Refuse): number[] {
  const steps = 2 ** scale;
  const power = (index: number): number => 2 ** (index / steps);
  let first = Math.floor(Math.log2(min) * steps);
  let last = Math.ceil(Math.log2(max) * steps);
  if (power(first) > min) first -= 1;
  if (power(last) < max) last += 1;
  const count = last - first + 1;
  if (count > MOST_BOUNDS) {
    return refuse(
      `exponential at scale ${scale} from ${min} to ${max} makes ${count} bounds; at most ` +
        `${MOST_BOUNDS} are accepted: lower the scale or narrow the range`,
    );
  }
  const bounds = Array.from({ length: count }, (_, i) => power(first + i));
  const fault = findFault(bounds);
  return fault === undefined ? bounds : refuse(`exponential from ${min} to ${max}: ${fault}`);
}
