/** What is recorded of a tier of buffers, whoever keeps them. Nothing here throws or allocates. */
import type { FlowMetrics } from '../flow/metrics';
import type { Counter } from '../handles/counter';
import { Gauge } from '../handles/gauge';

/** The metrics of one tier, in one thread: for pools that a program keeps itself. */
export class PoolRecord {
  readonly #available: Gauge;
  readonly #allocated: Counter;
  readonly #returned: Counter;
  readonly #fallbacks: Counter;
  readonly #exhaustions: Counter;

  /** @internal */
  constructor(tier: string, capacity: number, metrics: FlowMetrics) {
    const labels = { tier };
    this.#available = metrics.gauge('pool.available', labels);
    this.#allocated = metrics.counter('pool.allocated', labels);
    this.#returned = metrics.counter('pool.returned', labels);
    this.#fallbacks = metrics.counter('pool.fallback_count', labels);
    this.#exhaustions = metrics.counter('pool.exhaustion_events', labels);
    Gauge.put(metrics.gauge('pool.capacity', labels), capacity);
    Gauge.put(this.#available, capacity);
  }

  /** A buffer was handed out; so many are free now. */
  allocated(available: number): void {
    this.#allocated.inc();
    this.#showAvailable(available);
  }

  /** A buffer was given back; so many are free now. */
  returned(available: number): void {
    this.#returned.inc();
    this.#showAvailable(available);
  }

  /** The tier was empty on request. */
  exhausted(): void {
    this.#exhaustions.inc();
  }

  /** A buffer came from the system's allocator instead. */
  fellBack(): void {
    this.#fallbacks.inc();
  }

  #showAvailable(available: number): void {
    // What is, and not what happened: at whichever level, unless it is no number, which is counted.
    if (Number.isFinite(available)) Gauge.put(this.#available, available);
    else this.#available.set(available);
  }
}
