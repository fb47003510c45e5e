/**
 * A component of a flow, as code that works element by element sees it.
 *
 * The invariant: whatever happens to an element, the user's function is called once, with what it
 * was given, and its result or error reaches the caller unchanged.
 */
import type { Clock } from '../backend/backend';
import { DESK_WORD, GATE } from '../generated/layout';
import type { Counter } from '../handles/counter';
import type { Gauge } from '../handles/gauge';
import { isThenable } from '../thenable';
import { KNOWN_WORD, NO_ENTRY } from '../trace/entry';
import { desk, stage, START } from '../trace/stage';
import { Capability } from './capability';
import type { ComponentRecord } from './component-record';
import { Element, INERT } from './element';
import type { FlowRecord } from './flow-record';
import { Queues } from './queues';
import { EXIT, NO_SLOT, type Slots } from './slots';
import type { FlowStream } from './stream';

/** What a component is made of. @internal */
export interface ComponentParts {
  readonly index: number;
  readonly flow: FlowRecord;
  readonly record: ComponentRecord;
  readonly inputs: readonly FlowStream[];
  readonly outputs: readonly FlowStream[];
}

/** One that goes on after the call: what is to be known of it when it ends. */
interface Invocation {
  readonly slot: number;
  readonly generation: number;
  readonly entry: number;
  readonly word: number;
  readonly span: number;
  readonly startNs: number;
}

/**
 * One stage of a flow. It counts what passes through it, times it, and keeps the queues before and
 * behind it: an element that ends here waits in each stream behind, till the component there begins
 * with it. Get it from `flow.components`; use it on the thread of its flow.
 *
 * Nothing here throws: an element that has ended, or is of another flow, is counted in
 * `nanometer.elements_refused`, and the work is done all the same.
 */
export class Component {
  /** Its name in the flow: the label `component_id`. */
  readonly id: string;
  /** Where the first slot has since when it is at work, and the id of its span. */
  readonly #workAt: number;
  readonly #spanAt: number;
  readonly #flow: FlowRecord;
  readonly #clock: Clock;
  readonly #cell: Float64Array;
  readonly #record: ComponentRecord;
  readonly #queues: Queues;
  // Whether it has at most one stream before and one behind, as in a line. run() does for these what
  // the queues do for any, without a call (25 ns an element, measured for the streams).
  readonly #isInLine: boolean;
  readonly #input: FlowStream | null;
  readonly #output: FlowStream | null;
  /** Where the first slot has since when the stream before has held the element. */
  readonly #inputAt: number;
  /** Where it has since when the stream behind has, or when it left the last component. */
  readonly #outputAt: number;
  readonly #memory: Gauge;
  readonly #fuel: Counter;
  #memoryBytes = 0;
  readonly #capabilities = new Map<string, Capability>();

  /** @internal */
  constructor(parts: ComponentParts) {
    this.id = parts.record.id;
    this.#workAt = parts.flow.workingAt(0, parts.index);
    this.#spanAt = this.#workAt + parts.flow.components.length;
    this.#flow = parts.flow;
    this.#clock = parts.flow.clock;
    this.#cell = parts.flow.clock.cell;
    this.#record = parts.record;
    this.#queues = new Queues(parts.flow, parts.inputs, parts.outputs);
    const [input = null] = parts.inputs;
    const [output = null] = parts.outputs;
    this.#isInLine = parts.inputs.length < 2 && parts.outputs.length < 2;
    this.#input = input;
    this.#output = output;
    this.#inputAt = input === null ? 0 : parts.flow.queuedAt(0, input.index);
    this.#outputAt = output === null ? EXIT : parts.flow.queuedAt(0, output.index);
    const labels = { flow_id: parts.flow.id, component_id: this.id };
    this.#memory = parts.flow.metrics.gauge('component.memory_current', labels);
    this.#fuel = parts.flow.metrics.counter('component.fuel_consumed', labels);
  }

  /**
   * Calls a function that does the component's work on an element: counts and times it, till it
   * returns or throws, or till the promise that it returns is settled. Result and error are passed
   * on unchanged; an error counts as one of the component's, and is the element's only if the
   * program says so with `element.fail()`.
   *
   * A promise comes back as one derived from it; any other thenable is waited for by a `Promise`.
   */
  run<T>(element: Element, fn: () => PromiseLike<T>): Promise<T>;
  run<T>(element: Element, fn: () => T): T;
  run(element: Element, fn: () => unknown): unknown {
    // Apart, so that V8 can put this much into its caller: 4 ns an element at the level off.
    return element === INERT ? fn() : this.#run(element, fn);
  }

