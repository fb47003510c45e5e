/** A flow, as one thread's code sees it: its components, its streams, its elements, its life. */
import { NanometerError, show } from '../errors';
import { Origin } from '../trace/origin';
import type { Parent } from '../meter/parent';
import { locateParent } from '../trace/parent';
import type { Component } from './component';
import { Element, INERT } from './element';
import type { FlowRecord } from './flow-record';
import { Lifecycle, type LifeSign } from './lifecycle';
import { instrumentStream, runPipeline } from './pipeline';
import type { PipelineOptions, Stage } from './pipeline';
import { FlowPort } from './port';
import type { Counter } from '../handles/counter';
import { NO_ENTRY } from '../trace/entry';
import { NO_SLOT } from './slots';
import type { FlowState } from './states';
import type { FlowStream } from './stream';
import { warn } from '../warnings';

/** Where the parent is of the element that begins. */
const PARENT = new Origin();

/** What the lives of one flow's name share, in one thread. @internal */
export interface FlowParts {
  readonly record: FlowRecord;
  readonly sign: LifeSign;
  /** Counts parents that are none. */
  readonly valuesRejected: Counter;
  readonly components: ReadonlyMap<string, Component>;
  readonly streams: ReadonlyMap<string, FlowStream>;
  /** The streams between each component and the next; `null` where the flow is not a line. */
  readonly line: readonly FlowStream[] | null;
  /** Gives the name's series up. */
  readonly remove: () => void;
}

/**
 * A pipeline, measured: elements go through its components, and wait in the streams between them.
 * Get it from `meter.flow()`; it belongs to the thread that got it, and threads that get the same
 * name are counted together.
 *
 * A flow has one life: created, validated, running, draining, and then completed, cancelled or
 * failed. `meter.flow()` with the same name begins its next life when it is over or draining; counts
 * go on.
 */
export class Flow<Name extends string = string> {
  /** Its name: the label `flow_id`. */
  readonly id: string;
  /** Its components by name, in order. */
  readonly components: Readonly<Record<Name, Component>>;
  readonly #parts: FlowParts;
  readonly #record: FlowRecord;
  readonly #life: Lifecycle;
  #hasWarned = false;

  /** @internal */
  constructor(parts: FlowParts) {
    this.#parts = parts;
    this.#record = parts.record;
    this.id = parts.record.id;
    this.components = Object.freeze(Object.fromEntries(parts.components)) as Readonly<
      Record<Name, Component>
    >;
    this.#life = new Lifecycle(parts.record, parts.sign, [...parts.components.keys()]);
  }

  /** Where it is in its life. */
  get state(): FlowState {
    return this.#life.state;
  }

  /** How many elements of the name are in flight in this thread: begun, and not ended. */
  get inFlight(): number {
    return this.#record.slots.used;
  }

