/** Spans and traces as they are read: plain data, the shapes of `GET /traces`. */

/**
 * Why a trace was promoted: sampled when it began, failed, slow, asked for, or named by an exemplar
 * that was shown.
 */
export type PromotionReason = 'head' | 'error' | 'latency' | 'manual' | 'exemplar';

/** What a span is in the conversation of two services, in OpenTelemetry's words. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** How a span ended, in OpenTelemetry's words. */
export type SpanStatus = 'unset' | 'ok' | 'error';

/** What an attribute can be. */
export type AttributeValue = string | number | boolean;

/** Something that happened during a span. */
export interface SpanEventData {
  /** What happened. */
  readonly name: string;
  /** Unix milliseconds. */
  readonly atMs: number;
  /** What was said of it, by name. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** How many attributes did not fit; only where some did not. */
  readonly droppedAttributes?: number;
}

/** A finished span. */
export interface SpanData {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** 16 hexadecimal digits; `null` for the root of the trace. */
  readonly parentSpanId: string | null;
  /** The parent came from another process, by a header; only where it did. */
  readonly isParentRemote?: true;
  /** The trace's flags, by W3C: 1 where it was sampled when it began, 2 where its id is random. */
  readonly traceFlags: number;
  /** What was done: of an element `flow:{flow}`, of a component `component:{component}:invoke:{n}`. */
  readonly name: string;
  /** What it is in the conversation of two services. */
  readonly kind: SpanKind;
  /** When it started, Unix milliseconds. */
  readonly startMs: number;
  /** How long it took, nanoseconds. */
  readonly durationNs: number;
  /** How it ended. */
  readonly status: SpanStatus;
  /** What the status says; only where it says something. */
  readonly message?: string;
  /** What was said of it, by name. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** What happened meanwhile, in order. */
  readonly events: readonly SpanEventData[];
  /** How many attributes did not fit; only where some did not. */
  readonly droppedAttributes?: number;
  /** How many events did not fit; only where some did not. */
  readonly droppedEvents?: number;
}

/** The spans that are known of one trace. */
export interface TraceData {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** The name of its first span: the root, where that is here. */
  readonly name: string;
  /** When its first span started, Unix milliseconds. */
  readonly startMs: number;
  /** From the start of its first span to the end of its last. */
  readonly durationNs: number;
  /** `error` where a span has it. */
  readonly status: SpanStatus;
  /** `null` where it was found in a flight ring: not promoted, or so long ago that it is not kept. */
  readonly reason: PromotionReason | null;
  /** In the order of their starts. */
  readonly spans: readonly SpanData[];
}

/** Which traces are asked for. A trace is answered whole where one span of it has all of these. */
export interface TraceQuery {
  /** The flow's id. */
  readonly flow?: string;
  /** The component's id. */
  readonly component?: string;
  /** The span's name. */
  readonly name?: string;
  /** How the span ended. */
  readonly status?: SpanStatus;
  /** The least duration, milliseconds. */
  readonly minDurationMs?: number;
  /** The most traces: 1 to 1,000; 100 when left out. */
  readonly limit?: number;
}

/** Something that has begun and not ended: an element of a flow, or a span that is the first here. */
export interface OpenSpanData {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** What it will be called when it has ended. */
  readonly name: string;
  /** The flow's id; `null` where it is of none. */
  readonly flow: string | null;
  /** The component that is at work on it; `null` where none is. */
  readonly component: string | null;
  /** How long that has been; `null` where none is. */
  readonly componentAgeNs: number | null;
  /** When it began, Unix milliseconds. */
  readonly startMs: number;
  /** How long it has been open, nanoseconds. */
  readonly ageNs: number;
  /** The number of the thread's lane. */
  readonly lane: number;
}
