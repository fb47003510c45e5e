/**
 * What this thread has defined and bound, in its own lane. The lane's directory says the same to
 * other threads, and to the thread that takes the lane over.
 */
import type { Placement } from '../backend/backend';
import type { Definition } from '../definition/define';
import { NanometerError } from '../errors';
import { GAUGE_STAMP, GAUGE_VALUE, CELLS_PER_BLOCK } from '../generated/layout';
import {
  type Catalogue,
  closedValues,
  type FamilyContent,
  isSameDefinition,
  type LaneFamily,
  seriesKey,
} from './catalogue';
import { cellsOf, positionsOf } from './cells';
import { refusalOf } from './derived';
import { type Directory, isHeld, type RecordAddress, stateOf } from './directory';
import { blockOf, type Lane } from './lanes';
import type { Positions } from './positions';
import { vacateUnheld } from './removal';

interface OwnSeries {
  readonly position: number;
  readonly address: RecordAddress;
}

interface OwnFamily {
  readonly number: number;
  readonly definition: Definition;
  readonly position: number;
  /** The cell that counts label sets sent to the overflow. */
  readonly overflowed: number | null;
  /** Positions by key, of a closed family. */
  readonly closed: ReadonlyMap<string, number> | null;
  /** Of an open family. */
  readonly series: Map<string, OwnSeries>;
  /** Places of series that are no more. */
  readonly vacant: OwnSeries[];
}

/** The families of one lane, for the thread that owns it. */
export class Families {
  readonly #lane: Lane;
  readonly #directory: Directory;
  readonly #catalogue: Catalogue;
  readonly #positions: Positions;
  readonly #nextSequence: () => number;
  readonly #maxLaneBytes: number;
  readonly #families: OwnFamily[] = [];
  readonly #byName = new Map<string, OwnFamily>();

  constructor(parts: {
    readonly lane: Lane;
    readonly catalogue: Catalogue;
    readonly positions: Positions;
    readonly nextSequence: () => number;
    readonly maxLaneBytes: number;
  }) {
    this.#lane = parts.lane;
    this.#catalogue = parts.catalogue;
    this.#directory = parts.catalogue.content(parts.lane).directory;
    this.#positions = parts.positions;
    this.#nextSequence = parts.nextSequence;
    this.#maxLaneBytes = parts.maxLaneBytes;
    this.#adopt();
  }

  /** See `BackendMeter.define`. */
  define(definition: Definition): Placement {
    const existing = this.#byName.get(definition.name);
    if (existing !== undefined) {
      if (!isSameDefinition(existing.definition, definition)) {
        throw conflict(existing.definition, definition);
      }
      return { family: existing.number, position: existing.position };
    }
    const taken = this.#overruling(definition, Infinity);
    if (taken !== null) throw conflict(taken, definition);
    this.#checkOperands(definition);
    const sequence = this.#nextSequence();
    const family = this.#allocate(definition, sequence);
    // Looked at once more: another thread may have defined it since. The earlier record holds.
    const overruling = this.#overruling(definition, sequence);
    if (overruling !== null) throw conflict(overruling, definition);
    this.#byName.set(definition.name, family);
    return { family: family.number, position: family.position };
  }

  /** See `BackendMeter.bind`. */
  bind(number: number, given: readonly string[]): number {
    const family = this.#families[number];
    return family === undefined ? -1 : this.#find(family, given);
  }

  /** See `BackendMeter.countOverflow`. */
  countOverflow(number: number, times: number): void {
    const position = this.#families[number]?.overflowed ?? null;
    if (position === null) return;
    const cells = this.#lane.cells(blockOf(position));
    cells[position % CELLS_PER_BLOCK]! += times;
  }

  #find(family: OwnFamily, given: readonly string[]): number {
    // What UTF-8 cannot say is replaced before it tells series apart.
    const values = given.map((value) => value.toWellFormed());
    const key = seriesKey(values);
    if (family.definition.kind === 'derived') return -1;
    if (family.closed !== null) return family.closed.get(key) ?? -1;
    const known = family.series.get(key);
    if (known !== undefined) {
      if (isHeld(stateOf(known.address))) return known.position;
      if (this.#directory.hold(known.address)) return known.position;
      // Another thread removed the series while this one did not hold it.
      family.series.delete(key);
      family.vacant.push(known);
    }
    if (family.series.size >= (family.definition.maxSeries ?? Infinity)) return -1;
    const added = this.#reuse(family, values) ?? this.#add(family, values);
    if (added === null) return -1;
    family.series.set(key, added);
    return added.position;
  }

