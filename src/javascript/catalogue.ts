/**
 * What all lanes together hold: their directories, read and merged by name and label values.
 *
 * Lanes need not have a series in the same place, nor know of each other's: two threads that
 * define or bind the same at the same time each have it, and it is one here.
 */
import type { Definition } from '../definition/define';
import { positionsOf } from './cells';
import { Directory, type DirectoryRecord, isVacant } from './directory';
import type { Lane, Lanes } from './lanes';
import { type Store, Word } from './store';

/** What the record of a definition says. */
export interface FamilyContent {
  readonly definition: Definition;
  /**
   * The position of its overflow series; of its only series where there are no labels. 0 of a
   * derived metric, which has no cells.
   */
  readonly overflow: number;
  /** Of a labelled family: the position of a cell that counts label sets sent to the overflow. */
  readonly overflowed: number | null;
  /** Of a closed family: positions of its series in order, as runs of start and number. */
  readonly runs: readonly (readonly [number, number])[];
}

/** What a record of a directory says. */
export type RecordContent =
  | FamilyContent
  /** A series of an open family: its label values. */
  | { readonly values: readonly string[] }
  /** The name of a reserved metric that has been switched on. */
  | { readonly enabled: string };

/** A series of an open family, in one lane. */
export interface LaneSeries {
  readonly values: readonly string[];
  readonly record: DirectoryRecord;
}

/** A family, in one lane. */
export interface LaneFamily extends FamilyContent {
  readonly record: DirectoryRecord;
  readonly series: Map<string, LaneSeries>;
  /** Records of series that are no more. */
  readonly vacant: DirectoryRecord[];
}

/** What one lane holds. */
export interface LaneContent {
  readonly lane: Lane;
  readonly directory: Directory;
  /** By their number in the lane. */
  readonly families: readonly LaneFamily[];
  readonly enabled: ReadonlySet<string>;
}

/** A series in one lane. */
export interface Part {
  readonly lane: Lane;
  readonly position: number;
}

/** A series, wherever it is. */
export interface MergedSeries {
  /** Its label values; `null` for the overflow series. */
  readonly values: readonly string[] | null;
  readonly sequence: number;
  readonly parts: Part[];
}

/** A metric, wherever it is. */
export interface MergedFamily {
  readonly definition: Definition;
  /** In the order of first use. Without labels: one series. Of a derived metric: none. */
  readonly series: readonly MergedSeries[];
  /** The overflow series of a labelled metric. */
  readonly overflow: MergedSeries | null;
  /** Where each lane counts the label sets that it sent to the overflow. */
  readonly overflowed: readonly Part[];
  readonly enabled: boolean;
}

/** The directories of all lanes, as one thread reads them. */
export class Catalogue {
  readonly #store: Store;
  readonly #lanes: Lanes;
  readonly #contents = new Map<number, { version: number; content: LaneContent }>();
  #merged: { version: number; families: readonly MergedFamily[] } | null = null;

  constructor(store: Store, lanes: Lanes) {
    this.#store = store;
    this.#lanes = lanes;
  }

