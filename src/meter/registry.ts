/** Binds the definitions of one meter to this thread's cells, and issues their handles. */
import type { BackendMeter, Clock, Placement } from '../backend/backend';
import type { BucketSpec } from '../definition/buckets';
import {
  define,
  plainDefinition,
  type Asked,
  type Definition,
  withExemplars,
} from '../definition/define';
import { NanometerError } from '../errors';
import { LabelledFamily, type FamilyPart, type Maker } from './family';
import { TRACING_EXEMPLARS } from '../generated/layout';
import { Counter } from '../handles/counter';
import { ExemplarCounter } from '../handles/exemplar-counter';
import { ExemplarHistogram } from '../handles/exemplar-histogram';
import { Gauge } from '../handles/gauge';
import { Histogram } from '../handles/histogram';
import { makeSearch, type Search } from '../handles/search';
import { StateSet } from '../handles/state';
import { Stopwatch } from '../handles/stopwatch';
import { Timer } from '../handles/timer';
import { type ActiveSerial, makeActiveSerial } from '../handles/active-serial';
import { cellsAt, indexAt } from '../backend/views';

interface Entry {
  readonly fingerprint: string;
  readonly recorder: unknown;
}

/** The metrics of one meter, in one thread. */
export class Registry {
  readonly #meter: BackendMeter;
  readonly #clock: Clock;
  /** The bound of open families that name none. */
  readonly maxSeries: number;
  readonly #buckets: BucketSpec | undefined;
  readonly #entries = new Map<string, Entry>();
  /** Definitions of which parts were taken, as `#entries` has them. */
  readonly #fingerprints = new Map<string, string>();
  readonly #searches = new Map<string, Search>();
  /** Cells of this thread's first block: it has the package's own metrics, so its gate is ordinary. */
  readonly gate: Float64Array;
  readonly #valuesRejected: Counter;
  readonly #labelsRejected: Counter;
  /** Counts calls on elements that are none of their flow's in flight. */
  readonly elementsRefused: Counter;
  /** Which local trace this thread is at work on; see `handles/active-serial.ts`. */
  readonly activeSerial: ActiveSerial = makeActiveSerial();
  /** Whether counters and histograms have cells for exemplars. */
  readonly hasExemplars: boolean;

