/** The flight rings of all lanes, gone through once, for exemplars. */
import { FORM_FLOW, SPAN_FORM, SPAN_WORD } from '../../generated/layout';
import type { Candidate, Exemplar } from '../exemplars';
import type { Lanes } from '../lanes';
import { spanBlocks } from './blocks';
import { type CopiedSpan, Slots } from './slots';
import { type ReadSpan, readSpan } from './spans';
import type { Texts } from './texts';

/** A slot as it looked when all of them were gone through. */
interface Seen {
  readonly lane: number;
  readonly slots: Slots;
  readonly slot: number;
  readonly word: number;
  readonly serial: number;
  /** The last word of its trace's id. */
  readonly traceEnd: number;
}

/** The span that stands for a local trace. */
interface Root {
  readonly isElement: boolean;
  readonly span: ReadSpan;
}

/** See the file. */
export class Flights {
  readonly #seen: readonly Seen[];
  readonly #texts: Texts;
  readonly #wallMs: number;

  /** @param wallMs - the Unix time, milliseconds, at which the clock was 0 */
  constructor(lanes: Lanes, texts: Texts, wallMs: number) {
    this.#texts = texts;
    this.#wallMs = wallMs;
    const seen: Seen[] = [];
    for (const lane of lanes.all()) {
      const slots = new Slots(spanBlocks(lane)?.flight ?? []);
      for (let slot = 0; slot < slots.count; slot++) {
        const word = slots.word(slot);
        if (word === 0) break;
        if (word > 0) seen.push({ lane: lane.number, slots, slot, word, ...slots.peek(slot) });
      }
    }
    this.#seen = seen;
  }

  /** The exemplars of all series: of each place the newest of its lanes, in the places' order. */
  resolve<Series>(series: ReadonlyMap<Series, readonly Candidate[]>): Map<Series, Exemplar[]> {
    const wanted = new Set([...series.values()].flat().map(localOf));
    const roots = this.#roots(wanted);
    const found = new Map<Series, Exemplar[]>();
    for (const [one, candidates] of series) {
      const exemplars = resolveSeries(candidates, roots);
      if (exemplars.length > 0) found.set(one, exemplars);
    }
    return found;
  }

  /** All spans of some traces that are there. */
  spansOf(traceIds: ReadonlySet<string>): Map<string, ReadSpan[]> {
    const ends = new Set([...traceIds].map((id) => Number.parseInt(id.slice(-8), 16) | 0));
    const found = new Map<string, ReadSpan[]>();
    for (const seen of this.#seen) {
      if (!ends.has(seen.traceEnd)) continue;
      const span = this.#read(seen)?.span;
      if (span === undefined || !traceIds.has(span.data.traceId)) continue;
      const spans = found.get(span.data.traceId);
      if (spans === undefined) found.set(span.data.traceId, [span]);
      else spans.push(span);
    }
    return found;
  }

  /**
   * Of each local trace the span that stands for it: its element's, else the one that began first,
   * which is the root where that has ended.
   */
  #roots(wanted: ReadonlySet<string>): Map<string, Root> {
    const roots = new Map<string, Root>();
    for (const seen of this.#seen) {
      const local = localOf(seen);
      if (!wanted.has(local)) continue;
      const read = this.#read(seen);
      if (read === null) continue;
      const root = { isElement: isElement(read.copied), span: read.span };
      const known = roots.get(local);
      if (known === undefined || isBetter(root, known)) roots.set(local, root);
    }
    return roots;
  }

  #read({
    slots,
    slot,
    word,
  }: Seen): { readonly copied: CopiedSpan; readonly span: ReadSpan } | null {
    const copied = slots.copy(slot);
    // Another span may have taken the slot since.
    if (copied?.words[SPAN_WORD] !== word) return null;
    return { copied, span: readSpan(copied, this.#texts, this.#wallMs) };
  }
}

function localOf({ lane, serial }: { readonly lane: number; readonly serial: number }): string {
  return `${lane} ${serial}`;
}

function isElement({ words }: CopiedSpan): boolean {
  return (words[SPAN_FORM]! & 0xff) === FORM_FLOW;
}

function isBetter(one: Root, other: Root): boolean {
  if (one.isElement !== other.isElement) return one.isElement;
  return one.span.startNs < other.span.startNs;
}

function resolveSeries(
  candidates: readonly Candidate[],
  roots: ReadonlyMap<string, Root>,
): Exemplar[] {
  const newest = new Map<number, { readonly exemplar: Exemplar; readonly startNs: number }>();
  for (const candidate of candidates) {
    const root = roots.get(localOf(candidate));
    if (root === undefined) continue;
    const { data, startNs } = root.span;
    const { place, value } = candidate;
    if (startNs <= (newest.get(place)?.startNs ?? -Infinity)) continue;
    const atMs = data.startMs + data.durationNs / 1e6;
    const exemplar = { place, value, traceId: data.traceId, spanId: data.spanId, atMs };
    newest.set(place, { exemplar, startNs });
  }
  return [...newest.values()].map(({ exemplar }) => exemplar).sort((a, b) => a.place - b.place);
}
