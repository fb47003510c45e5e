/**
 * From what a user says about a metric to a checked definition. Everything that can be wrong is
 * refused here, with the offending value and what is accepted, before any memory is touched.
 */
import { resolveBuckets, type BucketSpec, type Buckets } from './buckets';
import { NanometerError, show, type Refuse } from '../errors';

/**
 * What a metric is: a sum that only grows, a reading, a distribution, one of several states, or a
 * quotient of two others that is computed when it is read.
 */
export type Kind = 'counter' | 'gauge' | 'histogram' | 'state' | 'derived';

/**
 * How the readings of one gauge in several threads become one value: added up, the largest, the
 * smallest, or the one that was set most recently.
 */
export type Aggregate = 'sum' | 'max' | 'min' | 'last';

/** The states of a metric that is in one of them. */
export interface States {
  /** All of them, at most 64; the first is the one that it is in at the beginning. */
  readonly names: readonly string[];
  /** Those that end something: one of them stays when the thread that set it ends. */
  readonly final: readonly string[];
}

/** How a derived metric is computed: `factor * numerator / denominator`, 0 where that divides by 0. */
export interface Derive {
  /** The name of a metric with the same labels. */
  readonly numerator: string;
  /** The name of a metric with the same labels. */
  readonly denominator: string;
  /** What the quotient is multiplied with, to be in the metric's unit. */
  readonly factor: number;
}

/** A checked definition, as it crosses to the backend. */
export interface Definition {
  /** Its name, as it was given. */
  readonly name: string;
  /** What it is. */
  readonly kind: Kind;
  /** UCUM, or empty. */
  readonly unit: string;
  /** One sentence; empty where none was given. */
  readonly help: string;
  /** Label names, in the order in which label values are given; empty when unlabelled. */
  readonly labels: readonly string[];
  /** The accepted values of each label of a closed family; else `null`. */
  readonly values: readonly (readonly string[])[] | null;
  /** The bound of an open family; else `null`. */
  readonly maxSeries: number | null;
  /** Of a gauge; else `null`. `elapsed`: its cells hold a start, and its reading is the time since. */
  readonly aggregate: Aggregate | 'elapsed' | null;
  /** Of a histogram; else `null`. */
  readonly buckets: Buckets | null;
  /** Of a state; else `null`. */
  readonly states: States | null;
  /** Of a derived metric; else `null`. */
  readonly derive: Derive | null;
  /** Whether it is recorded at the level `diagnostic` only. */
  readonly diagnostic: boolean;
  /** Whether it is exported only once it has been switched on. */
  readonly reserved: boolean;
  /** Why it should no longer be used, or `null`. */
  readonly deprecated: string | null;
  /** Whether its series, of a counter or a histogram, have cells for exemplars; else not there. */
  readonly exemplars?: true;
}

/** Label names of an open family: any string may be a value. */
export type OpenLabelSpec = readonly string[];

/** Label names of a closed family, each with all the values that it can have. */
export type ClosedLabelSpec = Readonly<Record<string, readonly string[]>>;

/** What `labels` may be; without it a metric is one series. */
export type LabelSpec = OpenLabelSpec | ClosedLabelSpec | undefined;

/** What every kind of metric can be told. */
export interface MetricOptions<L extends LabelSpec = LabelSpec> {
  /** One sentence for the reader of a dashboard. Empty when left out. */
  readonly help?: string;
  /**
   * The unit, in UCUM: `ns`, `By`, `{order}`, `1`; at most 63 visible ASCII characters. Left out, a
   * histogram is in `ns`, and anything else has none.
   */
  readonly unit?: string;
  /**
   * Label names (`['sku']`: an open family, bounded by `maxSeries`), or label names with all their
   * values (`{ status: ['2xx', '5xx'] }`: a closed family, every series allocated at once).
   */
  readonly labels?: L;
  /** The most series of an open family, 1 to 1,000,000; the meter's `maxSeries` when left out. */
  readonly maxSeries?: number;
  /** Recorded at the level `diagnostic` only. */
  readonly diagnostic?: boolean;
  /** Recorded, but not exported until `meter.enable(name)`. */
  readonly reserved?: boolean;
  /** Why it should no longer be used. It goes on working. */
  readonly deprecated?: string;
}

