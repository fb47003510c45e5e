/**
 * A pool of buffers of one size, measured.
 *
 * The invariant: a buffer of the pool is either free or handed out, and handed out once. What is
 * handed out beyond the capacity comes from the system's allocator, and is not kept when it is given
 * back.
 */
import { NanometerError, show, type Refuse } from '../errors';
import type { FlowMetrics } from '../flow/metrics';
import type { Counter } from '../handles/counter';
import { PoolRecord } from './pool-record';

/** What a pool can be told. */
export interface PoolOptions {
  /** How many buffers it keeps, 1 to 1,048,576. */
  readonly capacity: number;
  /** The size of each, in bytes, 1 to 2^30; 16,384 when left out. */
  readonly bufferBytes?: number;
}

const MOST_BUFFERS = 2 ** 20;
const MOST_BYTES = 2 ** 30;
const USUAL_BYTES = 16_384;
const LONGEST_TIER = 200;

/**
 * A tier of buffers. Get it from `meter.pool()`; it belongs to the thread that got it, and the same
 * tier of several threads is counted together.
 *
 * Buffers are made at first use, one by one, and used again from then on. Their contents are
 * whatever was there before.
 */
export class Pool {
  /** Its name: the label `tier`. */
  readonly tier: string;
  /** How many buffers it keeps. */
  readonly capacity: number;
  /** The size of each, in bytes. */
  readonly bufferBytes: number;
  /** The tier's counts, for a program that keeps its buffers itself. */
  readonly record: PoolRecord;
  readonly #refused: Counter;
  readonly #free: Buffer[] = [];
  /** The pool's buffers that are handed out. */
  readonly #out = new Set<Buffer>();
  /** The system's buffers that are handed out: one that is forgotten is collected. */
  readonly #fallbacks = new WeakSet<Buffer>();

  /** @internal */
  constructor(
    tier: string,
    options: Required<PoolOptions>,
    metrics: FlowMetrics,
    refused: Counter,
  ) {
    this.tier = tier;
    this.capacity = options.capacity;
    this.bufferBytes = options.bufferBytes;
    this.record = new PoolRecord(tier, options.capacity, metrics);
    this.#refused = refused;
  }

  /** How many buffers can be had before it is exhausted. */
  get available(): number {
    return this.capacity - this.#out.size;
  }

  /**
   * A buffer of the pool; where none is free, one of the same size from the system's allocator,
   * counted as an exhaustion and a fallback. Give it back with `release()`.
   */
  acquire(): Buffer {
    const isPooled = this.#out.size < this.capacity;
    const free = isPooled ? this.#free.pop() : undefined;
    const buffer = free ?? Buffer.allocUnsafeSlow(this.bufferBytes);
    if (isPooled) this.#out.add(buffer);
    else {
      this.#fallbacks.add(buffer);
      this.record.exhausted();
      this.record.fellBack();
    }
    this.record.allocated(this.available);
    return buffer;
  }

  /**
   * Gives a buffer back; it must not be used any more.
   *
   * @returns false, counted in `nanometer.values_rejected`, for one that this pool has not handed
   * out, or that was given back already
   */
  release(buffer: Buffer): boolean {
    if (this.#out.delete(buffer)) this.#free.push(buffer);
    else if (!this.#fallbacks.delete(buffer)) {
      this.#refused.inc();
      return false;
    }
    this.record.returned(this.available);
    return true;
  }
}

/** The pools of one meter, in one thread. */
export class Pools {
  readonly #metrics: FlowMetrics;
  readonly #refused: Counter;
  readonly #pools = new Map<string, Pool>();

  /** @param refused - counts buffers that are given back to a pool that has not handed them out */
  constructor(metrics: FlowMetrics, refused: Counter) {
    this.#metrics = metrics;
    this.#refused = refused;
  }

  /**
   * The pool of that tier, made where it is new.
   *
   * @throws NanometerError `NANOMETER_INVALID_DEFINITION`, `NANOMETER_CONFLICT`
   */
  pool(tier: unknown, options: unknown): Pool {
    const checked = checkOptions(tier, options);
    const name = tier as string;
    const known = this.#pools.get(name);
    if (known === undefined) {
      const pool = new Pool(name, checked, this.#metrics, this.#refused);
      this.#pools.set(name, pool);
      return pool;
    }
    if (known.capacity === checked.capacity && known.bufferBytes === checked.bufferBytes) {
      return known;
    }
    throw new NanometerError(
      'NANOMETER_CONFLICT',
      `the pool ${show(name)} has ${known.capacity} buffers of ${known.bufferBytes} bytes, not ` +
        `${checked.capacity} of ${checked.bufferBytes}`,
    );
  }
}

function checkOptions(tier: unknown, options: unknown): Required<PoolOptions> {
  const refuse: Refuse = (what) => {
    throw new NanometerError('NANOMETER_INVALID_DEFINITION', `pool ${show(tier)}: ${what}`);
  };
  if (
    typeof tier !== 'string' ||
    tier === '' ||
    tier.length > LONGEST_TIER ||
    !tier.isWellFormed()
  ) {
    return refuse(`a tier is a string of 1 to ${LONGEST_TIER} characters`);
  }
  if (typeof options !== 'object' || options === null) {
    return refuse(`options are an object with a capacity, not ${show(options)}`);
  }
  const unknown = Object.keys(options).find((key) => !['capacity', 'bufferBytes'].includes(key));
  if (unknown !== undefined) {
    return refuse(`unknown option ${show(unknown)}; accepted are capacity, bufferBytes`);
  }
  const { capacity, bufferBytes = USUAL_BYTES } = options as Partial<Record<string, unknown>>;
  return {
    capacity: checkWhole('capacity', capacity, MOST_BUFFERS, refuse),
    bufferBytes: checkWhole('bufferBytes', bufferBytes, MOST_BYTES, refuse),
  };
}

function checkWhole(what: string, value: unknown, most: number, refuse: Refuse): number {
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most) return Number(value);
  return refuse(`${what} is a whole number from 1 to ${most}, not ${show(value)}`);
}