  /**
   * @param maxSeries - the bound of open families that name none
   * @param buckets - those of histograms that name none; left out, those of their unit
   */
  constructor(meter: BackendMeter, clock: Clock, maxSeries: number, buckets?: BucketSpec) {
    this.#meter = meter;
    this.#buckets = buckets;
    this.#clock = clock;
    this.maxSeries = maxSeries;
    this.hasExemplars = meter.traceSettings().cells[TRACING_EXEMPLARS] === 1;
    this.#valuesRejected = this.#own(
      'nanometer.values_rejected',
      '{value}',
      'Values that a handle refused: no number, not finite, or out of its range.',
    );
    this.#labelsRejected = this.#own(
      'nanometer.labels_rejected',
      '{call}',
      'Calls of with() whose labels were not those of the family.',
    );
    this.elementsRefused = this.#own(
      'nanometer.elements_refused',
      '{call}',
      'Calls on elements that had ended or were of another flow, or on flows that take none.',
    );
    this.gate = meter.block(0);
  }

  /** Counts what handles refuse. */
  get valuesRejected(): Counter {
    return this.#valuesRejected;
  }

  /**
   * The handle or family of that name, made where it is new.
   *
   * @throws NanometerError `NANOMETER_INVALID_DEFINITION`, `NANOMETER_CONFLICT`,
   * `NANOMETER_CAPACITY`
   */
  define(asked: Asked, name: string, options: unknown): unknown {
    return this.take(define(asked, name, options, this.maxSeries, this.#buckets));
  }

  /**
   * The handle or family of a definition that has been checked, made where it is new.
   *
   * @throws NanometerError `NANOMETER_CONFLICT`, `NANOMETER_CAPACITY`
   */
  take(given: Definition): unknown {
    const definition = this.#complete(given);
    const { name } = definition;
    const fingerprint = JSON.stringify(definition);
    const known = this.#entries.get(name);
    if (known?.fingerprint === fingerprint) return known.recorder;
    // Where the name is taken the backend refuses, and its message has both definitions.
    const placement = this.#meter.define(definition);
    if (known !== undefined) return known.recorder;
    const recorder = this.#recorder(definition, placement);
    this.#entries.set(name, { fingerprint, recorder });
    return recorder;
  }

  /**
   * The handle or family of those series of a checked definition whose first labels have these
   * values: where no labels are left, the series' handle. Keep it: each call makes another.
   *
   * @throws NanometerError `NANOMETER_CONFLICT`, `NANOMETER_CAPACITY`
   */
  takePart(given: Definition, part: FamilyPart): unknown {
    const definition = this.#complete(given);
    const placement = this.#meter.define(definition);
    this.#fingerprints.set(definition.name, JSON.stringify(definition));
    if (definition.kind === 'derived') return null;
    const maker = this.#maker(definition);
    if (part.constants.length < definition.labels.length) {
      const rejected = this.#labelsRejected;
      return new LabelledFamily(definition, this.#meter, placement, maker, rejected, part);
    }
    const position = this.#meter.bind(placement.family, part.constants);
    return maker.make(position < 0 ? placement.position : position);
  }

  /**
   * Changes nothing.
   *
   * @throws NanometerError `NANOMETER_CONFLICT` where this thread has defined the name otherwise
   */
  check(given: Definition): void {
    const definition = this.#complete(given);
    const { name } = definition;
    const wanted = JSON.stringify(definition);
    const known = this.#entries.get(name)?.fingerprint ?? this.#fingerprints.get(name) ?? wanted;
    if (known === wanted) return;
    throw new NanometerError(
      'NANOMETER_CONFLICT',
      `metric '${name}' is defined already, and differently: it is ${known} and was to be ${wanted}`,
    );
  }

  /**
   * Where the one series is that a defined metric has, or has with these label values.
   *
   * @throws NanometerError `NANOMETER_CONFLICT`, `NANOMETER_CAPACITY`
   */
  place(definition: Definition, values: readonly string[]): Placement {
    const placement = this.#meter.define(this.#complete(definition));
    if (values.length === 0) return placement;
    const position = this.#meter.bind(placement.family, values);
    return position < 0 ? placement : { family: placement.family, position };
  }

  #complete(definition: Definition): Definition {
    return this.hasExemplars ? withExemplars(definition) : definition;
  }

  #recorder(definition: Definition, placement: Placement): unknown {
    if (definition.kind === 'derived') return null;
    const maker = this.#maker(definition);
    return definition.labels.length === 0
      ? maker.make(placement.position)
      : new LabelledFamily(definition, this.#meter, placement, maker, this.#labelsRejected);
  }

  #maker(definition: Definition): Maker<unknown> {
    switch (definition.kind) {
      case 'counter':
        return this.#counters(definition);
      case 'gauge':
        return definition.aggregate === 'elapsed' ? this.#stopwatches() : this.#gauges(definition);
      case 'histogram':
        return this.#histograms(definition);
      case 'state':
        return this.#states(definition);
      case 'derived':
        throw new TypeError(`${definition.name} is derived: nothing records it`);
    }
  }

  #counters({ exemplars }: Definition): Maker<Counter> {
    const refused = this.#valuesRejected;
    if (exemplars !== true) {
      return this.#made(Counter, (cells, at) => new Counter(cells, at, refused));
    }
    const active = this.activeSerial;
    const make = (cells: Float64Array, at: number): ExemplarCounter =>
      new ExemplarCounter(cells, at, refused, active);
    return this.#made(ExemplarCounter, make);
  }

  #gauges({ aggregate }: Definition): Maker<Gauge> {
    const clock = aggregate === 'last' ? this.#clock : null;
    const stampsAdds = aggregate !== 'sum';
    const refused = this.#valuesRejected;
    return this.#made(Gauge, (cells, at) => new Gauge(cells, at, refused, stampsAdds, clock));
  }

  #stopwatches(): Maker<Stopwatch> {
    return this.#made(Stopwatch, (cells, at) => new Stopwatch(cells, at, this.#clock));
  }

  #states({ states }: Definition): Maker<StateSet> {
    const refused = this.#valuesRejected;
    const table = states ?? { names: [], final: [] };
    const make = (cells: Float64Array, at: number): StateSet =>
      new StateSet(cells, at, refused, table, this.#clock);
    return this.#made(StateSet, make);
  }

  #histograms({ name, unit, buckets, exemplars }: Definition): Maker<Histogram> {
    const search = this.#search(buckets?.bounds ?? []);
    const timer = new Timer(this.#clock, name, unit);
    const refused = this.#valuesRejected;
    if (exemplars !== true) {
      const make = (cells: Float64Array, at: number): Histogram =>
        new Histogram(cells, at, refused, search, timer);
      return this.#made(Histogram, make);
    }
    const active = this.activeSerial;
    const make = (cells: Float64Array, at: number): ExemplarHistogram =>
      new ExemplarHistogram(cells, at, refused, search, timer, active);
    return this.#made(ExemplarHistogram, make);
  }

  /** @param make - takes cells, and the index of the first */
  #made<Handle>(
    kind: { redirect(handle: Handle, cells: Float64Array, index: number): void },
    make: (cells: Float64Array, index: number) => Handle,
  ): Maker<Handle> {
    return {
      make: (at) => make(cellsAt(this.#meter, at), indexAt(at)),
      redirect: (handle, at) => {
        kind.redirect(handle, cellsAt(this.#meter, at), indexAt(at));
      },
    };
  }

  /** Histograms with the same bounds share one table, and so the processor's cache. */
  #search(bounds: readonly number[]): Search {
    const key = bounds.join();
    let search = this.#searches.get(key);
    if (search === undefined) this.#searches.set(key, (search = makeSearch(bounds)));
    return search;
  }

  /** One of the package's own counters; these two are recorded by handles. */
  #own(name: string, unit: string, help: string): Counter {
    const { position } = this.#meter.define(plainDefinition(name, 'counter', unit, help));
    return new Counter(cellsAt(this.#meter, position), indexAt(position));
  }
}
