/**
 * A span of code that is no pipeline. What is known of it is kept here till it ends, and then written
 * at once; the spans of one local trace share an entry of the open table.
 *
 * Nothing here throws: what is wrong is counted in `nanometer.values_rejected`.
 */
import { FORM_PLAIN, STATUS_ERROR, STATUS_UNSET } from '../generated/layout';
import type { ActiveSerial } from '../handles/active-serial';
import type { Counter } from '../handles/counter';
import { NO_BAGGAGE, type Baggage } from './context/baggage';
import type { TraceContext } from './context/context';
import { formatSpanId, formatTraceId, formatTraceparent } from './context/traceparent';
import type { AttributeValue } from './data';
import { NO_ENTRY } from './entry';
import type { SpanLimits } from './limits';
import type { Origin } from './origin';
import { ACTIVATE, LOCATE } from './place';
import { SpanNotes } from './span-notes';
import { DURATION, stage, START } from './stage';
import { describeError, exceptionOf, stageText } from './text';
import { IF_FAILED, IF_SLOW, type Tracer } from './tracer';

const KIND_SHIFT = 8;
const STATUS_SHIFT = 16;

const ids = new Int32Array(6);

/** Attributes as they are given: anything else than a text, a finite number or a boolean is refused. */
export type SpanAttributes = Readonly<Record<string, AttributeValue>>;

/** Where spans of one meter and thread are recorded. @internal */
export interface SpanSink {
  /** `null` where nothing is recorded. */
  readonly tracer: Tracer | null;
  /** Reads the clock. */
  readonly tick: () => void;
  readonly clock: Float64Array;
  /** Counts what is refused. */
  readonly refused: Counter;
  readonly limits: SpanLimits;
}

/**
 * A piece of work, timed from `meter.span()` to `end()` or `fail()`. It is promoted as its trace is:
 * sampled, failed, slow, or by hand; see `meter.tracing`. Use it on the thread that made it.
 *
 * No method throws. What is said of it after its end is refused, and counted in
 * `nanometer.values_rejected`.
 */
export class Span {
  readonly #sink: SpanSink;
  /** {@link NO_ENTRY} where it records nothing, and when it has ended. */
  #entry: number;
  readonly #word: number;
  readonly #id: number;
  readonly #parent: number;
  #name: string;
  #nameText: number;
  readonly #kind: number;
  readonly #startNs: number;
  readonly #trace0: number;
  readonly #trace1: number;
  readonly #trace2: number;
  readonly #trace3: number;
  readonly #span0: number;
  readonly #span1: number;
  readonly #flags: number;
  readonly #context: TraceContext | null;
  #notes: SpanNotes | null = null;

  /**
   * @param nameText - the number of the name; 0 where it has none
   * @param id - less the root's; 0 of the root itself
   * @param parent - its parent's, less the root's
   * @param origin - where it is
   * @internal
   */
  constructor(
    sink: SpanSink,
    name: string,
    nameText: number,
    kind: number,
    entry: number,
    id: number,
    parent: number,
    origin: Origin,
  ) {
    const words = origin.ids;
    this.#sink = sink;
    this.#entry = entry;
    this.#word = entry === NO_ENTRY ? 0 : sink.tracer!.wordOf(entry);
    this.#id = id;
    this.#parent = parent;
    this.#name = name;
    this.#nameText = nameText;
    this.#kind = kind;
    this.#startNs = sink.clock[0]!;
    this.#trace0 = words[0]!;
    this.#trace1 = words[1]!;
    this.#trace2 = words[2]!;
    this.#trace3 = words[3]!;
    this.#span0 = words[4]!;
    this.#span1 = words[5]!;
    this.#flags = origin.flags;
    this.#context = origin.context;
  }

  /** Its trace's id: 32 hexadecimal digits; `''` where it records nothing and no caller had one. */
  get traceId(): string {
    return this.#isSomewhere ? formatTraceId(Span.#idsOf(this)) : '';
  }

  /** Its id: 16 hexadecimal digits; its caller's where it records nothing, `''` where there is none. */
  get spanId(): string {
    return this.#isSomewhere ? formatSpanId(Span.#idsOf(this), 4) : '';
  }

  /** Whether it is recorded: made at a level that records, with tracing, and not ended. */
  get isRecording(): boolean {
    return this.#entry !== NO_ENTRY;
  }

  /** Says something of it; the same name again is said anew. */
  setAttribute(name: string, value: AttributeValue): this {
    this.#note()?.setAttribute(name, value);
    return this;
  }

  /** Says several things of it. */
  setAttributes(attributes: SpanAttributes): this {
    this.#note()?.setAttributes(attributes);
    return this;
  }

