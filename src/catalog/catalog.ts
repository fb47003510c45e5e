/** A catalog: a named list of metrics with indices that never change, checked and without memory. */
import type { Definition, Kind } from '../definition/define';
import { NanometerError, show } from '../errors';
import { checkEvents, checkMetrics, type CatalogEvent } from './check';
import { definitionOf, PLAIN, type Binding, type Entry } from './entry';
import { makeInvariant, type Invariant, type InvariantSpec } from './invariants';
import type { CatalogSpec } from './spec';

/** What a committed list says of one metric. */
export interface IndexEntry {
  /** Where the metric is. */
  readonly index: number;
  /** What it is called. */
  readonly name: string;
  /** What it is. */
  readonly kind: Kind;
}

/** A metric of a catalog: its definition, and its place. */
export interface CatalogMetric extends Definition {
  /** Its index, which never changes. */
  readonly index: number;
  /** Where its handle is, with dots: the group, if it has one, and the parts of its name. */
  readonly path: string;
  /** The group that it is in, or `null`. */
  readonly group: string | null;
  /** Under which heading it belongs, or `null`. */
  readonly category: string | null;
  /** The bound of an open family; `null` where there is none, or where it is the meter's. */
  readonly maxSeries: number | null;
}

/** The invariants of a catalog, by name. */
export type Invariants<S extends CatalogSpec> = S extends {
  readonly invariants: infer I extends Readonly<Record<string, InvariantSpec>>;
}
  ? { readonly [Name in keyof I]: Invariant<ReturnType<I[Name]['of']>> }
  : Readonly<Record<string, Invariant>>;

/**
 * A catalog, made by `defineCatalog()`. All of it can be read without a meter; `meter.catalog()`
 * makes handles of it. Deeply frozen.
 */
export class Catalog<S extends CatalogSpec = CatalogSpec> {
  /** Its name. */
  readonly name: string;
  /** What it measures; empty when left out. */
  readonly about: string;
  /** Every metric, in the order of indices: which need not be without gaps. */
  readonly metrics: readonly CatalogMetric[];
  /** Every type of event, in the order in which they were written down. */
  readonly events: readonly CatalogEvent[];
  /**
   * What must hold of its values, each a function of a snapshot that answers whether it `holds`,
   * with the figures that decide.
   */
  readonly invariants: Invariants<S>;
  /** What each invariant says, in a sentence. */
  readonly invariantsAbout: Readonly<Record<string, string>>;
  readonly #entries: readonly Entry[];
  readonly #byName = new Map<string, Entry>();

  /** @internal */
  constructor(spec: S) {
    const { entries, definitions } = checkMetrics(spec);
    this.name = spec.name;
    this.about = spec.about ?? '';
    this.#entries = entries;
    this.metrics = entries.map((entry, i) => metricOf(entry, definitions[i]!));
    for (const entry of entries) this.#byName.set(entry.name, entry);
    this.events = checkEvents(spec);
    const namesByPath = new Map(this.metrics.map(({ path, name }) => [path, name]));
    const nameOf = (path: string): string => namesByPath.get(path) ?? path;
    this.invariants = Object.fromEntries(
      Object.entries(spec.invariants ?? {}).map(([invariant, { of }]) => [
        invariant,
        makeInvariant(`${spec.name}.invariants.${invariant}`, of, nameOf),
      ]),
    ) as Invariants<S>;
    this.invariantsAbout = Object.fromEntries(
      Object.entries(spec.invariants ?? {}).map(([invariant, { about }]) => [invariant, about]),
    );
    freeze(this.invariantsAbout);
    freeze(this.metrics);
    freeze(this.events);
    freeze(this.invariants);
    Object.freeze(this);
  }

  /** What is to be kept, and compared by `checkIndices()`. */
  indices(): readonly IndexEntry[] {
    return this.metrics.map(({ index, name, kind }) => ({ index, name, kind }));
  }

  /**
   * The checked definition of a metric, by its name.
   *
   * @param maxSeries - the bound of an open family that does not name one
   * @internal
   */
  definition(name: string, maxSeries: number): Definition {
    const entry = this.#byName.get(name);
    if (entry !== undefined) return definitionOf(entry, PLAIN, maxSeries);
    throw new NanometerError(
      'NANOMETER_INVALID_DEFINITION',
      `the catalog ${show(this.name)} has no metric ${show(name)}`,
    );
  }

  /**
   * The checked definitions of all metrics as they are taken somewhere.
   *
   * @internal
   */
  definitions(binding: Binding, maxSeries: number): readonly Definition[] {
    return this.#entries.map((entry) => definitionOf(entry, binding, maxSeries));
  }

  /** Whether a value is a catalog. */
  static is(value: unknown): value is Catalog {
    return typeof value === 'object' && value !== null && #entries in value;
  }
}

function metricOf(entry: Entry, definition: Definition): CatalogMetric {
  const { index, path, group, category, options } = entry;
  const maxSeries = options.maxSeries === undefined ? null : definition.maxSeries;
  return { index, path: path.join('.'), ...definition, maxSeries, group, category };
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
}
