/** What is recorded of a component. Nothing here throws; nothing allocates but an error's event. */
import type { Counter } from '../handles/counter';
import { Histogram } from '../handles/histogram';
import * as search from '../handles/search';
import type { FlowEvents } from './events';
import type { FlowMetrics } from './metrics';
import type { ComponentProbe } from './probe';

// A constant of this module, which V8 folds: see handles/counter.ts.
const { scratch } = search;

/** The metrics of one component of one flow, in one thread. */
export class ComponentRecord implements ComponentProbe {
  readonly id: string;
  readonly #flowId: string;
  readonly #invocations: Counter;
  readonly #errors: Counter;
  readonly #processingTime: Histogram;
  readonly #slowNs: number;
  readonly #events: FlowEvents;

  /** @param slowNs - an invocation that takes longer makes an event */
  constructor(
    id: string,
    flowId: string,
    metrics: FlowMetrics,
    events: FlowEvents,
    slowNs: number,
  ) {
    const labels = { flow_id: flowId, component_id: id };
    this.id = id;
    this.#flowId = flowId;
    this.#invocations = metrics.counter('component.invocations', labels);
    this.#errors = metrics.counter('component.errors', labels);
    this.#processingTime = metrics.histogram('component.processing_time', labels);
    this.#slowNs = slowNs;
    this.#events = events;
  }

  invoked(durationNs: number): void {
    this.#invocations.inc();
    this.#processingTime.record(durationNs);
    if (durationNs > this.#slowNs) this.#events.slow(this.#flowId, this.id, durationNs);
  }

  /** An invocation of the length that stands in `scratch` ended well: see `Histogram.recordStaged`. */
  invokedStaged(): void {
    this.#invocations.inc();
    const isSlow = scratch[0]! > this.#slowNs;
    Histogram.recordStaged(this.#processingTime);
    if (isSlow) this.#events.slow(this.#flowId, this.id, scratch[0]!);
  }

  invokedAll(durationsNs: Float64Array, count: number): void {
    this.#invocations.add(count);
    Histogram.recordAll(this.#processingTime, durationsNs, count);
    for (let i = 0; i < count; i++) {
      const durationNs = durationsNs[i]!;
      if (durationNs > this.#slowNs) this.#events.slow(this.#flowId, this.id, durationNs);
    }
  }

  failed(durationNs: number, error: unknown): void {
    this.invoked(durationNs);
    this.#errors.inc();
    this.#events.error(this.#flowId, this.id, error);
  }
}
