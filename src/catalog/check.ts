/** From what a catalog says to its entries, by index: everything that can be wrong is refused here. */
import type { Definition } from '../definition/define';
import { defineEvent, type EventDefinition } from '../events/definition';
import { NanometerError, show } from '../errors';
import { checkPlaces, checkTogether, refuse } from './clashes';
import { definitionOf, PLAIN, type Entry } from './entry';
import type { CatalogSpec } from './spec';

/** The largest index. */
const LARGEST_INDEX = 9_999;

const CATALOG_KEYS = ['name', 'about', 'prefix', 'metrics', 'groups', 'events', 'invariants'];
const GROUP_KEYS = ['prefix', 'reserved', 'metrics'];
const KINDS = ['counter', 'gauge', 'histogram', 'state', 'derived'] as const;
const CATALOG_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;
const GROUP_NAME = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;
// A definition needs a bound; that of a catalog's is the meter's, which is not known yet.
const SOME_BOUND = 1;

type Words = Readonly<Record<string, unknown>>;

/** What a checked catalog is made of. */
export interface CheckedMetrics {
  /** In the order of their indices. */
  readonly entries: readonly Entry[];
  /** Of each entry; the bound of an open family that names none is not meant. */
  readonly definitions: readonly Definition[];
}

/** A checked type of event of a catalog. */
export interface CatalogEvent extends EventDefinition {
  /** What it is called in the catalog: its name without the prefix. */
  readonly key: string;
  /** When it happens, in one sentence. */
  readonly help: string;
}

/** Runs a check; what it throws says of which catalog it speaks. */
export function inCatalog<T>(catalog: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!NanometerError.is(error)) throw error;
    const { code, message } = error;
    throw new NanometerError(code, `catalog ${show(catalog)}: ${message}`, { cause: error });
  }
}

/**
 * The metrics of a catalog.
 *
 * @throws NanometerError `NANOMETER_INVALID_DEFINITION`
 */
export function checkMetrics(spec: unknown): CheckedMetrics {
  const { name, about, prefix = '', metrics = {}, groups = {} } = words(spec, 'a catalog', null);
  if (typeof name !== 'string' || !CATALOG_NAME.test(name)) {
    return refuse(
      null,
      `${show(name)} cannot be its name: give a letter and then up to 62 letters, digits or any of '_', '.', '-'`,
    );
  }
  checkKeys(name, 'it', spec as object, CATALOG_KEYS);
  if (about !== undefined && typeof about !== 'string') {
    return refuse(name, `about is a string, not ${show(about)}`);
  }
  const start = checkPrefix(name, 'prefix', prefix);
  const entries = entriesOf(name, null, start, false, words(metrics, 'metrics', name));
  for (const [group, given] of Object.entries(words(groups, 'groups', name))) {
    entries.push(...groupEntries(name, group, start, given));
  }
  if (entries.length === 0) return refuse(name, 'it has no metrics');
  entries.sort((a, b) => a.index - b.index);
  checkPlaces(name, entries);
  const definitions = inCatalog(name, () =>
    entries.map((entry) => definitionOf(entry, PLAIN, SOME_BOUND)),
  );
  checkTogether(name, definitions);
  return { entries, definitions };
}

/**
 * The types of events of a catalog whose metrics have been checked.
 *
 * @throws NanometerError `NANOMETER_INVALID_DEFINITION`
 */
export function checkEvents({ name, prefix = '', events = {} }: CatalogSpec): CatalogEvent[] {
  return Object.entries(words(events, 'events', name)).map(([key, given]) => {
    const { help, ...options } = words(given, `the event ${show(key)}`, name);
    if (typeof help !== 'string' || help === '') {
      return refuse(name, `the event ${show(key)}: help is a sentence, not ${show(help)}`);
    }
    return { key, help, ...inCatalog(name, () => defineEvent(prefix + key, options)) };
  });
}