  /** How long the oldest of them has been under way, in nanoseconds; 0 where there is none. */
  get oldestAgeNs(): number {
    const { slots } = this.#record;
    const oldest = slots.oldest();
    if (oldest === NO_SLOT) return 0;
    return Math.max(0, this.#record.now() - slots.numbers[oldest * slots.width]!);
  }

  /**
   * Puts an element into the flow, and the flow into the state `running` where it is new. Recording:
   * it never throws. At the level off it gives an element that does nothing; a flow that takes no
   * more elements gives the same, counts that in `nanometer.elements_refused` and warns once.
   *
   * An element that is never ended is in flight for good: it shows in `flow.elements.in_flight` and
   * by its age, and gives way, counted in `flow.elements.abandoned`, when `maxInFlight` is reached.
   *
   * Its spans are below the parent, where there is one: a header `traceparent`, with that of
   * `tracestate`, what `meter.extract()` gave, a span, or another element. A header that is missing or
   * not valid begins a new trace. An element that does not record carries its caller's headers on.
   *
   * Costs about 120 ns with `end()`, twice that where it is traced, two readings of the clock included,
   * and the allocation of a small object.
   */
  begin(parent?: Parent, tracestate?: string | readonly string[]): Element {
    if (parent !== undefined && parent !== null) return this.#beginBelow(parent, tracestate);
    const record = this.#record;
    if (!record.isRecording) return INERT;
    if (this.#life.state !== 'running' && !this.#life.admit()) return this.#refuseElement();
    const slot = record.begin();
    return new Element(record, slot, record.slots.generations[slot]!);
  }

  /**
   * The component of that name, for names that are not known when the program is written.
   *
   * @throws NanometerError `NANOMETER_INVALID_OPTION` where the flow has none of that name
   */
  component(name: string): Component {
    const component = this.#parts.components.get(name);
    if (component !== undefined) return component;
    return refuseName('component', name, this.id, this.#parts.components.keys());
  }

  /**
   * The stream from one component to another.
   *
   * @throws NanometerError `NANOMETER_INVALID_OPTION` where the flow has none there
   */
  stream(from: Name, to: Name): FlowStream {
    const name = `${from}->${to}`;
    const stream = this.#parts.streams.get(name);
    if (stream !== undefined) return stream;
    return refuseName('stream', name, this.id, this.#parts.streams.keys());
  }

  /**
   * Says that what the flow needs is there, before it runs.
   *
   * @throws NanometerError `NANOMETER_INVALID_STATE`, as all that change the state
   */
  validate(): void {
    this.#life.go('validated');
  }

  /**
   * Takes no more elements; it is completed as soon as none is in flight, those of the name's next
   * life included.
   */
  drain(): void {
    this.#life.drain();
  }

  /** It has done its work. Refused while elements are in flight: see {@link Flow.drain}. */
  complete(): void {
    this.#life.go('completed');
  }

  /**
   * It was given up.
   *
   * @param reason - shown in the event
   */
  cancel(reason?: unknown): void {
    this.#life.go('cancelled', reason);
  }

  /** It has failed. */
  fail(error?: unknown): void {
    this.#life.go('failed', error);
  }

  /**
   * Runs a pipeline: a stage for each component, in the flow's order whatever the order of the keys,
   * under the rules of `stream.promises.pipeline`, which does the work: Node streams, web streams,
   * iterables, async generator functions, and a function as the last one.
   *
   * What flows is as without observation: order, identity, backpressure and errors. Each component
   * is counted and timed, each stream's queue and backpressure is seen where Node sees it: a stage
   * that is synchronous never lets its input wait, and a web `TransformStream`, whose high-water mark
   * is 1, says stop after each chunk. A source that reads ahead shows in its own time what it waited
   * for. An error is counted in the component where it began, and rejects the promise unchanged.
   *
   * @returns what `stream.promises.pipeline` gives: the value of a last function, else nothing
   * @throws NanometerError `NANOMETER_INVALID_OPTION` for a stage that is missing, unknown or no
   * stage, `NANOMETER_INVALID_STATE` where the flow is draining or over: before any stage is touched
   */
  pipeline(stages: Readonly<Record<Name, Stage>>, options: PipelineOptions = {}): Promise<unknown> {
    return runPipeline(this.#port(), stages, options);
  }

  /**
   * Observes one stream of a pipeline that the program composes itself, as a component of the flow.
   * The life of the flow is the program's to lead.
   *
   * @returns the same stream
   * @throws NanometerError `NANOMETER_INVALID_OPTION` for an unknown component, or a stream that is
   * observed already
   */
  instrument<S extends object>(stream: S, component: Name): S {
    this.component(component);
    const index = [...this.#parts.components.keys()].indexOf(component);
    return instrumentStream(this.#port(), stream, index);
  }

  /**
   * Gives up the series of the flow's name in this thread, when it is over: they leave the output
   * where no other thread has them. What is still recorded goes to the overflow series.
   *
   * @throws NanometerError `NANOMETER_INVALID_STATE` while it is running or draining
   */
  remove(): void {
    if (this.#parts.sign.active > 0) {
      throw new NanometerError(
        'NANOMETER_INVALID_STATE',
        `the flow ${show(this.id)} is ${this.state}: it can be removed when it is over`,
      );
    }
    this.#parts.remove();
  }

  #beginBelow(parent: Parent, tracestate: unknown): Element {
    const record = this.#record;
    const origin = PARENT;
    if (!locateParent(parent, tracestate, origin, this.#parts.valuesRejected)) return this.begin();
    const takes = this.#life.state === 'running' || (record.isRecording && this.#life.admit());
    if (!record.isRecording || !takes) {
      if (!takes && record.isRecording) this.#refuseElement();
      const element = new Element(null, NO_SLOT, 0);
      Element.carry(element, origin);
      return element;
    }
    const slot = record.beginBelow(origin);
    const element = new Element(record, slot, record.slots.generations[slot]!);
    if (record.slots.entries[slot] === NO_ENTRY) Element.carry(element, origin);
    return element;
  }

  #port(): FlowPort {
    const { line } = this.#parts;
    if (line === null) {
      throw new NanometerError(
        'NANOMETER_INVALID_OPTION',
        `the flow ${show(this.id)} has streams of its own: a pipeline is a line, from each ` +
          'component to the next',
      );
    }
    return new FlowPort(this.#record, this.#life, line);
  }

  #refuseElement(): Element {
    this.#record.refused.inc();
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      warn({
        code: 'NANOMETER_ELEMENT_REFUSED',
        message:
          `The flow ${show(this.id)} is ${this.state}: begin() gives elements that record nothing, ` +
          'counted in nanometer.elements_refused. meter.flow() begins its next life.',
      });
    }
    return INERT;
  }
}

function refuseName(what: string, name: unknown, id: string, known: Iterable<string>): never {
  throw new NanometerError(
    'NANOMETER_INVALID_OPTION',
    `${show(name)} is no ${what} of the flow ${show(id)}; it has ${[...known].map(show).join(', ')}`,
  );
}