/** What a counter can be told. */
export type CounterOptions<L extends LabelSpec = LabelSpec> = MetricOptions<L>;

/** What a gauge can be told. */
export interface GaugeOptions<L extends LabelSpec = LabelSpec> extends MetricOptions<L> {
  /** How the readings of several threads become one; `sum` when left out. */
  readonly aggregate?: Aggregate;
}

/** What a histogram can be told. */
export interface HistogramOptions<L extends LabelSpec = LabelSpec> extends MetricOptions<L> {
  /**
   * The buckets: `'latency'` when left out and the unit is one of time, `'size'` when it is `By`;
   * other units must say.
   */
  readonly buckets?: BucketSpec;
}

/** What a metric of states can be told. */
export interface StateOptions<
  S extends string = string,
  L extends LabelSpec = LabelSpec,
> extends MetricOptions<L> {
  /** All states, 2 to 64; the first is the one at the beginning. */
  readonly states: readonly S[];
  /** The states that end something; none when left out. See {@link StateSet}. */
  readonly final?: readonly NoInfer<S>[];
}

/** What a stopwatch can be told. */
export type StopwatchOptions<L extends LabelSpec = LabelSpec> = Omit<MetricOptions<L>, 'unit'>;

/** What a definition can be asked for as: a kind, or a stopwatch, which is a gauge that runs. */
export type Asked = Kind | 'stopwatch';

const AGGREGATES: readonly Aggregate[] = ['sum', 'max', 'min', 'last'];
const COMMON_KEYS = ['help', 'unit', 'labels', 'maxSeries', 'diagnostic', 'reserved', 'deprecated'];
const KEYS: Record<Asked, readonly string[]> = {
  counter: COMMON_KEYS,
  gauge: [...COMMON_KEYS, 'aggregate'],
  histogram: [...COMMON_KEYS, 'buckets'],
  state: [...COMMON_KEYS, 'states', 'final'],
  derived: [...COMMON_KEYS, 'derive'],
  stopwatch: COMMON_KEYS,
};
const MOST_STATES = 64;
// OpenTelemetry's instrument names, so that every exporter can carry them.
const NAME = /^[A-Za-z][A-Za-z0-9_.\-/]{0,254}$/;
const UNIT = /^[\x21-\x7e]{0,63}$/;
// What the output formats give a meaning of their own.
const TAKEN_LABELS: readonly string[] = ['le', 'quantile', 'otel_metric_overflow'];
/** The bounds of `maxSeries`, here and in `open()`. */
export const SERIES_LIMIT = 1_000_000;

/** An unlabelled definition of the package's own, without buckets. */
export function plainDefinition(name: string, kind: Kind, unit: string, help: string): Definition {
  return {
    name,
    kind,
    unit,
    help,
    labels: [],
    values: null,
    maxSeries: null,
    aggregate: kind === 'gauge' ? 'sum' : null,
    buckets: null,
    states: null,
    derive: null,
    diagnostic: false,
    reserved: false,
    deprecated: null,
  };
}

/** The definition with cells for exemplars, where its kind has some. */
export function withExemplars(definition: Definition): Definition {
  const { kind } = definition;
  return kind === 'counter' || kind === 'histogram'
    ? { ...definition, exemplars: true }
    : definition;
}

/**
 * A checked definition from a user's words.
 *
 * @param defaultMaxSeries - the bound of an open family that does not name one
 * @param defaultBuckets - those of a histogram that names none; left out, those of its unit
 * @throws NanometerError `NANOMETER_INVALID_DEFINITION`
 */