function groupEntries(catalog: string, group: string, start: string, given: unknown): Entry[] {
  if (!GROUP_NAME.test(group)) {
    return refuse(
      catalog,
      `${show(group)} cannot be the name of a group: give a letter and then up to 62 letters, digits or '_'`,
    );
  }
  const spec = words(given, `the group ${show(group)}`, catalog);
  checkKeys(catalog, `the group ${show(group)}`, spec, GROUP_KEYS);
  const { prefix = '', reserved = false, metrics } = spec;
  if (typeof reserved !== 'boolean') {
    return refuse(catalog, `reserved of the group ${show(group)} is true or false`);
  }
  const whole = start + checkPrefix(catalog, `prefix of the group ${show(group)}`, prefix);
  const list = words(metrics, `metrics of the group ${show(group)}`, catalog);
  return entriesOf(catalog, group, whole, reserved, list);
}

function entriesOf(
  catalog: string,
  group: string | null,
  prefix: string,
  reserved: boolean,
  metrics: Words,
): Entry[] {
  return Object.entries(metrics).map(([key, given]): Entry => {
    const { index, kind, category, ...said } = words(given, `the metric ${show(key)}`, catalog);
    const no = (what: string): never => refuse(catalog, `the metric ${show(key)}: ${what}`);
    if (!Number.isInteger(index) || Number(index) < 0 || Number(index) > LARGEST_INDEX) {
      return no(`index is a whole number from 0 to ${LARGEST_INDEX}, not ${show(index)}`);
    }
    const known = KINDS.find((one) => one === kind);
    if (known === undefined) return no(`kind is one of ${KINDS.join(', ')}, not ${show(kind)}`);
    if (typeof said.help !== 'string' || said.help === '') {
      return no(`help is a sentence, not ${show(said.help)}`);
    }
    if (category !== undefined && typeof category !== 'string') {
      return no(`category is a string, not ${show(category)}`);
    }
    const options = reserved ? { ...said, reserved } : said;
    const isElapsed = known === 'gauge' && options.aggregate === 'elapsed';
    return {
      index: Number(index),
      path: [...(group === null ? [] : [group]), ...key.split('.')],
      name: prefix + key,
      group,
      category: category ?? null,
      asked: isElapsed ? 'stopwatch' : known,
      options: isElapsed ? elapsedOptions(options, no) : namesIn(options, prefix),
    };
  });
}

function elapsedOptions(options: Words, no: (what: string) => never): Words {
  const { unit = 'ns' } = options;
  if (unit !== 'ns') return no(`an elapsed gauge is in "ns", not in ${show(unit)}`);
  const others = Object.entries(options).filter(([key]) => key !== 'unit' && key !== 'aggregate');
  return Object.fromEntries(others);
}

/** Names of other metrics are those of the same list; `define()` wants them whole. */
function namesIn(options: Words, prefix: string): Words {
  const derive = options.derive as Words | null | undefined;
  if (typeof derive !== 'object' || derive === null) return options;
  const whole = (name: unknown): unknown => (typeof name === 'string' ? prefix + name : name);
  const numerator = whole(derive.numerator);
  const denominator = whole(derive.denominator);
  return { ...options, derive: { ...derive, numerator, denominator } };
}

function checkPrefix(catalog: string, what: string, prefix: unknown): string {
  if (typeof prefix === 'string') return prefix;
  return refuse(catalog, `${what} is a string, not ${show(prefix)}`);
}

function checkKeys(
  catalog: string,
  what: string,
  given: object,
  accepted: readonly string[],
): void {
  const unknown = Object.keys(given).find((key) => !accepted.includes(key));
  if (unknown === undefined) return;
  refuse(catalog, `${what} has no ${show(unknown)}; accepted are ${accepted.join(', ')}`);
}

function words(given: unknown, what: string, catalog: string | null): Words {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Words;
  return refuse(catalog, `${what} is an object, not ${show(given)}`);
}