  #run(element: Element, fn: () => unknown): unknown {
    const flow = this.#flow;
    const slot = Element.slotIn(element, flow);
    if (slot === NO_SLOT) {
      if (!Element.isInert(element)) flow.refused.inc();
      return fn();
    }
    const { slots } = flow;
    const generation = slots.generations[slot]!;
    const entry = slots.entries[slot]!;
    const { active } = flow;
    const outer = active[0]!;
    const isInLine = this.#isInLine && flow.gate[GATE] === 1;
    const input = isInLine ? this.#takeIn(slots, slot) : null;
    let word = 0;
    let span = 0;
    if (entry === NO_ENTRY) {
      this.#clock.tick();
      if (input !== null) input.took();
    } else {
      const tracer = flow.tracer!;
      tracer.activate(entry);
      // In a line, the wait is recorded as the span is begun.
      span = isInLine
        ? tracer.scribe.enter(entry, this.#record.text, input === null ? null : input.tally)
        : this.#begin(slot, entry);
      word = desk[DESK_WORD]!;
      if (input !== null) input.left();
    }
    if (!isInLine) this.#queues.take(slot);
    // Kept here, and not passed on, where it would be allocated: see Histogram.recordStaged.
    const startNs = this.#cell[0]!;
    let result: unknown;
    try {
      result = fn();
    } catch (error) {
      this.#threw(element, startNs, error);
      if (entry !== NO_ENTRY) this.#failSpan(entry, word, span, startNs, error);
      active[0] = outer;
      throw error;
    }
    if ((typeof result === 'object' || typeof result === 'function') && isThenable(result)) {
      active[0] = outer;
      return this.#settle(element, { slot, generation, entry, word, span, startNs }, result);
    }
    stage[START] = startNs;
    if (entry === NO_ENTRY) {
      this.#clock.tick();
      this.#record.left(this.#cell);
    } else this.#record.leave(flow.tracer!, entry, word, span);
    active[0] = outer;
    if (slots.generations[slot] === generation) {
      if (this.#isInLine) {
        const at = slot * slots.width + this.#outputAt;
        const output = this.#output;
        if (output !== null && slots.numbers[at] === 0) output.entered();
        slots.numbers[at] = this.#cell[0]! || 1;
      } else this.#queues.put(slot);
    }
    return result;
  }

