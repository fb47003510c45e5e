/** The types of what `meter.catalog()` answers, derived from what the catalog says. */
import type { LabelSpec } from '../definition/define';
import type { AttributeSpec, AttributesOf } from '../events/definition';
import type { EventType } from '../events/event-type';
import type { Recorder } from '../meter/family';
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

type Names<S> = (keyof GroupsOf<S> | keyof MetricsOf<S>) & string;

/**
 * The groups of a catalog that can be switched on, and its metrics in none, by name; any string where
 * it is not known which catalog it is.
 */
export type Switches<S extends CatalogSpec> = [Names<S>] extends [never] ? string : Names<S>;

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
