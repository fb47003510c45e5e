/** Looks at a round from outside, every so often: memory of the process, and the timeline's points. */
import type { Snapshot } from '../../snapshot/snapshot';
import type { TimelinePoint } from '../measured';
import type { Variant } from '../plan';
import { BenchReadings } from './readings';

const RSS_MS = 50;
const POINT_MS = 250;
// What is left of a round makes a point where it is half of one, or all that there is.
const LEAST_POINT_MS = 125;

/** What was seen of a round. */
export interface Sampled {
  readonly rssPeakBytes: number;
  readonly rssMeanBytes: number;
}

/** Samples one round. */
export class Sampler {
  readonly #readings: BenchReadings;
  readonly #variant: Variant;
  readonly #startMs: number;
  readonly #onPoint: (point: TimelinePoint) => void;
  readonly #timers: NodeJS.Timeout[];
  #before: Snapshot;
  #beforeMs: number;
  #hasPoint = false;
  #peak = 0;
  #sum = 0;
  #count = 0;

  /**
   * @param before - the bench's snapshot as the round begins
   * @param startMs - of the round, since the first measured one began
   */
  constructor(
    readings: BenchReadings,
    before: Snapshot,
    variant: Variant,
    startMs: number,
    onPoint: (point: TimelinePoint) => void,
  ) {
    this.#readings = readings;
    this.#before = before;
    this.#beforeMs = performance.now();
    this.#variant = variant;
    this.#startMs = startMs - this.#beforeMs;
    this.#onPoint = onPoint;
    this.#sampleMemory();
    this.#timers = [
      setInterval(() => {
        this.#sampleMemory();
      }, RSS_MS),
      setInterval(() => {
        this.#point(this.#readings.now());
      }, POINT_MS),
    ];
  }

  /** The round is over: with the bench's snapshot then. */
  end(after: Snapshot): Sampled {
    for (const timer of this.#timers) clearInterval(timer);
    const leftMs = performance.now() - this.#beforeMs;
    if (!this.#hasPoint || leftMs >= LEAST_POINT_MS) this.#point(after);
    this.#sampleMemory();
    return { rssPeakBytes: this.#peak, rssMeanBytes: this.#sum / this.#count };
  }

  /** The round came to nothing. */
  cancel(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #sampleMemory(): void {
    const rss = process.memoryUsage.rss();
    this.#peak = Math.max(this.#peak, rss);
    this.#sum += rss;
    this.#count++;
  }

  #point(now: Snapshot): void {
    this.#hasPoint = true;
    const nowMs = performance.now();
    const { elements, latency } = BenchReadings.between(this.#before, now);
    const [p50, p99] = [latency.quantile(0.5), latency.quantile(0.99)];
    this.#onPoint({
      atMs: this.#startMs + nowMs,
      variant: this.#variant,
      elementsPerSecond: (elements * 1e3) / (nowMs - this.#beforeMs),
      p50Ns: Number.isNaN(p50) ? null : p50,
      p99Ns: Number.isNaN(p99) ? null : p99,
    });
    this.#before = now;
    this.#beforeMs = nowMs;
  }
}
