/**
 * The spans of one run of a pipeline: one of the run, and one of each component for its whole time in
 * it, with how many elements it took and how many errors it had. At the level diagnostic, one more of
 * each backpressure. The chunks themselves have none: they are not told apart.
 */
import { FORM_BACKPRESSURE, FORM_FLOW, FORM_INVOKE, STATUS_ERROR } from '../generated/layout';
import { MARK_ELEMENT, NO_ENTRY } from '../trace/entry';
import { DURATION, SEQUENCE, stage, START } from '../trace/stage';
import { describeError, exceptionOf, stageError, stageText } from '../trace/text';
import { IF_FAILED, type Tracer } from '../trace/tracer';
import type { ComponentRecord } from './component-record';
import type { FlowRecord } from './flow-record';
import type { ComponentProbe, RunOutcome, RunProbe, StreamProbe } from './probe';
import type { FlowStream } from './stream';

const ERROR = STATUS_ERROR << 16;

/** A run whose spans are recorded. */
export class TracedRun implements RunProbe {
  /** The components, counted for this run. */
  readonly components: readonly RunComponent[];
  readonly #record: FlowRecord;
  readonly #run: RunProbe;
  readonly #tracer: Tracer;
  readonly #entry: number;
  readonly #startNs: number;
  #isOver = false;

  private constructor(record: FlowRecord, run: RunProbe, tracer: Tracer, entry: number) {
    this.#record = record;
    this.#run = run;
    this.#tracer = tracer;
    this.#entry = entry;
    this.#startNs = tracer.now();
    this.components = record.components.map((component) => new RunComponent(component));
  }

  /** A run that has just started; `null` where nothing is traced. */
  static start(record: FlowRecord, run: RunProbe): TracedRun | null {
    const tracer = record.isRecording ? record.findTracer() : null;
    if (tracer === null) return null;
    const entry = tracer.open(record.text, 0, MARK_ELEMENT);
    return entry === NO_ENTRY ? null : new TracedRun(record, run, tracer, entry);
  }

  /** Streams whose backpressure is recorded. */
  streams(line: readonly FlowStream[]): StreamProbe[] {
    return line.map(
      (stream) =>
        new RunStream(stream, this.#record, (startNs) => {
          if (!this.#isOver) this.#note(FORM_BACKPRESSURE, startNs, 0, stream.text, 0);
        }),
    );
  }

  drain(): void {
    this.#run.drain();
  }

  end(outcome: RunOutcome, error?: unknown): void {
    if (!this.#isOver) this.#end(outcome === 'failed', error);
    this.#run.end(outcome, error);
  }

  #end(hasFailed: boolean, error: unknown): void {
    this.#record.clock.tick();
    for (const component of this.components) {
      const form = component.errors === 0 ? FORM_INVOKE : FORM_INVOKE | ERROR;
      const text = component.stageText(this.#tracer.now());
      this.#note(form, this.#startNs, 1, component.text, text);
    }
    this.#isOver = true;
    stage[DURATION] = this.#tracer.now() - this.#startNs;
    const text = hasFailed ? stageError(error, this.#tracer.now()) : 0;
    const form = hasFailed ? FORM_FLOW | ERROR : FORM_FLOW;
    this.#tracer.endRoot(this.#entry, form, 0, text, hasFailed ? IF_FAILED : 0);
  }

  /** A part of the run that has just ended. */
  #note(form: number, startNs: number, sequence: number, component: number, text: number): void {
    stage[START] = startNs;
    stage[DURATION] = this.#tracer.now() - startNs;
    stage[SEQUENCE] = sequence;
    this.#tracer.note(this.#entry, form, 0, 0, component, text);
  }
}

/** A component of one run: what it does is recorded as ever, and counted for its span. */
class RunComponent implements ComponentProbe {
  readonly id: string;
  /** How many errors it had in this run. */
  errors = 0;
  #elements = 0;
  #error: unknown;
  readonly #component: ComponentRecord;

  constructor(component: ComponentRecord) {
    this.id = component.id;
    this.#component = component;
  }

  /** The number of its id, for spans. */
  get text(): number {
    return this.#component.text;
  }

  invoked(durationNs: number): void {
    this.#elements += 1;
    this.#component.invoked(durationNs);
  }

  invokedAll(durationsNs: Float64Array, count: number): void {
    this.#elements += count;
    this.#component.invokedAll(durationsNs, count);
  }

  failed(durationNs: number, error: unknown): void {
    this.#elements += 1;
    this.errors += 1;
    this.#error = error;
    this.#component.failed(durationNs, error);
  }

  /** Stages what its span says; see `stageText`. */
  stageText(nowNs: number): number {
    const attributes = new Map([
      ['elements', this.#elements],
      ['errors', this.errors],
    ]);
    if (this.errors === 0 || this.#error === undefined) return stageText({ attributes });
    const { message } = describeError(this.#error);
    return stageText({ attributes, message, events: [exceptionOf(this.#error, nowNs)] });
  }
}

/** A stream of one run: what it does is recorded as ever, and told of when backpressure ends. */
class RunStream implements StreamProbe {
  readonly id: string;
  readonly #stream: FlowStream;
  readonly #record: FlowRecord;
  readonly #onRelease: (startNs: number) => void;

  constructor(stream: FlowStream, record: FlowRecord, onRelease: (startNs: number) => void) {
    this.id = stream.id;
    this.#stream = stream;
    this.#record = record;
    this.#onRelease = onRelease;
  }

  setDepth(depth: number): void {
    this.#stream.setDepth(depth);
  }

  transferred(waitNs: number): void {
    this.#stream.transferred(waitNs);
  }

  passed(count: number): void {
    this.#stream.passed(count);
  }

  transferredAll(waitsNs: Float64Array, count: number): void {
    this.#stream.transferredAll(waitsNs, count);
  }

  pressed(): void {
    this.#stream.pressed();
  }

  released(): void {
    const { pressedNs } = this.#stream;
    this.#stream.released();
    if (pressedNs === 0) return;
    this.#record.clock.tick();
    this.#onRelease(pressedNs);
  }
}