export function define(
  asked: Asked,
  name: string,
  options: unknown,
  defaultMaxSeries: number,
  defaultBuckets?: BucketSpec,
): Definition {
  checkName(name);
  const refuse: Refuse = (what) => {
    throw new NanometerError('NANOMETER_INVALID_DEFINITION', `${asked} ${show(name)}: ${what}`);
  };
  const given = checkKeys(asked, options, refuse);
  const kind = asked === 'stopwatch' ? 'gauge' : asked;
  const { labels, values } = checkLabels(given.labels, refuse);
  const isOpen = labels.length > 0 && values === null;
  const maxSeries = checkMaxSeries(given.maxSeries, isOpen, refuse) ?? defaultMaxSeries;
  const isTime = asked === 'histogram' || asked === 'stopwatch';
  const unit = checkUnit(given.unit ?? (isTime ? 'ns' : ''), refuse);
  if (kind === 'state' && unit !== '') return refuse('a state has no unit');
  return {
    name,
    kind,
    unit,
    help: checkText('help', given.help ?? '', refuse),
    labels,
    values,
    maxSeries: isOpen ? maxSeries : null,
    aggregate:
      asked === 'stopwatch'
        ? 'elapsed'
        : asked === 'gauge'
          ? checkAggregate(given.aggregate ?? 'sum', refuse)
          : null,
    buckets:
      kind === 'histogram' ? resolveBuckets(given.buckets ?? defaultBuckets, unit, refuse) : null,
    states: kind === 'state' ? checkStates(given.states, given.final ?? [], refuse) : null,
    derive: kind === 'derived' ? checkDerive(given.derive, refuse) : null,
    diagnostic: checkFlag('diagnostic', given.diagnostic ?? false, refuse),
    reserved: checkFlag('reserved', given.reserved ?? false, refuse),
    deprecated:
      given.deprecated === undefined ? null : checkText('deprecated', given.deprecated, refuse),
  };
}

function checkName(name: unknown): void {
  const wrong = (why: string): never => {
    throw new NanometerError(
      'NANOMETER_INVALID_DEFINITION',
      `${show(name)} cannot be the name of a metric: ${why}`,
    );
  };
  if (typeof name !== 'string' || !NAME.test(name)) {
    wrong("a name is a letter and then up to 254 letters, digits or any of '_', '.', '-', '/'");
  }
  if ((name as string).startsWith('nanometer.')) {
    wrong("names that begin with 'nanometer.' are those of the package's own metrics");
  }
}

function checkKeys(asked: Asked, options: unknown, refuse: Refuse): Record<string, unknown> {
  if (options === undefined) return {};
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return refuse(`options are an object, not ${show(options)}`);
  }
  const accepted = KEYS[asked];
  for (const key of Object.keys(options)) {
    if (!accepted.includes(key)) {
      return refuse(`unknown option ${show(key)}; accepted are ${accepted.join(', ')}`);
    }
  }
  return options as Record<string, unknown>;
}

function checkUnit(unit: unknown, refuse: Refuse): string {
  if (typeof unit === 'string' && UNIT.test(unit)) return unit;
  return refuse(
    `${show(unit)} is not a unit: give up to 63 visible ASCII characters, in UCUM (ns, By, {order})`,
  );
}

function checkText(what: string, text: unknown, refuse: Refuse): string {
  if (typeof text === 'string') return text.toWellFormed();
  return refuse(`${what} is a string, not ${show(text)}`);
}

function checkFlag(what: string, flag: unknown, refuse: Refuse): boolean {
  if (typeof flag === 'boolean') return flag;
  return refuse(`${what} is true or false, not ${show(flag)}`);
}

function checkAggregate(aggregate: unknown, refuse: Refuse): Aggregate {
  const known = AGGREGATES.find((candidate) => candidate === aggregate);
  return known ?? refuse(`aggregate is one of ${AGGREGATES.join(', ')}, not ${show(aggregate)}`);
}

function checkStates(names: unknown, final: unknown, refuse: Refuse): States {
  const all = checkStateNames('states', names, refuse);
  if (all.length < 2 || all.length > MOST_STATES) {
    return refuse(`states lists ${all.length} states; 2 to ${MOST_STATES} are accepted`);
  }
  const last = checkStateNames('final', final, refuse);
  const stranger = last.find((name) => !all.includes(name));
  if (stranger !== undefined) return refuse(`the final state ${show(stranger)} is not in states`);
  return { names: all, final: last };
}

function checkStateNames(what: string, names: unknown, refuse: Refuse): string[] {
  if (!Array.isArray(names)) return refuse(`${what} is a list of names, not ${show(names)}`);
  const checked: string[] = [];
  for (const name of names as readonly unknown[]) {
    if (typeof name !== 'string' || name === '' || !name.isWellFormed()) {
      return refuse(`${what}: ${show(name)} is not the name of a state, a string with text in it`);
    }
    if (checked.includes(name)) return refuse(`${what}: the state ${show(name)} appears twice`);
    checked.push(name);
  }
  return checked;
}

