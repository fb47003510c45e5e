/**
 * The promoted traces that are kept to be looked at: the newest, within bounds. Each span has a
 * number, from 1, in the order in which they came.
 */
import type { PromotionReason, SpanData } from '../../trace/data';
import { SPAN_WORDS } from '../../generated/layout';
import { moved, type ReadSpan } from './spans';

const MOST_TRACES = 256;
const MOST_SPANS = 16_384;
const MOST_SPANS_OF_TRACE = 1_024;
/** Slots of spans and their texts: 8 MiB of them. */
const MOST_SLOTS = 2 ** 23 / (SPAN_WORDS * 4);
const MOST_ANSWERED = 10_000;
/** One part in so many is what exemplars that are published together may keep: two are kept so. */
const PUBLISHED_SHARE = 4;

/** A promoted span as listeners get it. */
export interface NumberedSpan extends SpanData {
  readonly seq: number;
  readonly reason: PromotionReason;
}

/** Spans, and what became of those that are not there: the JSON of `BackendMeter.spans()`. */
export interface SpanReading {
  readonly spans: readonly NumberedSpan[];
  readonly lost: number;
  readonly last: number;
}

/** A trace that is kept. */
export interface KeptTrace {
  /** Why its first span was promoted. */
  readonly reason: PromotionReason;
  /**
   * The Unix time, milliseconds, at which the clock was 0, by the first span: whatever Unix time is
   * set to while a trace goes on, none of its spans starts before the one above.
   */
  readonly wallMs: number;
  /** By their numbers, the earliest first. */
  readonly spans: ReadonlyMap<number, ReadSpan>;
}

interface GrowingTrace extends KeptTrace {
  readonly spans: Map<number, ReadSpan>;
  slots: number;
}

/** Promoted traces. */
export class TraceStore {
  /** The oldest first. */
  readonly #traces = new Map<string, GrowingTrace>();
  /** The traces that exemplars were published of, last and before: others make room first. */
  #published = new Set<string>();
  #publishedBefore: ReadonlySet<string> = this.#published;
  #publishedSpans = 0;
  #publishedSlots = 0;
  #last = 0;
  #spans = 0;
  #slots = 0;

  /** All that are kept, by their ids, the oldest first. */
  get traces(): ReadonlyMap<string, KeptTrace> {
    return this.#traces;
  }

  /** Adds a promoted span. What there is no room for has a number, and is lost. */
  add(span: ReadSpan): void {
    const { traceId } = span.data;
    if (this.#hasCopy(span)) return;
    this.#last += 1;
    const trace = this.#traces.get(traceId) ?? this.#begin(span);
    if (trace.spans.size >= MOST_SPANS_OF_TRACE) return;
    trace.spans.set(this.#last, moved(span, trace.wallMs));
    trace.slots += span.slots;
    this.#spans += 1;
    this.#slots += span.slots;
    while (this.#isTooMuch()) this.#dropOldest();
  }

  /** The spans with numbers above `after`, as many as an answer takes. */
  after(after: number): SpanReading {
    const numbered = [...this.#traces.values()]
      .flatMap(({ spans }) => [...spans])
      .filter(([seq]) => seq > after)
      .sort(([a], [b]) => a - b);
    const answered = numbered.slice(0, MOST_ANSWERED);
    const last = answered.length < numbered.length ? answered.at(-1)![0] : this.#last;
    const spans = answered.map(([seq, { data, reason }]) => ({
      seq,
      reason: reason ?? 'manual',
      ...data,
    }));
    return { spans, lost: Math.max(0, last - after) - spans.length, last };
  }

  /** Begins to publish exemplars; what was published before the last ones is kept as others are. */
  beginPublication(): void {
    this.#publishedBefore = this.#published;
    this.#published = new Set();
    this.#publishedSpans = 0;
    this.#publishedSlots = 0;
  }

  /**
   * Keeps a trace until two more publications have begun, with these spans of it, which were found in
   * the flight rings; one that was promoted before is left as it is. False where there is no room,
   * or nothing to keep.
   */
  publish(traceId: string, found: readonly ReadSpan[]): boolean {
    if (this.#published.has(traceId)) return true;
    const trace = this.#traces.get(traceId);
    const isCopied = (trace?.reason ?? 'exemplar') === 'exemplar';
    const known = new Set([...(trace?.spans.values() ?? [])].map(({ data }) => data.spanId));
    const added = found
      .filter(({ data }) => isCopied && !known.has(data.spanId))
      .slice(0, MOST_SPANS_OF_TRACE - known.size);
    const spans = this.#publishedSpans + known.size + added.length;
    const slots = added.reduce(
      (sum, span) => sum + span.slots,
      this.#publishedSlots + (trace?.slots ?? 0),
    );
    const hasRoom =
      this.#published.size < MOST_TRACES / PUBLISHED_SHARE &&
      spans <= MOST_SPANS / PUBLISHED_SHARE &&
      slots <= MOST_SLOTS / PUBLISHED_SHARE;
    if (!hasRoom || (trace === undefined && added.length === 0)) return false;
    this.#published.add(traceId);
    this.#publishedSpans = spans;
    this.#publishedSlots = slots;
    for (const span of added) this.add({ ...span, reason: 'exemplar' });
    return true;
  }

  /** Whether that span is here already, taken from a flight ring before its thread promoted it. */
  #hasCopy({ data }: ReadSpan): boolean {
    const trace = this.#traces.get(data.traceId);
    if (trace?.reason !== 'exemplar') return false;
    return [...trace.spans.values()].some((kept) => kept.data.spanId === data.spanId);
  }

  #begin({ data, wallMs, reason }: ReadSpan): GrowingTrace {
    const spans = new Map<number, ReadSpan>();
    const trace = { reason: reason ?? 'manual', wallMs, spans, slots: 0 };
    this.#traces.set(data.traceId, trace);
    return trace;
  }

  #isTooMuch(): boolean {
    return this.#traces.size > MOST_TRACES || this.#spans > MOST_SPANS || this.#slots > MOST_SLOTS;
  }

  #dropOldest(): void {
    const ids = [...this.#traces.keys()];
    const isFree = (id: string): boolean =>
      !this.#published.has(id) && !this.#publishedBefore.has(id);
    // Published ones leave half of it to others, but may have grown since.
    const traceId = ids.find(isFree) ?? ids[0]!;
    const { spans, slots } = this.#traces.get(traceId)!;
    this.#traces.delete(traceId);
    this.#spans -= spans.size;
    this.#slots -= slots;
  }
}
