/** Traces, found among the promoted ones and in the flight rings, where nobody has promoted them. */
import type { SpanData, TraceData, TraceQuery } from '../../trace/data';
import type { Lanes } from '../lanes';
import { spanBlocks } from './blocks';
import { idWords, Slots } from './slots';
import { type ReadSpan, readSpan } from './spans';
import type { Texts } from './texts';
import type { KeptTrace, TraceStore } from './trace-store';

const TRACES = 100;
const MOST_TRACES = 1_000;

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
  readonly flying: ReadSpan[];
}

/** One trace, whatever is known of it; `null` where nothing is. */
export function findTrace(traceId: string, parts: SearchParts): TraceData | null {
  return whole(parts.store.traces.get(traceId), inFlight(parts, idWords(traceId)));
}

/** The traces that a query asks for, newest first: without a filter the promoted ones. */
export function findTraces(query: TraceQuery, parts: SearchParts): TraceData[] {
  const { limit = TRACES, ...filter } = query;
  const candidates = new Map<string, Candidate>();
  const note = (traceId: string, span: ReadSpan): void => {
    const candidate = candidates.get(traceId) ?? { startNs: Infinity, isWanted: false, flying: [] };
    candidates.set(traceId, candidate);
    candidate.startNs = Math.min(candidate.startNs, span.startNs);
    candidate.isWanted ||= matches(span, filter);
  };
  const { traces } = parts.store;
  for (const [traceId, { spans }] of traces) for (const span of spans.values()) note(traceId, span);
  const isFilter = Object.values(filter).some((wanted) => wanted !== undefined);
  for (const span of isFilter ? inFlight(parts, null) : []) {
    note(span.data.traceId, span);
    candidates.get(span.data.traceId)!.flying.push(span);
  }
  return [...candidates]
    .filter(([, { isWanted }]) => isWanted)
    .sort(([, a], [, b]) => b.startNs - a.startNs)
    .slice(0, Math.min(limit, MOST_TRACES))
    .map(([traceId, { flying }]) => whole(traces.get(traceId), flying))
    .filter((trace) => trace !== null);
}

function matches({ data, flow, component }: ReadSpan, query: TraceQuery): boolean {
  return (
    (query.flow === undefined || query.flow === flow) &&
    (query.component === undefined || query.component === component) &&
    (query.name === undefined || query.name === data.name) &&
    (query.status === undefined || query.status === data.status) &&
    (query.minDurationMs === undefined || data.durationNs >= query.minDurationMs * 1e6)
  );
}

/** @param traceId - of which spans are wanted, as words; `null`: of all */
function inFlight({ lanes, texts, wallMs }: SearchParts, traceId: Int32Array | null): ReadSpan[] {
  const found: ReadSpan[] = [];
  for (const lane of lanes.all()) {
    const slots = new Slots(spanBlocks(lane)?.flight ?? []);
    for (let slot = 0; slot < slots.count; slot++) {
      // Never used, and so is none behind it.
      if (slots.word(slot) === 0) break;
      if (traceId !== null && !slots.isOf(slot, traceId)) continue;
      const copied = slots.copy(slot);
      if (copied !== null) found.push(readSpan(copied, texts, wallMs));
    }
  }
  return found;
}

/** A trace with all its spans, each once: a promoted one is in the flight ring too. */
function whole(kept: KeptTrace | undefined, flying: readonly ReadSpan[]): TraceData | null {
  const promoted = [...(kept?.spans.values() ?? [])];
  const known = new Set(promoted.map(({ data }) => data.spanId));
  const all = [...promoted, ...flying.filter(({ data }) => !known.has(data.spanId))];
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
    b.data.durationNs - a.data.durationNs
  );
}