function checkDerive(derive: unknown, refuse: Refuse): Derive {
  if (typeof derive !== 'object' || derive === null) {
    return refuse(`derive is an object of numerator, denominator and factor, not ${show(derive)}`);
  }
  const { numerator, denominator, factor = 1 } = derive as Partial<Record<keyof Derive, unknown>>;
  if (typeof numerator !== 'string' || typeof denominator !== 'string') {
    return refuse('derive names two metrics: its numerator and its denominator');
  }
  if (typeof factor !== 'number' || !Number.isFinite(factor)) {
    return refuse(`the factor of derive is a finite number, not ${show(factor)}`);
  }
  return { numerator, denominator, factor };
}

function checkMaxSeries(maxSeries: unknown, isOpen: boolean, refuse: Refuse): number | undefined {
  if (maxSeries === undefined) return undefined;
  if (!isOpen) return refuse('maxSeries bounds a family whose labels are a list of names only');
  if (Number.isInteger(maxSeries) && Number(maxSeries) >= 1 && Number(maxSeries) <= SERIES_LIMIT) {
    return Number(maxSeries);
  }
  return refuse(`maxSeries is a whole number from 1 to ${SERIES_LIMIT}, not ${show(maxSeries)}`);
}

interface CheckedLabels {
  readonly labels: readonly string[];
  readonly values: readonly (readonly string[])[] | null;
}

function checkLabels(labels: unknown, refuse: Refuse): CheckedLabels {
  if (labels === undefined) return { labels: [], values: null };
  if (Array.isArray(labels)) {
    if (labels.length === 0) return refuse('labels is empty: leave it out, or name a label');
    return { labels: checkLabelNames(labels, refuse), values: null };
  }
  if (typeof labels !== 'object' || labels === null) {
    return refuse(
      `labels is a list of names, or an object of lists of values, not ${show(labels)}`,
    );
  }
  const entries = Object.entries(labels as Record<string, unknown>);
  if (entries.length === 0) return refuse('labels is empty: leave it out, or name a label');
  const names = checkLabelNames(
    entries.map(([name]) => name),
    refuse,
  );
  const values = entries.map(([name, list]) => checkLabelValues(name, list, refuse));
  const series = values.reduce((product, list) => product * list.length, 1);
  if (series > SERIES_LIMIT) {
    return refuse(`its labels make ${series} series; at most ${SERIES_LIMIT} are accepted`);
  }
  return { labels: names, values };
}

function checkLabelNames(names: readonly unknown[], refuse: Refuse): string[] {
  const checked: string[] = [];
  for (const name of names) {
    if (typeof name !== 'string' || name === '') {
      return refuse(`${show(name)} is not a label name: give a string that is not empty`);
    }
    if (TAKEN_LABELS.includes(name) || name.startsWith('__')) {
      return refuse(
        `the label name ${show(name)} is taken: neither ${TAKEN_LABELS.join(', ')} ` +
          'nor names that begin with __ are accepted',
      );
    }
    if (!name.isWellFormed()) return refuse(`the label name ${show(name)} is not valid Unicode`);
    if (checked.includes(name)) return refuse(`the label name ${show(name)} appears twice`);
    checked.push(name);
  }
  return checked;
}

function checkLabelValues(name: string, list: unknown, refuse: Refuse): string[] {
  if (!Array.isArray(list) || list.length === 0) {
    return refuse(`the label ${show(name)} needs a list of at least one value, not ${show(list)}`);
  }
  const checked = new Set<string>();
  for (const value of list as readonly unknown[]) {
    if (typeof value !== 'string') {
      return refuse(`the label ${show(name)} has the value ${show(value)}: values are strings`);
    }
    const wellFormed = value.toWellFormed();
    if (checked.has(wellFormed)) {
      return refuse(`the label ${show(name)} has the value ${show(value)} twice`);
    }
    checked.add(wellFormed);
  }
  return [...checked];
}