  /**
   * The component begins to work on an element, and says with `end()` or `fail()` when it has
   * finished: for code with callbacks. It works on an element once at a time; a second start before
   * the end is refused and counted. Allocates nothing.
   */
  start(element: Element): void {
    const slot = this.#slotOf(element);
    if (slot === NO_SLOT) return;
    const flow = this.#flow;
    const { numbers, width, entries } = flow.slots;
    const base = slot * width;
    if (numbers[base + this.#workAt] !== 0) {
      flow.refused.inc();
      return;
    }
    const entry = entries[slot]!;
    if (entry === NO_ENTRY) this.#clock.tick();
    else numbers[base + this.#spanAt] = this.#begin(slot, entry);
    this.#queues.take(slot);
    numbers[base + this.#workAt] = this.#cell[0]! || 1;
  }

  /** The component has finished with an element that it started on. */
  end(element: Element): void {
    const slot = this.#slotOf(element);
    if (slot === NO_SLOT) return;
    const flow = this.#flow;
    const { numbers, width, entries } = flow.slots;
    const base = slot * width;
    const at = base + this.#workAt;
    if (numbers[at] === 0) {
      flow.refused.inc();
      return;
    }
    const { active } = flow;
    const outer = active[0]!;
    const entry = entries[slot]!;
    stage[START] = numbers[at]!;
    numbers[at] = 0;
    if (entry === NO_ENTRY) {
      this.#clock.tick();
      this.#record.left(this.#cell);
    } else {
      const tracer = flow.tracer!;
      tracer.activate(entry);
      this.#record.leave(tracer, entry, KNOWN_WORD, numbers[base + this.#spanAt]!);
    }
    active[0] = outer;
    this.#queues.put(slot);
  }

  /** The component has failed with an element that it started on: counts the error. */
  fail(element: Element, error?: unknown): void {
    const slot = this.#slotOf(element);
    const startNs = this.#stop(slot);
    if (startNs === 0) return;
    const { slots, tracer, active } = this.#flow;
    const entry = slots.entries[slot]!;
    const outer = active[0]!;
    if (entry !== NO_ENTRY) tracer!.activate(entry);
    this.#threw(element, startNs, error);
    active[0] = outer;
    if (entry === NO_ENTRY) return;
    const span = slots.numbers[slot * slots.width + this.#spanAt]!;
    this.#failSpan(entry, tracer!.wordOf(entry), span, startNs, error);
  }

  /** Sets the memory that the component uses, in bytes. */
  memory(bytes: number): void {
    this.#memory.set(bytes);
    if (Number.isFinite(bytes)) this.#memoryBytes = bytes;
  }

  /** The memory that it was last said to use. @internal */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** Adds fuel that the component has used, in whichever unit its engine counts. */
  fuel(units: number): void {
    this.#fuel.add(units);
  }

  /** A capability of the component, by name; made at first use, and kept. */
  capability(name: string): Capability {
    let capability = this.#capabilities.get(name);
    if (capability === undefined) {
      capability = new Capability(this.id, name, this.#flow);
      this.#capabilities.set(name, capability);
    }
    return capability;
  }

  /** The stream before, where the element has waited in it; its time is staged, and it does no more. */
  #takeIn({ numbers, width }: Slots, slot: number): FlowStream | null {
    const at = slot * width + this.#inputAt;
    const input = this.#input;
    if (input === null || numbers[at] === 0) return null;
    stage[START] = numbers[at]!;
    numbers[at] = 0;
    return input;
  }

  /** The component begins with one that is traced, now: answers its span's id, less the root's. */
  #begin(slot: number, entry: number): number {
    const flow = this.#flow;
    const component = this.#record.text;
    const span = flow.tracer!.scribe.enter(entry, component, null);
    if (flow.gate[GATE]! > 1) this.#queues.takeTraced(slot, entry, span, component);
    return span;
  }

  /** An invocation has ended well; the element may have ended before it. */
  #finish({ slot, generation, entry, word, span, startNs }: Invocation): void {
    const { active } = this.#flow;
    const outer = active[0]!;
    stage[START] = startNs;
    if (entry === NO_ENTRY) {
      this.#clock.tick();
      this.#record.left(this.#cell);
    } else {
      this.#activate(entry, word);
      this.#record.leave(this.#flow.tracer!, entry, word, span);
    }
    active[0] = outer;
    if (this.#flow.slots.generations[slot] === generation) this.#queues.put(slot);
  }

  /** The thread is at work again on a local trace, unless that has been given up. */
  #activate(entry: number, word: number): void {
    const tracer = this.#flow.tracer!;
    if (tracer.has(entry, word)) tracer.activate(entry);
  }

  /** The span of an invocation that failed; the clock has just been read. */
  #failSpan(entry: number, word: number, span: number, startNs: number, error: unknown): void {
    stage[START] = startNs;
    this.#record.leaveFailed(this.#flow.tracer!, entry, word, span, error);
  }

  #threw(element: Element, startNs: number, error: unknown): void {
    const now = this.#flow.now();
    if (Element.hasCounted(element, error, this, startNs)) this.#record.invoked(now - startNs);
    else {
      this.#record.failed(now - startNs, error);
      Element.noteError(element, error, this, now);
    }
  }

  #settle(
    element: Element,
    invocation: Invocation,
    result: PromiseLike<unknown>,
  ): PromiseLike<unknown> {
    const promise = result instanceof Promise ? result : Promise.resolve(result);
    return promise.then(
      (value: unknown) => {
        this.#finish(invocation);
        return value;
      },
      (error: unknown) => {
        const { entry, word, span, startNs } = invocation;
        const { active } = this.#flow;
        const outer = active[0]!;
        if (entry !== NO_ENTRY) this.#activate(entry, word);
        this.#threw(element, startNs, error);
        active[0] = outer;
        if (entry !== NO_ENTRY) this.#failSpan(entry, word, span, startNs, error);
        throw error;
      },
    );
  }

  /** Since when the component has been at work in a slot; 0, counted, where it is not. */
  #stop(slot: number): number {
    if (slot === NO_SLOT) return 0;
    const { numbers } = this.#flow.slots;
    const at = slot * this.#flow.slots.width + this.#workAt;
    const startNs = numbers[at]!;
    numbers[at] = 0;
    if (startNs === 0) this.#flow.refused.inc();
    return startNs;
  }

  /** The slot of an element in flight; {@link NO_SLOT}, counted where something is wrong with it. */
  #slotOf(element: Element): number {
    if (element === INERT) return NO_SLOT;
    const slot = Element.slotIn(element, this.#flow);
    if (slot === NO_SLOT && !Element.isInert(element)) this.#flow.refused.inc();
    return slot;
  }
}
