/**
 * What is recorded of a flow's elements, in one thread, and which of them are in flight.
 *
 * The invariant: an element is in flight from `begin` to `end`, `fail` or `abandon`, and for just
 * that time it has a slot. Nothing here throws, or allocates, beyond the table of slots when it
 * grows.
 */
import type { Clock } from '../backend/backend';
import { inWords } from '../errors';
import { FORM_COPY, FORM_FLOW, GATE, STATUS_ERROR } from '../generated/layout';
import type { ActiveSerial } from '../handles/active-serial';
import type { Counter } from '../handles/counter';
import { Gauge } from '../handles/gauge';
import { Histogram } from '../handles/histogram';
import { Stopwatch } from '../handles/stopwatch';
import { KNOWN_WORD, MARK_ELEMENT, NO_ENTRY } from '../trace/entry';
import type { Origin } from '../trace/origin';
import type { TracerSource } from '../trace/source';
import { AMOUNT, DURATION, SEQUENCE, stage, START } from '../trace/stage';
import { Tally } from '../trace/tally';
import { stageError, stageText } from '../trace/text';
import { IF_FAILED, IF_SLOW, type Tracer } from '../trace/tracer';
import type { ComponentRecord } from './component-record';
import type { FlowEvents } from './events';
import type { FlowMetrics } from './metrics';
import { EXIT, FIRST_STREAM, NO_SLOT, Slots } from './slots';
import type { FlowStream } from './stream';

const FAILED_FLOW = FORM_FLOW | (STATUS_ERROR << 16);

/** What a flow's record is made of. */
export interface FlowRecordParts {
  readonly id: string;
  readonly components: readonly ComponentRecord[];
  readonly streams: readonly FlowStream[];
  readonly metrics: FlowMetrics;
  readonly events: FlowEvents;
  readonly clock: Clock;
  /** A block of this thread's whose gate says what is recorded. */
  readonly gate: Float64Array;
  /** Counts calls with elements that are none of the flow's in flight. */
  readonly refused: Counter;
  readonly tracing: TracerSource;
  readonly maxInFlight: number;
  /** An element that takes longer makes an event. */
  readonly slowNs: number;
}

/** The elements of one flow, in one thread. */
export class FlowRecord {
  readonly id: string;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly refused: Counter;
  readonly events: FlowEvents;
  readonly metrics: FlowMetrics;
  readonly components: readonly ComponentRecord[];
  readonly streams: readonly FlowStream[];
  /** What records spans; `null` where nothing is traced, and before the first element. */
  tracer: Tracer | null = null;
  /** The number of its id, for spans. */
  text = 0;
  /** A block whose gate is above 0 while something is recorded. */
  readonly gate: Float64Array;
  /** Which local trace this thread is at work on: see `handles/active-serial.ts`. */
  readonly active: ActiveSerial;
  readonly #cell: Float64Array;
  readonly #elements: Counter;
  readonly #errors: Counter;
  readonly #latency: Histogram;
  /** Elements, and their latency. */
  readonly #tally: Tally;
  /** This and its parts': what the native scribe is to record. */
  #tallies: readonly Tally[];
  readonly #copies: Counter;
  readonly #copiedBytes: Counter;
  readonly #inFlight: Gauge;
  readonly #oldestAge: Stopwatch;
  readonly #abandoned: Counter;
  readonly #slowNs: number;
  readonly #tracing: TracerSource;
  #hasLooked = false;
  #spansOfCopies = 0;
  #spansOfTransfers = 0;
  /** Who waits for the last element in flight to end; answers whether it need not wait on. */
  #idlers: (() => boolean)[] = [];
  /** Where a slot's times of components begin; the ids of their spans follow. */
  readonly #workOffset: number;

