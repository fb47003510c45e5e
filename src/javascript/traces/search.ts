/** Traces, found among the promoted ones and in the flight rings, where nobody has promoted them. */
import { SPAN_START, SPAN_TRACE } from '../../generated/layout';
import type { SpanData, TraceData, TraceQuery } from '../../trace/data';
import type { Lanes } from '../lanes';
import { spanBlocks } from './blocks';
import { type CopiedSpan, idDigits, idWords, Slots } from './slots';
import { type ReadSpan, readSpan, type Traits, traitsOf } from './spans';
import type { Texts } from './texts';
import type { KeptTrace, TraceStore } from './trace-store';

const TRACES = 100;
const MOST_TRACES = 1_000;
const ID_WORDS = 4;

/** Where spans are looked for. */
export interface SearchParts {
  readonly store: TraceStore;
  readonly lanes: Lanes;
  readonly texts: Texts;
  /** The Unix time, milliseconds, at which the clock was 0. */
  readonly wallMs: number;
}

/** A trace that may be answered. */
interface Candidate {
  startNs: number;
  isWanted: boolean;
  /** Its spans in the flight rings. */
  readonly flying: CopiedSpan[];
}

/** One trace, whatever is known of it; `null` where nothing is. */
export function findTrace(traceId: string, parts: SearchParts): TraceData | null {
  const id = idWords(traceId);
  const flying = [...inFlight(parts, (slots, slot) => slots.isOf(slot, id))];
  return whole(parts.store.traces.get(traceId), flying, parts);
}

/** The traces that a query asks for, newest first: without a filter the promoted ones. */
export function findTraces(query: TraceQuery, parts: SearchParts): TraceData[] {
  const { limit = TRACES, ...filter } = query;
  const { store, texts } = parts;
  const candidates = new Map<string, Candidate>();
  const note = (traceId: string, startNs: number, isWanted: boolean): Candidate => {
    const candidate = candidates.get(traceId) ?? { startNs: Infinity, isWanted: false, flying: [] };
    candidates.set(traceId, candidate);
    candidate.startNs = Math.min(candidate.startNs, startNs);
    candidate.isWanted ||= isWanted;
    return candidate;
  };
  for (const [traceId, { spans }] of store.traces) {
    for (const { data, flow, component, startNs } of spans.values()) {
      note(traceId, startNs, matches({ ...data, flow, component }, filter));
    }
  }
  const isFilter = Object.values(filter).some((wanted) => wanted !== undefined);
  if (isFilter) {
    for (const copied of flyingOfWanted(candidates, filter, parts)) {
      const { words, cells } = copied;
      const traceId = idDigits(words, SPAN_TRACE, ID_WORDS);
      const isWanted = matches(traitsOf(copied, texts), filter);
      note(traceId, cells[SPAN_START]!, isWanted).flying.push(copied);
    }
  }
  return [...candidates]
    .filter(([, { isWanted }]) => isWanted)
    .sort(([, a], [, b]) => b.startNs - a.startNs)
    .slice(0, Math.min(limit, MOST_TRACES))
    .map(([traceId, { flying }]) => whole(store.traces.get(traceId), flying, parts))
    .filter((trace) => trace !== null);
}

/**
 * The spans of all traces that a filter finds, and some more, without reading most of the others: the
 * rings are gone through twice.
 */
function* flyingOfWanted(
  kept: ReadonlyMap<string, Candidate>,
  filter: TraceQuery,
  parts: SearchParts,
): Iterable<CopiedSpan> {
  // By the last words of their ids.
  const wanted = new Set<number>();
  for (const [traceId, { isWanted }] of kept) if (isWanted) wanted.add(idWords(traceId).at(-1)!);
  for (const copied of inFlight(parts, () => true)) {
    if (matches(traitsOf(copied, parts.texts), filter)) wanted.add(lastWordOf(copied));
  }
  for (const copied of wanted.size === 0 ? [] : inFlight(parts, () => true)) {
    if (wanted.has(lastWordOf(copied))) yield copied;
  }
}

function lastWordOf({ words }: CopiedSpan): number {
  return words[SPAN_TRACE + ID_WORDS - 1]!;
}

function matches(span: Traits, query: TraceQuery): boolean {
  return (
    (query.flow === undefined || query.flow === span.flow) &&
    (query.component === undefined || query.component === span.component) &&
    (query.status === undefined || query.status === span.status) &&
    (query.minDurationMs === undefined || span.durationNs >= query.minDurationMs * 1e6) &&
    (query.name === undefined || query.name === span.name)
  );
}

/** The spans in the flight rings, of the slots that may be wanted. */
function* inFlight(
  { lanes }: SearchParts,
  mayBeWanted: (slots: Slots, slot: number) => boolean,
): Iterable<CopiedSpan> {
  for (const lane of lanes.all()) {
    const slots = new Slots(spanBlocks(lane)?.flight ?? []);
    for (let slot = 0; slot < slots.count; slot++) {
      // Never used, and so is none behind it.
      if (slots.word(slot) === 0) break;
      if (!mayBeWanted(slots, slot)) continue;
      const copied = slots.copy(slot);
      if (copied !== null) yield copied;
    }
  }
}

/** A trace with all its spans, each once: a promoted one is in the flight ring too. */
function whole(
  kept: KeptTrace | undefined,
  flying: readonly CopiedSpan[],
  { texts, wallMs }: SearchParts,
): TraceData | null {
  const promoted = [...(kept?.spans.values() ?? [])];
  const known = new Set(promoted.map(({ data }) => data.spanId));
  const others = flying
    .map((copied) => readSpan(copied, texts, kept?.wallMs ?? wallMs))
    .filter(({ data }) => !known.has(data.spanId));
  const all = [...promoted, ...others];
  const ids = new Set(all.map(({ data }) => data.spanId));
  const sorted = all.sort((a, b) => order(a, b, ids));
  const [first] = sorted;
  if (first === undefined) return null;
  const root = (sorted.find(({ data }) => data.parentSpanId === null) ?? first).data;
  const end = (latest: number, { startNs, data }: ReadSpan): number =>
    Math.max(latest, startNs + data.durationNs);
  return {
    traceId: root.traceId,
    name: root.name,
    startMs: first.data.startMs,
    durationNs: sorted.reduce(end, 0) - first.startNs,
    status: sorted.some(({ data }) => data.status === 'error') ? 'error' : root.status,
    reason: kept?.reason ?? null,
    spans: sorted.map(({ data }) => data),
  };
}

/** By start. Of those that started at one time, parents come before their children. */
function order(a: ReadSpan, b: ReadSpan, ids: ReadonlySet<string>): number {
  const hasParent = ({ parentSpanId }: SpanData): number =>
    parentSpanId !== null && ids.has(parentSpanId) ? 1 : 0;
  return (
    a.startNs - b.startNs ||
    hasParent(a.data) - hasParent(b.data) ||
    b.data.durationNs - a.data.durationNs ||
    Number(a.data.spanId > b.data.spanId) - Number(a.data.spanId < b.data.spanId)
  );
}
