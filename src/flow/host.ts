/**
 * What the host spends while flows are active: memory, turns of the event loop, and its idle time.
 * Sampled once a second by a timer that keeps nothing alive, and only while a flow is active.
 */
import { performance, type EventLoopUtilization } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import type { Counter } from '../handles/counter';
import type { Gauge } from '../handles/gauge';
import type { FlowMetrics } from './metrics';

const INTERVAL_MS = 1_000;

// Since Node 22.8 and 20.18; before, wake-ups are not counted.
interface LoopInfo {
  readonly uvMetricsInfo?: { readonly loopCount: number };
}

/** The host of one meter's flows, as one thread sees it. */
export class Host {
  readonly #wakeups: Counter;
  readonly #idleNs: Counter;
  readonly #total: Gauge;
  readonly #hostOnly: Gauge;
  readonly #onSample: () => number;
  #timer: NodeJS.Timeout | undefined;
  #turns = 0;
  #utilization: EventLoopUtilization | undefined;

  /**
   * @param onSample - called at each sample; answers the memory of all components, in bytes
   */
  constructor(metrics: FlowMetrics, onSample: () => number) {
    this.#wakeups = metrics.counter('system.scheduler.wakeups');
    this.#idleNs = metrics.counter('system.scheduler.idle_ns');
    this.#total = metrics.gauge('system.memory.total');
    this.#hostOnly = metrics.gauge('system.memory.host');
    this.#onSample = onSample;
  }

  /** Samples from now on. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#turns = turns();
    this.#utilization = performance.eventLoopUtilization();
    this.#sampleMemory();
    this.#timer = setInterval(() => {
      this.sample();
    }, INTERVAL_MS).unref();
  }

  /** Samples once more, and no longer. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.sample();
  }

  /** Counts what has been spent since the last sample. */
  sample(): void {
    const now = turns();
    this.#wakeups.add(now - this.#turns);
    this.#turns = now;
    const utilization = performance.eventLoopUtilization();
    const idleMs = utilization.idle - (this.#utilization?.idle ?? 0);
    if (idleMs > 0) this.#idleNs.add(idleMs * 1e6);
    this.#utilization = utilization;
    this.#sampleMemory();
  }

  #sampleMemory(): void {
    const components = this.#onSample();
    // The memory is the process's: one thread tells of it.
    if (!isMainThread) return;
    const total = process.memoryUsage.rss();
    this.#total.set(total);
    this.#hostOnly.set(Math.max(0, total - components));
  }
}

function turns(): number {
  return (performance.nodeTiming as LoopInfo).uvMetricsInfo?.loopCount ?? 0;
}