  constructor(parts: FlowRecordParts) {
    const { id, metrics, streams } = parts;
    const labels = { flow_id: id };
    this.id = id;
    this.clock = parts.clock;
    this.refused = parts.refused;
    this.events = parts.events;
    this.metrics = metrics;
    this.components = parts.components;
    this.streams = streams;
    this.#workOffset = FIRST_STREAM + streams.length;
    this.#tracing = parts.tracing;
    this.slots = new Slots(this.#workOffset + 2 * parts.components.length, parts.maxInFlight);
    this.gate = parts.gate;
    this.active = parts.tracing.active;
    this.#cell = parts.clock.cell;
    this.#slowNs = parts.slowNs;
    this.#elements = metrics.counter('flow.elements.total', labels);
    this.#errors = metrics.counter('flow.elements.errors', labels);
    this.#latency = metrics.histogram('flow.latency', labels);
    this.#tally = new Tally(this.#elements, this.#latency, parts.slowNs);
    this.#tallies = [this.#tally, ...[...parts.components, ...streams].map(({ tally }) => tally)];
    this.#copies = metrics.counter('flow.copies.total', labels);
    this.#copiedBytes = metrics.counter('flow.copies.bytes', labels);
    this.#inFlight = metrics.gauge('flow.elements.in_flight', labels);
    this.#oldestAge = metrics.stopwatch('flow.elements.oldest_age', labels);
    this.#abandoned = metrics.counter('flow.elements.abandoned', labels);
  }

  /** Whether anything is recorded at the level now. */
  get isRecording(): boolean {
    return this.gate[GATE]! > 0;
  }

  /** Whether the level is diagnostic. */
  get isDiagnostic(): boolean {
    return this.gate[GATE]! > 1;
  }

  /** The time: nanoseconds of this thread's clock. */
  now(): number {
    const clock = this.clock;
    clock.tick();
    return clock.cell[0]!;
  }

  /** Where, among a slot's numbers, is since when a stream has held the element. */
  queuedAt(slot: number, stream: number): number {
    return slot * this.slots.width + FIRST_STREAM + stream;
  }

  /** Where, among a slot's numbers, is since when a component has been at work on the element. */
  workingAt(slot: number, component: number): number {
    return slot * this.slots.width + this.#workOffset + component;
  }

  /** Puts an element in flight, and answers its slot. */
  begin(): number {
    const tracer = this.#hasLooked ? this.tracer : this.findTracer();
    if (this.slots.isFull) this.#abandonOldest();
    let entry = NO_ENTRY;
    if (tracer === null) this.clock.tick();
    else entry = tracer.open(this.text, 0, MARK_ELEMENT);
    return this.#take(entry);
  }

  /** The same, for an element whose spans are below another one. */
  beginBelow({ ids, flags, context, tracer: above, entry: over }: Origin): number {
    const tracer = this.findTracer();
    if (this.slots.isFull) this.#abandonOldest();
    let entry = NO_ENTRY;
    if (tracer === null) this.clock.tick();
    else {
      const parent = above === tracer ? over : NO_ENTRY;
      entry = tracer.openBelow(this.text, 0, MARK_ELEMENT, ids, flags, context, parent);
    }
    return this.#take(entry);
  }

  /** A slot for an element that begins; the clock has just been read. */
  #take(entry: number): number {
    const slots = this.slots;
    const slot = slots.take(this.#cell);
    slots.entries[slot] = entry;
    Gauge.put(this.#inFlight, slots.used);
    return slot;
  }

  /** What records spans, looked for once: before, no thread need have memory for them. */
  findTracer(): Tracer | null {
    if (this.#hasLooked) return this.tracer;
    this.#hasLooked = true;
    const { tracer } = this.#tracing;
    this.tracer = tracer;
    if (tracer === null) return null;
    this.text = this.#tracing.textOf(this.id);
    for (const part of [...this.components, ...this.streams]) {
      part.text = this.#tracing.textOf(part.id);
    }
    for (const tally of this.#tallies) tracer.handOver(tally);
    return tracer;
  }

  /** Its series are given up: little is recorded of it from now on. */
  release(): void {
    for (const tally of this.#tallies) tally.takeBack();
    this.#tallies = [];
  }

  /** The element has left the last component; the clock has just been read. */
  exit(slot: number): void {
    this.slots.numbers[slot * this.slots.width + EXIT] = this.#cell[0]! || 1;
  }

  /**
   * An element is through; what is still at work on it has ended with it. Its latency counts to when
   * it left the last component, which saves reading the clock, and to now where it never came there.
   */
  end(slot: number): void {
    const { numbers } = this.slots;
    const base = slot * this.slots.width;
    if (numbers[base + EXIT] === 0) {
      this.clock.tick();
      this.exit(slot);
    }
    const entry = this.slots.entries[slot]!;
    const outer = this.active[0]!;
    if (entry !== NO_ENTRY) this.tracer!.activate(entry);
    const end = base + this.#workOffset + this.components.length;
    for (let at = base + this.#workOffset; at < end; at++) {
      if (numbers[at] !== 0) this.#endWork(slot, at, at - base - this.#workOffset);
    }
    stage[DURATION] = numbers[base + EXIT]! - numbers[base]!;
    const isSlow =
      entry === NO_ENTRY
        ? this.#tally.recordDuration() !== 0
        : this.tracer!.endElement(entry, this.#tally);
    this.active[0] = outer;
    if (isSlow) this.events.latencySpike(this.id, stage[DURATION]);
    this.#giveBack(slot);
  }

  #endWork(slot: number, at: number, index: number): void {
    const { numbers, entries } = this.slots;
    const component = this.components[index]!;
    const since = numbers[at]!;
    numbers[at] = 0;
    const entry = entries[slot]!;
    stage[START] = since;
    if (entry === NO_ENTRY) {
      this.clock.tick();
      component.left(this.#cell);
    } else {
      const span = numbers[at + this.components.length]!;
      component.leave(this.tracer!, entry, KNOWN_WORD, span);
    }
  }

  /** An element has failed; so has what is at work on it, unless the error is counted already. */
  fail(slot: number, error: unknown, isCounted: boolean): void {
    const { numbers } = this.slots;
    const entry = this.slots.entries[slot]!;
    const outer = this.active[0]!;
    if (entry !== NO_ENTRY) this.tracer!.activate(entry);
    for (const [i, component] of this.components.entries()) {
      const at = this.workingAt(slot, i);
      const since = numbers[at]!;
      if (since === 0) continue;
      numbers[at] = 0;
      if (isCounted) component.invoked(this.now() - since);
      else component.failed(this.now() - since, error);
      this.#failSpan(slot, component, since, numbers[at + this.components.length]!, error);
    }
    if (entry !== NO_ENTRY) this.#failRoot(entry, numbers[slot * this.slots.width]!, error);
    this.elementFailed();
    this.active[0] = outer;
    this.#giveBack(slot);
  }

  #failSpan(
    slot: number,
    component: ComponentRecord,
    sinceNs: number,
    span: number,
    error: unknown,
  ): void {
    const entry = this.slots.entries[slot]!;
    if (entry === NO_ENTRY) return;
    stage[START] = sinceNs;
    component.leaveFailed(this.tracer!, entry, this.tracer!.wordOf(entry), span, error);
  }

  #failRoot(entry: number, startNs: number, error: unknown): void {
    const now = this.now();
    stage[DURATION] = now - startNs;
    const text = stageError(error, now);
    this.tracer!.endRoot(entry, FAILED_FLOW, 0, text, IF_FAILED | IF_SLOW);
  }

  /** Counts an element that is through. */
  elementEnded(latencyNs: number): void {
    this.#elements.inc();
    this.#latency.record(latencyNs < 0 ? 0 : latencyNs);
    if (latencyNs > this.#slowNs) this.events.latencySpike(this.id, latencyNs);
  }

  /** The same of so many elements. */
  elementsEnded(latenciesNs: Float64Array, count: number): void {
    this.#elements.add(count);
    Histogram.recordAll(this.#latency, latenciesNs, count);
    for (let i = 0; i < count; i++) {
      const latencyNs = latenciesNs[i]!;
      if (latencyNs > this.#slowNs) this.events.latencySpike(this.id, latencyNs);
    }
  }

  /** Counts an element that was lost to an error. */
  elementFailed(): void {
    this.#elements.inc();
    this.#errors.inc();
  }

  /** Counts a copy of a buffer. */
  copied(slot: number, reason: string, bytes: number): void {
    if (!this.isRecording) return;
    this.#copies.inc();
    this.#copiedBytes.add(bytes);
    this.metrics.copies(this.id, reason).inc();
    if (!this.isDiagnostic) return;
    this.events.copied(this.id, reason, bytes);
    const entry = this.slots.entries[slot]!;
    if (entry !== NO_ENTRY) this.#noteCopy(entry, reason, bytes);
  }

  #noteCopy(entry: number, reason: string, bytes: number): void {
    const tracer = this.tracer!;
    const name = typeof reason === 'string' ? this.#tracing.nameOf(reason) : 0;
    const text = name === 0 ? stageText({ name: inWords(reason) }) : 0;
    stage[START] = this.now();
    stage[DURATION] = 0;
    stage[SEQUENCE] = this.#spansOfCopies += 1;
    stage[AMOUNT] = typeof bytes === 'number' && bytes >= 0 && bytes < Infinity ? bytes : 0;
    tracer.note(entry, FORM_COPY, tracer.atWork(entry), name, 0, text);
    stage[AMOUNT] = 0;
  }

  /** The number of the next wait that has a span. */
  nextTransfer(): number {
    return (this.#spansOfTransfers += 1);
  }

  /** Shows which element is the oldest. */
  refresh(): void {
    const { slots } = this;
    const oldest = slots.oldest();
    if (oldest === NO_SLOT) Stopwatch.clear(this.#oldestAge);
    else Stopwatch.runSince(this.#oldestAge, slots.numbers[oldest * slots.width]!);
  }

  /** Calls a function each time that no element is in flight any more, till it answers true. */
  whenIdle(idler: () => boolean): void {
    this.#idlers.push(idler);
  }

  #idle(): void {
    Stopwatch.clear(this.#oldestAge);
    if (this.#idlers.length > 0) this.#tellIdlers();
  }

  #tellIdlers(): void {
    this.#idlers = this.#idlers.filter((idler) => !idler());
  }

  #abandonOldest(): void {
    this.#abandoned.inc();
    const slot = this.slots.old();
    const base = slot * this.slots.width;
    this.slots.numbers.fill(0, base + this.#workOffset, base + this.slots.width);
    const entry = this.slots.entries[slot]!;
    if (entry !== NO_ENTRY) this.tracer!.abandon(entry);
    this.#giveBack(slot);
  }

  #giveBack(slot: number): void {
    const slots = this.slots;
    const { numbers } = slots;
    numbers[slot * slots.width + EXIT] = 0;
    const streams = this.streams;
    for (let i = 0, at = slot * slots.width + FIRST_STREAM; i < streams.length; i++, at++) {
      if (numbers[at] === 0) continue;
      numbers[at] = 0;
      streams[i]!.left();
    }
    slots.giveBack(slot);
    Gauge.put(this.#inFlight, slots.used);
    if (slots.used === 0) this.#idle();
  }
}
