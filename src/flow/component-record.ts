/** What is recorded of a component. Nothing here throws; nothing allocates but an error's event. */
import type { Counter } from '../handles/counter';
import * as layout from '../generated/layout';
import { Histogram } from '../handles/histogram';
import * as search from '../handles/search';
import * as places from '../trace/stage';
import { stageError } from '../trace/text';
import type { Tracer } from '../trace/tracer';
import type { FlowEvents } from './events';
import type { FlowMetrics } from './metrics';
import type { ComponentProbe } from './probe';

// A constant of this module, which V8 folds: see handles/counter.ts.
const { scratch } = search;
const { FORM_INVOKE, STATUS_ERROR } = layout;
const { stage, SEQUENCE } = places;
const FAILED_INVOKE = FORM_INVOKE | (STATUS_ERROR << 16);

/** The metrics of one component of one flow, in one thread. */
export class ComponentRecord implements ComponentProbe {
  readonly id: string;
  /** The number of its id, for spans; 0 where nothing is traced. */
  text = 0;
  /** How many of its invocations have had a span. */
  readonly #sequence = new Float64Array(1);
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

  /**
   * Reads the clock, and writes the span of an invocation that ends well now, from the start that is
   * staged. See `Tracer.leave`.
   */
  leave(tracer: Tracer, entry: number, word: number, span: number): void {
    stage[SEQUENCE] = this.#sequence[0]! += 1;
    tracer.leave(entry, word, span, this.text);
  }

  /** Writes that of one that failed; the clock has just been read. */
  leaveFailed(tracer: Tracer, entry: number, word: number, span: number, error: unknown): void {
    stage[SEQUENCE] = this.#sequence[0]! += 1;
    const text = stageError(error, tracer.now());
    tracer.leaveSaying(entry, word, span, this.text, FAILED_INVOKE, text);
  }

  failed(durationNs: number, error: unknown): void {
    this.invoked(durationNs);
    this.#errors.inc();
    this.#events.error(this.#flowId, this.id, error);
  }
}
