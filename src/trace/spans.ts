/** Makes the spans of one meter in one thread: `meter.span()`. */
import { GATE } from '../generated/layout';
import type { Counter } from '../handles/counter';
import type { SpanKind } from './data';
import { NO_ENTRY } from './entry';
import { OF_ROOT } from './flight';
import type { SpanLimits } from './limits';
import { Origin } from './origin';
import { locateParent } from './parent';
import type { TracerSource } from './source';
import { Span, type SpanAttributes, type SpanSink } from './span';
import type { Tracer } from './tracer';

// In OpenTelemetry's numbers.
const KINDS: readonly SpanKind[] = ['internal', 'server', 'client', 'producer', 'consumer'];
const NAMELESS = 'span';

/** What a span can be told when it begins. */
export interface SpanOptions {
  /** What it is in the conversation of two services; `internal` when left out. */
  readonly kind?: SpanKind;
  /** What is said of it; more with `span.setAttribute()`. */
  readonly attributes?: SpanAttributes;
}

/** See the file. Nothing here throws: what is wrong is counted, and left out. */
export class Spans {
  readonly #source: TracerSource;
  readonly #refused: Counter;
  readonly #gate: Float64Array;
  readonly #unrecorded: SpanSink;
  readonly #nothing: Span;
  /** Where the span that is being made is, or what it is below. */
  readonly #origin = new Origin();
  #sink: SpanSink | null = null;

  /** @param refused - counts what is wrong */
  constructor(source: TracerSource, refused: Counter, limits: SpanLimits) {
    const { clock, gate } = source;
    this.#source = source;
    this.#refused = refused;
    this.#gate = gate;
    this.#unrecorded = { tracer: null, tick: clock.tick, clock: clock.cell, refused, limits };
    this.#nothing = this.#unrecordedSpan(this.#origin);
  }

  /** A span that begins now; see `Meter.span`. */
  start(name: unknown, parent: unknown, options: unknown): Span {
    const origin = this.#origin;
    const isBelow =
      parent !== undefined &&
      parent !== null &&
      locateParent(parent, undefined, origin, this.#refused);
    const tracer = this.#gate[GATE]! > 0 ? this.#source.tracer : null;
    if (tracer === null) return isBelow ? this.#unrecordedSpan(origin) : this.#nothing;
    let checked = name;
    if (typeof checked !== 'string' || checked === '') {
      this.#refused.inc();
      checked = NAMELESS;
    }
    const span = this.#open(tracer, checked as string, isBelow, this.#kindOf(options));
    if (options !== undefined) this.#describe(span, options);
    return span;
  }

  #open(tracer: Tracer, name: string, isBelow: boolean, kind: number): Span {
    const origin = this.#origin;
    const sink = (this.#sink ??= { ...this.#unrecorded, tracer });
    const nameText = this.#source.nameOf(name);
    if (isBelow && origin.tracer === tracer) {
      sink.tick();
      const { entry, id: parent } = origin;
      const id = tracer.openPart(entry);
      origin.ids[5]! += id - parent;
      return new Span(sink, name, nameText, kind, entry, id, parent, origin);
    }
    const entry = isBelow
      ? tracer.openBelow(0, nameText, 0, origin.ids, origin.flags, origin.context, NO_ENTRY)
      : tracer.open(0, nameText, 0);
    if (entry === NO_ENTRY) return isBelow ? this.#unrecordedSpan(origin) : this.#nothing;
    origin.setOpen(tracer, entry, 0);
    return new Span(sink, name, nameText, kind, entry, 0, OF_ROOT, origin);
  }

  /** A span that only says where its parent is. */
  #unrecordedSpan(origin: Origin): Span {
    return new Span(this.#unrecorded, '', 0, 0, NO_ENTRY, 0, OF_ROOT, origin);
  }

  #kindOf(options: unknown): number {
    if (options === undefined) return 0;
    try {
      const { kind } = options as SpanOptions;
      if (kind === undefined) return 0;
      const number = KINDS.indexOf(kind);
      if (number >= 0) return number;
    } catch {
      // No options at all, or a getter that throws.
    }
    this.#refused.inc();
    return 0;
  }

  #describe(span: Span, options: unknown): void {
    try {
      const { attributes } = options as SpanOptions;
      if (attributes !== undefined) span.setAttributes(attributes);
    } catch {
      // Counted already where they are no options at all.
    }
  }
}
