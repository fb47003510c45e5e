/** What a copied span means: names for numbers, Unix time for the clock's. */
import {
  FORM_BACKPRESSURE,
  FORM_COPY,
  FORM_FLOW,
  FORM_INVOKE,
  FORM_TRANSFER,
  SPAN_AMOUNT,
  SPAN_COMPONENT,
  SPAN_DURATION,
  SPAN_FLOW,
  SPAN_FORM,
  SPAN_ID,
  SPAN_NAME,
  SPAN_PARENT,
  SPAN_SEQUENCE,
  SPAN_START,
  SPAN_TRACE,
  SPAN_TRACE_FLAGS,
} from '../../generated/layout';
import { FLAG_REMOTE } from '../../trace/context/traceparent';
import type {
  AttributeValue,
  PromotionReason,
  SpanData,
  SpanEventData,
  SpanKind,
  SpanStatus,
} from '../../trace/data';
import { type CopiedSpan, idDigits } from './slots';
import type { Texts } from './texts';

const KINDS: readonly SpanKind[] = ['internal', 'server', 'client', 'producer', 'consumer'];
const STATUSES: readonly SpanStatus[] = ['unset', 'ok', 'error'];
const REASONS: readonly (PromotionReason | null)[] = [
  null,
  'head',
  'error',
  'latency',
  'manual',
  'exemplar',
];
const NO_ID = '0000000000000000';
const NONE_DROPPED = [0, 0] as const;

/** What stands for a text that had no number any more. */
export const UNNAMED = '?';

/** A span, read, with what it is looked for by. */
export interface ReadSpan {
  readonly data: SpanData;
  /** The flow's id; `null` where it is of none. */
  readonly flow: string | null;
  /** The component's id; `null` where it is of none. */
  readonly component: string | null;
  /** When it started, nanoseconds of the clock. */
  readonly startNs: number;
  /** The Unix time, milliseconds, at which the clock was 0. */
  readonly wallMs: number;
  /** Of a promoted one. */
  readonly reason: PromotionReason | null;
  /** How many slots it took. */
  readonly slots: number;
}

/** What a span says of itself beyond its numbers. */
interface SpanText {
  readonly name?: string;
  readonly message?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly events?: readonly {
    readonly name: string;
    readonly atNs: number;
    readonly attributes: Readonly<Record<string, AttributeValue>>;
    readonly dropped?: number;
  }[];
  readonly dropped?: readonly [attributes: number, events: number];
}

/** What a span is looked for by. */
export type Traits = Pick<ReadSpan, 'flow' | 'component'> &
  Pick<SpanData, 'name' | 'status' | 'durationNs'>;

/** The traits of a span that may not be worth being read. */
export function traitsOf(copied: CopiedSpan, texts: Texts): Traits {
  const { words, cells } = copied;
  const form = words[SPAN_FORM]!;
  const flow = texts.text(words[SPAN_FLOW]!);
  const part = texts.text(words[SPAN_COMPONENT]!);
  return {
    flow,
    component: (form & 0xff) === FORM_BACKPRESSURE ? null : part,
    status: STATUSES[(form >>> 16) & 0xff] ?? 'unset',
    durationNs: durationOf(cells[SPAN_DURATION]!),
    get name() {
      return textOf(copied).name ?? nameOf(copied, flow, part, texts);
    },
  };
}

/** @param wallMs - the Unix time, milliseconds, at which the clock was 0 */
export function readSpan(copied: CopiedSpan, texts: Texts, wallMs: number): ReadSpan {
  const { words, cells, slots } = copied;
  const said = textOf(copied);
  const form = words[SPAN_FORM]!;
  const { flow, component, status, durationNs } = traitsOf(copied, texts);
  // Of backpressure, it is the stream.
  const part = texts.text(words[SPAN_COMPONENT]!);
  const parent = idDigits(words, SPAN_PARENT, 2);
  const startNs = cells[SPAN_START]!;
  const [droppedAttributes, droppedEvents] = said.dropped ?? NONE_DROPPED;
  const data: SpanData = {
    traceId: idDigits(words, SPAN_TRACE, 4),
    spanId: idDigits(words, SPAN_ID, 2),
    parentSpanId: parent === NO_ID ? null : parent,
    ...((words[SPAN_TRACE_FLAGS]! & FLAG_REMOTE) !== 0 && { isParentRemote: true as const }),
    traceFlags: words[SPAN_TRACE_FLAGS]! & 0xff,
    name: said.name ?? nameOf(copied, flow, part, texts),
    kind: KINDS[(form >>> 8) & 0xff] ?? 'internal',
    startMs: startNs / 1e6 + wallMs,
    durationNs,
    status,
    ...(said.message !== undefined && { message: said.message }),
    attributes: {
      ...(flow !== null && { 'flow.id': flow }),
      ...particulars(copied, part, texts),
      ...said.attributes,
    },
    events: (said.events ?? []).map(({ name, atNs, attributes, dropped = 0 }): SpanEventData => ({
      name,
      atMs: atNs / 1e6 + wallMs,
      attributes,
      ...(dropped > 0 && { droppedAttributes: dropped }),
    })),
    ...(droppedAttributes > 0 && { droppedAttributes }),
    ...(droppedEvents > 0 && { droppedEvents }),
  };
  const reason = REASONS[form >>> 24] ?? null;
  return { data, flow, component, startNs, wallMs, reason, slots };
}

/** The same span where the clock was 0 at another Unix time. */
export function moved(span: ReadSpan, wallMs: number): ReadSpan {
  if (span.wallMs === wallMs) return span;
  const { data, startNs } = span;
  const later = wallMs - span.wallMs;
  const events = data.events.map((event) => ({ ...event, atMs: event.atMs + later }));
  return { ...span, wallMs, data: { ...data, startMs: startNs / 1e6 + wallMs, events } };
}

/** Never negative, whatever the clock did. */
function durationOf(ns: number): number {
  return Number.isFinite(ns) ? Math.max(0, ns) : 0;
}

function nameOf(
  { words, cells }: CopiedSpan,
  flow: string | null,
  part: string | null,
  texts: Texts,
): string {
  const sequence = cells[SPAN_SEQUENCE]!;
  switch (words[SPAN_FORM]! & 0xff) {
    case FORM_FLOW:
      return `flow:${flow ?? UNNAMED}`;
    case FORM_INVOKE:
      return `component:${part ?? UNNAMED}:invoke:${sequence}`;
    case FORM_TRANSFER:
      return `resource:transfer:${sequence}`;
    case FORM_COPY:
      return `resource:copy:${sequence}`;
    case FORM_BACKPRESSURE:
      return `backpressure:${part ?? UNNAMED}`;
    default:
      return texts.text(words[SPAN_NAME]!) ?? UNNAMED;
  }
}

/** The attributes that a span has for its form. */
function particulars(
  { words, cells }: CopiedSpan,
  part: string | null,
  texts: Texts,
): Record<string, AttributeValue> {
  const form = words[SPAN_FORM]! & 0xff;
  const ofPart: Record<string, AttributeValue> =
    part === null ? {} : { [form === FORM_BACKPRESSURE ? 'stream.id' : 'component.id']: part };
  if (form !== FORM_COPY) return ofPart;
  const reason = texts.text(words[SPAN_NAME]!) ?? UNNAMED;
  return { ...ofPart, 'copy.reason': reason, 'copy.bytes': cells[SPAN_AMOUNT]! };
}

function textOf({ text }: CopiedSpan): SpanText {
  try {
    return text === '' ? {} : (JSON.parse(text) as SpanText);
  } catch {
    // Not written by this package's threads: the numbers still count.
    return {};
  }
}