  /** Something happened in it, now. */
  event(name: string, attributes?: SpanAttributes): this {
    const notes = this.#note();
    if (notes === null) return this;
    this.#sink.tick();
    notes.event(name, this.#sink.clock[0]!, attributes);
    return this;
  }

  /** How it went. Without it, nothing is said of that, and it counts as well. */
  setStatus(status: 'ok' | 'error', message?: string): this {
    this.#note()?.setStatus(status, message);
    return this;
  }

  /**
   * It has failed: sets the status, with the error's message, adds an event `exception`, and ends it.
   * `end()` after it does nothing, so that it may stand in a `finally`.
   */
  fail(error?: unknown): void {
    const notes = this.#note();
    if (notes === null) return;
    this.#sink.tick();
    if (error === undefined) notes.setStatus('error', undefined);
    else {
      notes.setStatus('error', describeError(error).message);
      notes.add(exceptionOf(error, this.#sink.clock[0]!));
    }
    this.#end(STATUS_ERROR);
    notes.hasFailed = true;
  }

  /** It is over: writes it. */
  end(): void {
    if (this.#entry === NO_ENTRY) {
      if (this.#word !== 0 && this.#notes?.hasFailed !== true) this.#sink.refused.inc();
      return;
    }
    if (this.#notes === null && this.#nameText !== 0) {
      this.#endPlain();
      return;
    }
    this.#sink.tick();
    this.#end(this.#notes?.status ?? STATUS_UNSET);
  }

  /** Promotes its trace: what this thread has of it, and what is to come. */
  promote(): void {
    const { tracer, refused } = this.#sink;
    if (this.#entry !== NO_ENTRY && tracer!.has(this.#entry, this.#word))
      tracer!.promote(this.#entry);
    else if (this.#word !== 0) refused.inc();
  }

  /** The header that says where it is, for a request to elsewhere; `''` where it is nowhere. */
  traceparent(): string {
    return this.#isSomewhere ? formatTraceparent(Span.#idsOf(this), this.#flags) : '';
  }

  /** What other tracing systems sent along, to be sent on; `''` where there is none. */
  tracestate(): string {
    return this.#context?.tracestate ?? '';
  }

  /** What programs sent along, by key. */
  get baggage(): Baggage {
    return this.#context?.baggage ?? NO_BAGGAGE;
  }

  get #isSomewhere(): boolean {
    return this.#span0 !== 0 || this.#span1 !== 0;
  }

  /** Where it is, for those below it: see `Place`. @internal */
  [LOCATE](into: Origin): Origin | null | undefined {
    if (!(#entry in this)) return undefined;
    if (!this.#isSomewhere) return null;
    into.ids.set(Span.#idsOf(this));
    into.flags = this.#flags;
    into.context = this.#context;
    const { tracer } = this.#sink;
    const isOpen = this.#entry !== NO_ENTRY && tracer!.has(this.#entry, this.#word);
    into.tracer = isOpen ? tracer : null;
    into.entry = isOpen ? this.#entry : NO_ENTRY;
    into.id = this.#id;
    return into;
  }

  /** This thread is at work on its local trace: see `ActivePlace`. @internal */
  [ACTIVATE](active: ActiveSerial): boolean {
    if (!(#entry in this)) return false;
    const { tracer } = this.#sink;
    const isOpen = this.#entry !== NO_ENTRY && tracer!.has(this.#entry, this.#word);
    if (isOpen) tracer!.activateIn(active, this.#entry);
    return true;
  }

  /** Gives it another name, with that name's number. @internal */
  static rename(span: Span, name: string, nameText: number): void {
    span.#name = name;
    span.#nameText = nameText;
  }

  /** When it began, by the clock. @internal */
  static startOf(span: Span): number {
    return span.#startNs;
  }

  /** Whether its trace is promoted, so far. @internal */
  static isPromoted(span: Span): boolean {
    const { tracer } = span.#sink;
    const isOpen = span.#entry !== NO_ENTRY && tracer!.has(span.#entry, span.#word);
    return isOpen && tracer!.isPromoted(span.#entry);
  }

  /** Whether a value is a span, and no object that looks like one. @internal */
  static is(value: unknown): value is Span {
    return typeof value === 'object' && value !== null && #entry in value;
  }

  static #idsOf(span: Span): Int32Array {
    ids[0] = span.#trace0;
    ids[1] = span.#trace1;
    ids[2] = span.#trace2;
    ids[3] = span.#trace3;
    ids[4] = span.#span0;
    ids[5] = span.#span1;
    return ids;
  }

  /** Where something is noted; `null`, counted where it has ended. */
  #note(): SpanNotes | null {
    if (this.#entry !== NO_ENTRY)
      return (this.#notes ??= new SpanNotes(this.#sink.refused, this.#sink.limits));
    if (this.#word !== 0) this.#sink.refused.inc();
    return null;
  }

  /** The end of one of which nothing was said: reads the clock. */
  #endPlain(): void {
    const entry = this.#takeEntry();
    if (entry === NO_ENTRY) return;
    const tracer = this.#sink.tracer!;
    const form = FORM_PLAIN | (this.#kind << KIND_SHIFT);
    if (this.#id === 0) tracer.endRootNow(entry, form, this.#nameText);
    else {
      stage[START] = this.#startNs;
      tracer.endPartNow(entry, form, this.#id, this.#parent, this.#nameText);
    }
  }

  /** Its entry, which it has no more; {@link NO_ENTRY}, counted, where others took its place. */
  #takeEntry(): number {
    const entry = this.#entry;
    this.#entry = NO_ENTRY;
    // It may have been open for so long that they did.
    if (this.#sink.tracer!.has(entry, this.#word)) return entry;
    this.#sink.refused.inc();
    return NO_ENTRY;
  }

  /** Ends it; the clock has just been read. */
  #end(status: number): void {
    const { clock } = this.#sink;
    const tracer = this.#sink.tracer!;
    const entry = this.#takeEntry();
    if (entry === NO_ENTRY) return;
    stage[START] = this.#startNs;
    stage[DURATION] = clock[0]! - this.#startNs;
    const form = FORM_PLAIN | (this.#kind << KIND_SHIFT) | (status << STATUS_SHIFT);
    const text = this.#nameText === 0 || this.#notes !== null ? this.#stageText() : 0;
    const isFailed = status === STATUS_ERROR;
    if (this.#id === 0) {
      const promotable = isFailed ? IF_FAILED | IF_SLOW : IF_SLOW;
      tracer.endRoot(entry, form, this.#nameText, text, promotable);
    } else tracer.endPart(entry, form, this.#id, this.#parent, this.#nameText, text, isFailed);
  }

  #stageText(): number {
    const name = this.#nameText === 0 ? this.#name : undefined;
    return stageText(this.#notes === null ? { name } : this.#notes.details(name));
  }
}
