/**
 * Exemplars: for whom a counter or a bucket of a histogram was last recorded. The twin of
 * `crates/core/src/exemplars.rs`, which says how they are found.
 */
import type { Definition } from '../definition/define';
import {
  CELLS_PER_BLOCK,
  EXEMPLAR_CELLS,
  EXEMPLAR_SERIAL,
  EXEMPLAR_VALUE,
} from '../generated/layout';
import { fence } from '../trace/order';
import type { MergedFamily, MergedSeries, Part } from './catalogue';
import { exemplarPlacesOf, valueCellsOf } from './cells';
import { blockOf } from './lanes';

/** How often a pair of cells is read again that is just being written. */
const ATTEMPTS = 8;

/** A trace that something was last recorded for. */
export interface Exemplar {
  /** The bucket's index; 0 of a counter. */
  readonly place: number;
  readonly value: number;
  readonly traceId: string;
  readonly spanId: string;
  /** When the span ended: Unix milliseconds. */
  readonly atMs: number;
}

/** What the cells of a series say in one lane. */
export interface Candidate {
  readonly place: number;
  /** The lane's number. */
  readonly lane: number;
  readonly serial: number;
  readonly value: number;
}

/**
 * What a reading does about exemplars: it has none; it has some; or it has some and their traces are
 * kept, at least until the reading after the next that does so too.
 */
export type ExemplarWish = 'left' | 'shown' | 'published';

/** The exemplars of series, by their places. */
export type ExemplarsOf = ReadonlyMap<MergedSeries, readonly Exemplar[]>;

/** What is found in all lanes of the series that have cells for exemplars; not of those without. */
export function candidatesOf(families: readonly MergedFamily[]): Map<MergedSeries, Candidate[]> {
  const found = new Map<MergedSeries, Candidate[]>();
  for (const { definition, series, overflow, enabled } of families) {
    if (definition.exemplars !== true || !enabled) continue;
    for (const one of overflow === null ? series : [...series, overflow]) {
      const candidates = one.parts.flatMap((part) => inPart(definition, part));
      if (candidates.length > 0) found.set(one, candidates);
    }
  }
  return found;
}

function inPart(definition: Definition, { lane, position }: Part): Candidate[] {
  const found: Candidate[] = [];
  const cells = lane.cells(blockOf(position));
  const first = (position % CELLS_PER_BLOCK) + valueCellsOf(definition);
  const places = exemplarPlacesOf(definition);
  for (let place = 0; place < places; place++) {
    const at = first + EXEMPLAR_CELLS * place;
    if (cells[at + EXEMPLAR_SERIAL] === 0 && cells[at + EXEMPLAR_VALUE] === 0) continue;
    const pair = readPair(cells, at);
    if (pair === null || !isInside(definition, place, pair.value)) continue;
    found.push({ place, lane: lane.number, ...pair });
  }
  return found;
}

/** Serial and value that were left together. */
function readPair(
  cells: Float64Array,
  at: number,
): { readonly serial: number; readonly value: number } | null {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const serial = cells[at + EXEMPLAR_SERIAL]!;
    if (serial < 0) return { serial: -serial, value: 1 };
    fence();
    const value = cells[at + EXEMPLAR_VALUE]!;
    fence();
    if (serial > 0 && cells[at + EXEMPLAR_SERIAL] === serial) return { serial, value };
  }
  return null;
}

/** Whether a value can be that bucket's, or that counter's increment. */
function isInside({ kind, buckets }: Definition, place: number, value: number): boolean {
  if (!(value >= 0 && value < Infinity)) return false;
  if (kind !== 'histogram' || buckets === null) return true;
  const { bounds } = buckets;
  return value > (bounds[place - 1] ?? -1) && value <= (bounds[place] ?? Infinity);
}