  /** See `BackendMeter.release`. The series of a closed family stay. */
  release(number: number, given: readonly string[]): boolean {
    const family = this.#families[number];
    const values = given.map((value) => value.toWellFormed());
    const key = seriesKey(values);
    const own = family?.series.get(key);
    if (family === undefined || own === undefined) return false;
    this.#directory.letGo(own.address, true);
    const { name } = family.definition;
    if (!vacateUnheld(this.#catalogue.contentsBeside(this.#lane), name, key)) return false;
    this.#directory.vacate(own.address, stateOf(own.address));
    family.series.delete(key);
    family.vacant.push(own);
    return true;
  }

  /** See `BackendMeter.enable`. */
  enable(name: string): boolean {
    const found = this.#catalogue.families().find(({ definition }) => definition.name === name);
    if (found === undefined) return false;
    return found.enabled || this.#directory.add({ enabled: name }, this.#nextSequence()) !== null;
  }

  /** That a derived metric fits those of its operands that are there already, in any lane. */
  #checkOperands(definition: Definition): void {
    const { name, derive } = definition;
    if (derive === null) return;
    for (const { definition: operand } of this.#catalogue.families()) {
      if (operand.name !== derive.numerator && operand.name !== derive.denominator) continue;
      const what = refusalOf(definition, operand);
      if (what === null) continue;
      throw new NanometerError('NANOMETER_INVALID_DEFINITION', `metric '${name}': ${what}`);
    }
  }

  #allocate(definition: Definition, sequence: number): OwnFamily {
    const content =
      definition.kind === 'derived'
        ? { definition, overflow: 0, overflowed: null, runs: [] }
        : this.#takeCells(definition);
    if (this.#directory.add(content, sequence) === null) throw this.#full(definition);
    return this.#keep(content);
  }

  #takeCells(definition: Definition): FamilyContent {
    const cells = cellsOf(definition);
    const rows = definition.values === null ? [] : closedValues(definition.values);
    const { diagnostic } = definition;
    const labelled = definition.labels.length > 0;
    // The overflow or unlabelled series alone first: it tells a full lane before much is taken.
    const overflow = this.#positions.take(cells, diagnostic);
    const overflowed = labelled ? this.#positions.take(1, diagnostic) : null;
    const runs = this.#positions.takeMany(rows.length, cells, diagnostic);
    if (overflow === null || runs === null || (labelled && overflowed === null)) {
      throw this.#full(definition);
    }
    return { definition, overflow, overflowed, runs };
  }

  #keep({ definition, overflow, overflowed, runs }: FamilyContent): OwnFamily {
    const rows = definition.values === null ? null : closedValues(definition.values);
    const positions = positionsOf(definition, runs);
    const family: OwnFamily = {
      number: this.#families.length,
      definition,
      position: overflow,
      overflowed,
      closed: rows && new Map(rows.map((row, at) => [seriesKey(row), positions[at]!])),
      series: new Map(),
      vacant: [],
    };
    this.#families.push(family);
    return family;
  }

  #reuse(family: OwnFamily, values: readonly string[]): OwnSeries | null {
    for (let at = family.vacant.length - 1; at >= 0; at--) {
      const place = family.vacant[at]!;
      const index = place.position % CELLS_PER_BLOCK;
      const cells = this.#lane.cells(blockOf(place.position));
      cells.fill(0, index, index + cellsOf(family.definition));
      if (!this.#directory.reuse(place.address, { values }, this.#nextSequence())) continue;
      family.vacant.splice(at, 1);
      return place;
    }
    return null;
  }

  #add(family: OwnFamily, values: readonly string[]): OwnSeries | null {
    const { definition, number } = family;
    const position = this.#positions.take(cellsOf(definition), definition.diagnostic);
    if (position === null) return null;
    const place = { family: number, position };
    const address = this.#directory.add({ values }, this.#nextSequence(), place);
    return address === null ? null : { position, address };
  }

  /** Takes up what a former owner of the lane left: what it counted and settled, no reading. */
  #adopt(): void {
    const { families, directory } = this.#catalogue.content(this.#lane);
    const taken: { position: number; cells: number }[] = [];
    for (const left of families) {
      const { definition, overflow, overflowed, runs } = left;
      const { kind } = definition;
      const family = this.#keep(left);
      const all = kind === 'derived' ? [] : [overflow, ...positionsOf(definition, runs)];
      if (overflowed !== null) taken.push({ position: overflowed, cells: 1 });
      for (const [key, { record }] of left.series) {
        directory.letGo(record, false);
        family.series.set(key, { position: record.position, address: record });
        all.push(record.position);
      }
      for (const record of left.vacant) {
        family.vacant.push({ position: record.position, address: record });
        all.push(record.position);
      }
      for (const position of all) taken.push({ position, cells: cellsOf(definition) });
      if (this.#overruling(definition, left.record.sequence) === null)
        this.#byName.set(definition.name, family);
      if (kind === 'gauge' || kind === 'state') this.#withdrawReadings(all);
    }
    this.#positions.resume(taken);
  }

  /** Takes back what the thread had set and not settled. */
  #withdrawReadings(positions: readonly number[]): void {
    for (const position of positions) {
      const cells = this.#lane.cells(blockOf(position));
      const index = position % CELLS_PER_BLOCK;
      if (!(cells[index + GAUGE_STAMP]! > 0)) continue;
      cells[index + GAUGE_VALUE] = 0;
      cells[index + GAUGE_STAMP] = 0;
    }
  }

  /** The different definition that another lane has had of that name since before `sequence`. */
  #overruling(definition: Definition, sequence: number): Definition | null {
    const found = this.#catalogue
      .contentsBeside(this.#lane)
      .flatMap(({ families }) => families)
      .filter(
        ({ definition: { name }, record }) =>
          name === definition.name && record.sequence < sequence,
      )
      .reduce<LaneFamily | null>((first, family) => older(first, family), null);
    if (found === null || isSameDefinition(found.definition, definition)) return null;
    return found.definition;
  }

  #full({ name }: Definition): NanometerError {
    return new NanometerError(
      'NANOMETER_CAPACITY',
      `metric '${name}' does not fit: a thread's ${this.#maxLaneBytes} bytes are taken; raise the option maxLaneBytes`,
    );
  }
}

function older(first: LaneFamily | null, family: LaneFamily): LaneFamily {
  return first !== null && first.record.sequence <= family.record.sequence ? first : family;
}

function conflict(existing: Definition, refused: Definition): NanometerError {
  return new NanometerError(
    'NANOMETER_CONFLICT',
    `metric '${existing.name}' is defined already, and differently: it is ${JSON.stringify(existing)} and was to be ${JSON.stringify(refused)}`,
  );
}
