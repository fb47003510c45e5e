/** What is recorded of a component. Nothing here throws; nothing allocates but an error's event. */
import { FORM_INVOKE, OUTCOME_SLOW, STATUS_ERROR } from '../generated/layout';
import type { Counter } from '../handles/counter';
import { Histogram } from '../handles/histogram';
import { scratch } from '../handles/search';
import { SEQUENCE, stage, START } from '../trace/stage';
import { Tally } from '../trace/tally';
import { stageError } from '../trace/text';
import type { Tracer } from '../trace/tracer';
import type { FlowEvents } from './events';
import type { FlowMetrics } from './metrics';
import type { ComponentProbe } from './probe';

const FAILED_INVOKE = FORM_INVOKE | (STATUS_ERROR << 16);

/** The metrics of one component of one flow, in one thread. */
export class ComponentRecord implements ComponentProbe {
  readonly id: string;
  /** The number of its id, for spans; 0 where nothing is traced. */
  text = 0;
  /** Its invocations and their time. */
  readonly tally: Tally;
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
    this.tally = new Tally(this.#invocations, this.#processingTime, slowNs);
    this.#slowNs = slowNs;
    this.#events = events;
  }

  invoked(durationNs: number): void {
    this.#invocations.inc();
    this.#processingTime.record(durationNs);
    if (durationNs > this.#slowNs) this.#events.slow(this.#flowId, this.id, durationNs);
  }

  /**
   * An invocation that has no span ended well, now; its start is staged. See `Histogram.recordStaged`.
   *
   * @param now - the clock's cell
   */
  left(now: Float64Array): void {
    scratch[0] = now[0]! - stage[START]!;
    if (this.tally.recordStaged() === 0) return;
    this.#events.slow(this.#flowId, this.id, now[0]! - stage[START]!);
  }

  invokedAll(durationsNs: Float64Array, count: number): void {
    this.#invocations.add(count);
    Histogram.recordAll(this.#processingTime, durationsNs, count);
    for (let i = 0; i < count; i++) {
      const durationNs = durationsNs[i]!;
      if (durationNs > this.#slowNs) this.#events.slow(this.#flowId, this.id, durationNs);
    }
  }

  /** The same of one that has a span, which is written: reads the clock. See `Scribe.leave`. */
  leave(tracer: Tracer, entry: number, word: number, span: number): void {
    stage[SEQUENCE] = this.#sequence[0]! += 1;
    const outcome = tracer.scribe.leave(entry, word, span, this.text, this.tally);
    if (outcome !== 0) this.#leftRarely(tracer, entry, outcome);
  }

  #leftRarely(tracer: Tracer, entry: number, outcome: number): void {
    const durationNs = tracer.now() - stage[START]!;
    tracer.left(entry, outcome);
    if ((outcome & OUTCOME_SLOW) !== 0) this.#events.slow(this.#flowId, this.id, durationNs);
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
