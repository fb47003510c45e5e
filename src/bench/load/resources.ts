/** What the event loop, the heap and the collector of this thread did in a round. */
import {
  type EventLoopUtilization,
  type IntervalHistogram,
  monitorEventLoopDelay,
  performance,
  PerformanceObserver,
  type PerformanceEntry,
} from 'node:perf_hooks';
import type { RoundScheduling } from '../measured';

const DELAY_RESOLUTION_MS = 5;

// Since Node 22.8 and 20.18; before, wake-ups are not counted.
interface LoopInfo {
  readonly uvMetricsInfo?: { readonly loopCount: number };
}

/** What was used in a round. */
export interface Resources {
  readonly scheduling: RoundScheduling;
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
  readonly collections: number;
  readonly collectionNs: number;
}

/** Watches this thread from one `begin()` to the next `end()`. */
export class ResourceWatch {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  readonly #collector: PerformanceObserver;
  #collections = 0;
  #collectionMs = 0;
  #turns = 0;
  #utilization: EventLoopUtilization = performance.eventLoopUtilization();

  constructor() {
    this.#collector = new PerformanceObserver((list) => {
      this.#add(list.getEntries());
    });
    this.#collector.observe({ entryTypes: ['gc'] });
  }

  /** A round begins. */
  begin(): void {
    this.#collector.takeRecords();
    this.#collections = this.#collectionMs = 0;
    this.#turns = turns();
    this.#utilization = performance.eventLoopUtilization();
    this.#delay.reset();
    this.#delay.enable();
  }

  /**
   * A round has ended.
   *
   * @param waits - turns of the loop in which the load itself waited, which are not the pipeline's
   * @param waitedNs - how long that took
   */
  end(waits: number, waitedNs: number): Resources {
    this.#delay.disable();
    const { active, idle } = performance.eventLoopUtilization(this.#utilization);
    this.#add(this.#collector.takeRecords());
    const { heapUsed, external } = process.memoryUsage();
    return {
      scheduling: {
        activeNs: Math.max(0, active * 1e6 - waitedNs),
        idleNs: idle * 1e6 + waitedNs,
        wakeups: Math.max(0, turns() - this.#turns - waits),
        loopDelay: {
          p50Ns: this.#late(this.#delay.percentile(50)),
          p99Ns: this.#late(this.#delay.percentile(99)),
          maxNs: this.#late(this.#delay.max),
        },
      },
      heapUsedBytes: heapUsed,
      externalBytes: external,
      collections: this.#collections,
      collectionNs: this.#collectionMs * 1e6,
    };
  }

  /** Node's histogram holds the time from timer to timer. */
  #late(intervalNs: number): number {
    return this.#delay.count === 0 ? 0 : Math.max(0, intervalNs - DELAY_RESOLUTION_MS * 1e6);
  }

  #add(entries: readonly PerformanceEntry[]): void {
    this.#collections += entries.length;
    for (const { duration } of entries) this.#collectionMs += duration;
  }
}

function turns(): number {
  return (performance.nodeTiming as LoopInfo).uvMetricsInfo?.loopCount ?? 0;
}
