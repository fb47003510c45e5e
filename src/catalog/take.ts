/** Takes catalogs into one meter, in one thread: checks everything, then defines everything. */
import type { BackendMeter } from '../backend/backend';
import type { Definition } from '../definition/define';
import { NanometerError, show } from '../errors';
import type { Events } from '../events/events';
import { LabelledFamily } from '../meter/family';
import type { Labels } from '../snapshot/snapshot-data';
import type { Registry } from '../meter/registry';
import { Catalog } from './catalog';
import { inCatalog } from './check';
import { combinations, type Binding } from './entry';
import { makeStats, type TakenMetric } from './taken';

/** How a catalog is taken. */
export interface CatalogOptions {
  /**
   * Labels that all its series have, before their own: one taken catalog for each torrent, say. All
   * of them are series of the same families, which have room for `maxSeries` such sets; what is
   * past it is recorded in the overflow series of each family. The names must be the same each time.
   */
  readonly labels?: Labels;
  /** What the names of all its metrics and events begin with, before its own prefix. */
  readonly prefix?: string;
}

const HINT =
  'a catalog has the same label names each time it is taken: take it with the option prefix, under other names';
const OPTIONS = ['labels', 'prefix'];

/** The catalogs of one meter, in one thread. */
export class Catalogs {
  readonly #registry: Registry;
  readonly #meter: BackendMeter;
  readonly #events: Events;
  readonly #taken = new Map<Catalog, Map<string, unknown>>();

  constructor(registry: Registry, meter: BackendMeter, events: Events) {
    this.#registry = registry;
    this.#meter = meter;
    this.#events = events;
  }

  /** See `Meter.catalog`. */
  take(catalog: unknown, options: unknown): unknown {
    if (!Catalog.is(catalog)) {
      throw new NanometerError(
        'NANOMETER_INVALID_OPTION',
        `catalog() needs what defineCatalog() has made, not ${show(catalog)}`,
      );
    }
    const binding = checkOptions(catalog.name, options);
    const key = JSON.stringify(binding);
    const known = this.#taken.get(catalog)?.get(key);
    if (known !== undefined) return known;
    const stats = inCatalog(catalog.name, () => this.#define(catalog, binding));
    const all = this.#taken.get(catalog) ?? new Map<string, unknown>();
    this.#taken.set(catalog, all.set(key, stats));
    return stats;
  }

  #define(catalog: Catalog, binding: Binding): unknown {
    const definitions = catalog.definitions(binding, this.#registry.maxSeries);
    try {
      for (const definition of definitions) this.#registry.check(definition);
      const events = this.#defineEvents(catalog, binding);
      const metrics = definitions.map((definition, i) =>
        this.#take(definition, catalog.metrics[i]!.values, binding),
      );
      return makeStats({ catalog, meter: this.#meter, prefix: binding.prefix, metrics, events });
    } catch (error) {
      throw NanometerError.is(error) && error.code === 'NANOMETER_CONFLICT'
        ? new NanometerError(error.code, `${error.message}; ${HINT}`, { cause: error })
        : error;
    }
  }

  #defineEvents(catalog: Catalog, { prefix }: Binding): object {
    const types = catalog.events.map(({ key, name, kind, level, attributes }) => [
      key,
      this.#events.define(prefix + name, { kind, level, attributes }),
    ]);
    return Object.fromEntries(types) as object;
  }

  /** @param values - of the metric's own labels, where they are closed */
  #take(
    definition: Definition,
    values: readonly (readonly string[])[] | null,
    { constants }: Binding,
  ): TakenMetric {
    const registry = this.#registry;
    const part = { constants: constants.map(([, value]) => value), values };
    const recorder =
      constants.length === 0 ? registry.take(definition) : registry.takePart(definition, part);
    if (recorder instanceof LabelledFamily && values !== null && constants.length > 0) {
      const names = definition.labels.slice(constants.length);
      for (const row of combinations(values)) {
        const entries = row.map((value, i): [string, string] => [names[i]!, value]);
        (recorder as LabelledFamily<unknown>).with(Object.fromEntries(entries));
      }
    }
    const { kind, labels } = definition;
    const isValue = (kind === 'counter' || kind === 'gauge') && labels.length === constants.length;
    return { recorder, placement: isValue ? registry.place(definition, part.constants) : null };
  }
}

/** Names in their order, so that labels given in another order are the same labels. */
function checkOptions(catalog: string, options: unknown = {}): Binding {
  const no = (what: string): never => {
    throw new NanometerError(
      'NANOMETER_INVALID_OPTION',
      `catalog(): the options of ${show(catalog)}: ${what}`,
    );
  };
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return no(`they are an object, not ${show(options)}`);
  }
  const unknown = Object.keys(options).find((key) => !OPTIONS.includes(key));
  if (unknown !== undefined) {
    return no(`unknown option ${show(unknown)}; accepted are ${OPTIONS.join(', ')}`);
  }
  const { prefix = '', labels = {} } = options as Record<string, unknown>;
  if (typeof prefix !== 'string') return no(`prefix is a string, not ${show(prefix)}`);
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) {
    return no(`labels is an object of names and values, not ${show(labels)}`);
  }
  const constants = Object.entries(labels as Record<string, unknown>)
    .map(([name, value]): [string, string] => {
      if (typeof value === 'string') return [name, value.toWellFormed()];
      return no(`the label ${show(name)} is ${show(value)}, not a string`);
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return { prefix, constants };
}
