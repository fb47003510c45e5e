/** The handles of a catalog, as one thread has them: by path, by index, and as one array. */
import type { BackendMeter, Placement } from '../backend';
import type { LabelSpec } from '../define';
import type { AttributeSpec, AttributesOf } from '../events/definition';
import type { EventType } from '../events/event-type';
import { NanometerError, show } from '../errors';
import type { Recorder } from '../family';
import type { Counter } from '../handles/counter';
import type { Gauge } from '../handles/gauge';
import type { Histogram } from '../handles/histogram';
import type { StateSet } from '../handles/state';
import type { Stopwatch } from '../handles/stopwatch';
import type { Catalog } from './catalog';
import type { CatalogSpec, MetricSpecs } from './spec';

/** The handle of a metric, whatever its labels. */
export type HandleOf<M> = M extends { readonly kind: 'counter' }
  ? Counter
  : M extends { readonly kind: 'gauge'; readonly aggregate: 'elapsed' }
    ? Stopwatch
    : M extends { readonly kind: 'gauge' }
      ? Gauge
      : M extends { readonly kind: 'histogram' }
        ? Histogram
        : M extends { readonly kind: 'state'; readonly states: infer N extends readonly string[] }
          ? StateSet<N[number]>
          : undefined;

/** What a metric of a catalog is recorded with: a handle, or a family; nothing where it is derived. */
export type RecorderOf<M> = M extends { readonly kind: 'derived' }
  ? undefined
  : M extends { readonly labels: infer L extends LabelSpec }
    ? Recorder<HandleOf<M>, L>
    : HandleOf<M>;

type Head<Name> = Name extends `${infer First}.${string}` ? First : Name;
type Below<M, First extends string> = {
  readonly [Name in keyof M as Name extends `${First}.${infer Rest}` ? Rest : never]: M[Name];
};
type Recorded<M> = {
  readonly [
    Name in keyof M as M[Name] extends { readonly kind: 'derived' } ? never : Name
  ]: M[Name];
};
type Tree<M> = {
  readonly [First in Head<keyof M & string>]: First extends keyof M
    ? RecorderOf<M[First]>
    : Tree<Below<M, First>>;
};

type MetricsOf<S> = S extends { readonly metrics: infer M extends MetricSpecs } ? M : unknown;
type GroupsOf<S> = S extends { readonly groups: infer G } ? G : unknown;
type InMetrics<S> = MetricsOf<S>[keyof MetricsOf<S>];
type InGroups<S> =
  GroupsOf<S> extends infer G
    ? { [Group in keyof G]: MetricsOf<G[Group]>[keyof MetricsOf<G[Group]>] }[keyof G]
    : never;
type AnyMetric<S> = InMetrics<S> | InGroups<S>;

/** The recorders of a catalog by path: `stats.net.bytes_sent`. */
export type RecordersOf<S extends CatalogSpec> = Tree<Recorded<MetricsOf<S>>> & {
  readonly [Group in keyof GroupsOf<S>]: Tree<Recorded<MetricsOf<GroupsOf<S>[Group]>>>;
};

type GivenTo<E> = E extends { readonly attributes: infer A extends AttributeSpec }
  ? AttributesOf<A>
  : object;

/** The types of events of a catalog, by name. */
export type EventsOf<S extends CatalogSpec> = S extends { readonly events: infer E }
  ? { readonly [Name in keyof E]: EventType<GivenTo<E[Name]>> }
  : object;

/** What is at an index that is written in the program; anything of the catalog at another. */
export type RecorderAt<S extends CatalogSpec, I extends number> = number extends I
  ? RecorderOf<AnyMetric<S>> | undefined
  : [Extract<AnyMetric<S>, { readonly index: I }>] extends [never]
    ? undefined
    : RecorderOf<Extract<AnyMetric<S>, { readonly index: I }>>;

/** The groups of a catalog that can be switched on, and its metrics in none, by name. */
export type Switches<S extends CatalogSpec> = (keyof GroupsOf<S> | keyof MetricsOf<S>) & string;

/** What every taken catalog has, beside its handles. */
export interface AnyStats<S extends CatalogSpec> {
  /** What was taken. */
  readonly catalog: Catalog<S>;
  /** Its types of events, by their names in the catalog: `stats.events.flow_ended.emit(…)`. */
  readonly events: EventsOf<S>;
  /**
   * The handle or family at an index: the same as under its path. `undefined` where there is none,
   * because the index has a gap or its metric is derived. Costs one load.
   */
  at<const I extends number>(index: I): RecorderAt<S, I>;
  /**
   * Lets a reserved group, or a reserved metric that is in no group, be exported, in all threads.
   *
   * @throws NanometerError `NANOMETER_INVALID_OPTION` for a name that the catalog does not have
   */
  enable(what: Switches<S>): void;
}

/** What a catalog has beside its handles where each of its metrics is one counter or gauge. */
export interface FlatStats {
  /**
   * All values at one instant, merged across threads, by index; NaN where the index has a gap.
   * Whoever records meanwhile may be seen in one value and not yet in another.
   *
   * @param into - filled and returned: nothing is allocated then. At least as long as the largest
   * index and one; what is beyond is left as it is
   * @throws NanometerError `NANOMETER_INVALID_OPTION` for an array that is too short, or none
   */
  values(into?: Float64Array): Float64Array;
  /**
   * What was added since an earlier reading, by index: of counters the difference (of one that
   * began again in between, all of it), of gauges the value now.
   *
   * @param before - what `values()` answered; it may be `into`, too
   * @param into - as for `values()`
   * @throws NanometerError `NANOMETER_INVALID_OPTION`, as for `values()`
   */
  since(before: Float64Array, into?: Float64Array): Float64Array;
}

type IsFlat<S extends CatalogSpec> = [AnyMetric<S>] extends [
  { readonly kind: 'counter' | 'gauge'; readonly labels?: undefined },
]
  ? true
  : false;

/**
 * A catalog that a meter has taken, in one thread: its handles, nested as its names are by dots
 * and under the names of groups, and what {@link AnyStats} and {@link FlatStats} say. Frozen.
 */
export type Stats<S extends CatalogSpec> = AnyStats<S> &
  RecordersOf<S> &
  (IsFlat<S> extends true ? FlatStats : unknown);

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

/** See {@link Stats}; its recorders by path are put on by {@link makeStats}. */
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