  /** Changes when any directory has changed. */
  get version(): number {
    return Atomics.load(this.#store.words, Word.directories);
  }

  /** What each lane holds now. */
  contents(): LaneContent[] {
    return this.#lanes.all().map((lane) => this.content(lane));
  }

  /** What each lane but one holds now: cheap while those do not change. */
  contentsBeside(own: Lane): LaneContent[] {
    return this.#lanes
      .all()
      .filter((lane) => lane.number !== own.number)
      .map((lane) => this.content(lane));
  }

  /** What one lane holds now. */
  content(lane: Lane): LaneContent {
    const { version } = lane;
    const known = this.#contents.get(lane.number);
    if (known?.version === version) return known.content;
    const directory = known?.content.directory ?? new Directory(lane);
    const content = readLane(lane, directory);
    this.#contents.set(lane.number, { version, content });
    return content;
  }

  /** Every metric of every lane, in the order of definition. */
  families(): readonly MergedFamily[] {
    const { version } = this;
    if (this.#merged?.version !== version) {
      this.#merged = { version, families: merge(this.contents()) };
    }
    return this.#merged.families;
  }
}

/** A key of label values: no two lists of strings have the same. */
export function seriesKey(values: readonly string[]): string {
  return JSON.stringify(values);
}

/** The label values of a closed family in the order of its positions: the last label varies first. */
export function closedValues(values: readonly (readonly string[])[]): string[][] {
  return values.reduce<string[][]>(
    (rows, column) => rows.flatMap((row) => column.map((value) => [...row, value])),
    [[]],
  );
}

/** Whether two definitions are the same in everything. */
export function isSameDefinition(one: Definition, other: Definition): boolean {
  return one === other || canonical(one) === canonical(other);
}

function canonical(definition: Definition): string {
  const { name, kind, unit, help, labels, values, maxSeries, aggregate } = definition;
  const { buckets, states, derive, diagnostic, reserved, deprecated, exemplars } = definition;
  const scale = buckets?.scale ?? null;
  const flags = [diagnostic, reserved, deprecated, exemplars === true];
  return JSON.stringify([
    [name, kind, unit, help, labels, values, maxSeries, aggregate],
    [buckets?.bounds, scale, flags],
    [states?.names, states?.final],
    [derive?.numerator, derive?.denominator, derive?.factor],
  ]);
}

function readLane(lane: Lane, directory: Directory): LaneContent {
  const families: LaneFamily[] = [];
  const enabled = new Set<string>();
  for (const record of directory.records()) {
    const content = record.content as RecordContent | null;
    const family = families[record.family];
    if (content === null || isVacant(record.state)) {
      family?.vacant.push(record);
    } else if ('definition' in content) {
      families.push({ ...content, record, series: new Map(), vacant: [] });
    } else if ('enabled' in content) {
      enabled.add(content.enabled);
    } else {
      family?.series.set(seriesKey(content.values), { values: content.values, record });
    }
  }
  return { lane, directory, families, enabled };
}

interface Growing {
  definition: Definition;
  sequence: number;
  series: Map<string, MergedSeries>;
  overflow: MergedSeries | null;
  overflowed: Part[];
}

function merge(contents: readonly LaneContent[]): MergedFamily[] {
  const enabled = new Set(contents.flatMap((content) => [...content.enabled]));
  const byName = new Map<string, Growing>();
  const laneFamilies = contents.flatMap(({ lane, families }) =>
    families.map((family) => ({ lane, family })),
  );
  laneFamilies.sort((a, b) => a.family.record.sequence - b.family.record.sequence);
  for (const { lane, family } of laneFamilies) {
    const { definition, record } = family;
    const { sequence } = record;
    let growing = byName.get(definition.name);
    if (growing === undefined) {
      growing = { definition, sequence, series: new Map(), overflow: null, overflowed: [] };
      byName.set(definition.name, growing);
    } else if (!isSameDefinition(growing.definition, definition)) {
      // Two threads defined the name differently in the same moment; the later one was told.
      continue;
    }
    addFamily(growing, lane, family);
  }
  return [...byName.values()].map((growing) => finish(growing, enabled));
}

function addFamily(growing: Growing, lane: Lane, family: LaneFamily): void {
  const { definition, overflow, overflowed, runs, record } = family;
  // Its series are made when those of its operands have been read.
  if (definition.kind === 'derived') return;
  const add = (
    values: readonly string[],
    sequence: number,
    position: number,
    key = seriesKey(values),
  ): void => {
    const known = growing.series.get(key);
    if (known === undefined || sequence < known.sequence) {
      const parts = known?.parts ?? [];
      growing.series.set(key, { values, sequence, parts });
    }
    growing.series.get(key)!.parts.push({ lane, position });
  };
  if (definition.labels.length === 0) {
    add([], record.sequence, overflow);
    return;
  }
  growing.overflow ??= { values: null, sequence: record.sequence, parts: [] };
  growing.overflow.parts.push({ lane, position: overflow });
  if (overflowed !== null) growing.overflowed.push({ lane, position: overflowed });
  if (definition.values !== null) {
    const positions = positionsOf(definition, runs);
    closedValues(definition.values).forEach((values, index) => {
      add(values, record.sequence, positions[index]!);
    });
  }
  for (const [key, { values, record: series }] of family.series) {
    add(values, series.sequence, series.position, key);
  }
}

function finish(growing: Growing, enabled: ReadonlySet<string>): MergedFamily {
  const { definition, overflow, overflowed } = growing;
  // Stable: the series of a closed family share a sequence and keep their order.
  const series = [...growing.series.values()].sort((a, b) => a.sequence - b.sequence);
  // Each thread keeps to the bound by itself; what all of them have beyond it overflows here.
  const beyond = definition.maxSeries === null ? [] : series.splice(definition.maxSeries);
  for (const { parts } of beyond) overflow?.parts.push(...parts);
  return {
    definition,
    series,
    overflow,
    overflowed,
    enabled: !definition.reserved || enabled.has(definition.name),
  };
}
