/** The handles of a catalog, as one thread has them: by path, by index, and as one array. */
import type { BackendMeter, Placement } from '../backend/backend';
import { NanometerError, show } from '../errors';
import type { Catalog } from './catalog';
import type { CatalogSpec } from './spec';
import type { AnyStats, EventsOf, FlatStats } from './stats';

/** Where a catalog has been taken, and what came of it. */
export interface Taken {
  readonly catalog: Catalog;
  readonly meter: BackendMeter;
  /** What the names of all metrics begin with. */
  readonly prefix: string;
  /** For each metric of the catalog, in their order. */
  readonly metrics: readonly TakenMetric[];
  /** By their names in the catalog. */
  readonly events: object;
}

/** A taken metric: what records it, and where its series is if it has just one. */
export interface TakenMetric {
  readonly recorder: unknown;
  readonly placement: Placement | null;
}

/** See `Stats`; its recorders by path are put on by {@link makeStats}. */
class CatalogStats implements AnyStats<CatalogSpec>, FlatStats {
  readonly catalog: Catalog;
  readonly events: EventsOf<CatalogSpec>;
  readonly #meter: BackendMeter;
  readonly #prefix: string;
  readonly #byIndex: unknown[] = [];
  readonly #size: number;
  /** Why it is not flat, or `null`. */
  readonly #notFlat: string | null;
  readonly #pairs: Uint32Array;
  /** The index of each pair, and whether it is a counter's. */
  readonly #indices: Uint32Array;
  readonly #counters: Uint8Array;
  readonly #read: Float64Array;

  constructor({ catalog, meter, prefix, metrics: taken, events }: Taken) {
    const { metrics } = catalog;
    this.catalog = catalog;
    this.events = Object.freeze(events);
    this.#meter = meter;
    this.#prefix = prefix;
    metrics.forEach(({ index }, i) => (this.#byIndex[index] = taken[i]!.recorder ?? undefined));
    this.#size = (metrics.at(-1)?.index ?? -1) + 1;
    const labelled = metrics.find((_, i) => taken[i]!.placement === null);
    this.#notFlat = labelled === undefined ? null : `${labelled.name} is not`;
    const placements = taken.flatMap(({ placement }) => placement ?? []);
    this.#pairs = Uint32Array.from(
      placements.flatMap(({ family, position }) => [family, position]),
    );
    this.#indices = Uint32Array.from(metrics, ({ index }) => index);
    this.#counters = Uint8Array.from(metrics, ({ kind }) => Number(kind === 'counter'));
    this.#read = new Float64Array(metrics.length);
  }

  at(index: number): never {
    return this.#byIndex[index] as never;
  }

  enable(what: string): void {
    const { metrics, name } = this.catalog;
    const meant = metrics.filter(
      ({ group, path }) => group === what || (group === null && path === what),
    );
    if (meant.length === 0) {
      throw new NanometerError(
        'NANOMETER_INVALID_OPTION',
        `enable(): the catalog ${show(name)} has no group or metric ${show(what)}`,
      );
    }
    for (const metric of meant) {
      if (metric.reserved) this.#meter.enable(this.#prefix + metric.name);
    }
  }

  values(into?: Float64Array): Float64Array {
    const target = this.#target('values', into);
    this.#load();
    const size = this.#size;
    const indices = this.#indices;
    if (indices.length < size) target.fill(NaN, 0, size);
    for (let i = 0; i < indices.length; i++) target[indices[i]!] = this.#read[i]!;
    return target;
  }

  since(before: Float64Array, into?: Float64Array): Float64Array {
    const earlier = this.#target('since', before, 'before');
    const target = this.#target('since', into);
    this.#load();
    const size = this.#size;
    const indices = this.#indices;
    for (let i = 0; i < indices.length; i++) {
      const at = indices[i]!;
      const now = this.#read[i]!;
      const then = this.#counters[i] === 1 ? earlier[at]! : 0;
      target[at] = then <= now ? now - then : now;
    }
    if (indices.length < size) {
      for (let at = 0, i = 0; at < size; at++) {
        if (indices[i] === at) i++;
        else target[at] = NaN;
      }
    }
    return target;
  }

  #load(): void {
    this.#meter.readValues(this.#pairs, this.#read);
  }

  #target(method: string, given: unknown, what = 'into'): Float64Array {
    const no = (why: string): never => {
      throw new NanometerError('NANOMETER_INVALID_OPTION', `${method}(): ${why}`);
    };
    if (this.#notFlat !== null) {
      return no(
        'it needs a catalog in which each metric is one counter or gauge; ' +
          `in ${show(this.catalog.name)} ${this.#notFlat}`,
      );
    }
    if (given === undefined && what === 'into') return new Float64Array(this.#size);
    if (!(given instanceof Float64Array))
      return no(`${what} is a Float64Array, not ${show(given)}`);
    if (given.length >= this.#size) return given;
    return no(`${what} has ${given.length} places; ${this.#size} are needed`);
  }
}

/** What `meter.catalog()` answers. */
export function makeStats(taken: Taken): unknown {
  const stats = new CatalogStats(taken);
  const paths = taken.catalog.metrics
    .map(({ path }, i) => ({ steps: path.split('.'), recorder: taken.metrics[i]!.recorder }))
    // A derived metric has nothing to show.
    .filter(({ recorder }) => recorder != null);
  return Object.freeze(Object.assign(stats, tree(paths)));
}

interface Path {
  readonly steps: readonly string[];
  readonly recorder: unknown;
}

function tree(paths: readonly Path[]): object {
  const steps = new Map<string, Path[]>();
  for (const path of paths) {
    const [first = '', ...rest] = path.steps;
    const below = steps.get(first) ?? [];
    steps.set(first, [...below, { steps: rest, recorder: path.recorder }]);
  }
  const branch = [...steps].map(([first, below]): [string, unknown] => [
    first,
    below[0]!.steps.length === 0 ? below[0]!.recorder : tree(below),
  ]);
  return Object.freeze(Object.fromEntries(branch));
}
