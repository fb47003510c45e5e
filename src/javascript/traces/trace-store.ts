/**
 * The promoted traces that are kept to be looked at: the newest, within bounds. Each span has a
 * number, from 1, in the order in which they came.
 */
import type { PromotionReason, SpanData } from '../../trace/data';
import { SPAN_WORDS } from '../../generated/layout';
import type { ReadSpan } from './spans';

const MOST_TRACES = 256;
const MOST_SPANS = 16_384;
const MOST_SPANS_OF_TRACE = 1_024;
/** Slots of spans and their texts: 8 MiB of them. */
const MOST_SLOTS = 2 ** 23 / (SPAN_WORDS * 4);
const MOST_ANSWERED = 10_000;

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
    this.#last += 1;
    const trace = this.#traces.get(traceId) ?? this.#begin(traceId, span.reason ?? 'manual');
    if (trace.spans.size >= MOST_SPANS_OF_TRACE) return;
    trace.spans.set(this.#last, span);
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

  #begin(traceId: string, reason: PromotionReason): GrowingTrace {
    const trace = { reason, spans: new Map<number, ReadSpan>(), slots: 0 };
    this.#traces.set(traceId, trace);
    return trace;
  }

  #isTooMuch(): boolean {
    return this.#traces.size > MOST_TRACES || this.#spans > MOST_SPANS || this.#slots > MOST_SLOTS;
  }

  #dropOldest(): void {
    for (const [traceId, { spans, slots }] of this.#traces) {
      this.#traces.delete(traceId);
      this.#spans -= spans.size;
      this.#slots -= slots;
      return;
    }
  }
}
