/**
 * What a meter is made of in one thread, and what each part needs of the others. What not every
 * program uses is made when it is first asked for.
 */
import type { BackendKind, BackendMeter, Clock } from '../backend/backend';
import { Catalogs } from '../catalog/take';
import { torvyn } from '../catalogs/torvyn';
import { Events } from '../events/events';
import { Flows } from '../flow/flows';
import { FlowMetrics } from '../flow/metrics';
import type { Counter } from '../handles/counter';
import { Http } from '../http/http';
import { Listeners } from './listeners';
import type { ActiveSpan } from './parent';
import type { CompleteOptions, LocalOptions } from '../open/options';
import { Pools } from '../pool/pool';
import { Registry } from './registry';
import { Active } from '../trace/active';
import type { Propagation } from '../trace/context/propagators';
import { TracerSource } from '../trace/source';
import { Spans } from '../trace/spans';

/** What a meter is made with. @internal */
export interface MeterNeeds extends CompleteOptions {
  readonly kind: BackendKind;
  readonly meter: BackendMeter;
  readonly clock: Clock;
  /** Called once, when the meter is closed. */
  readonly onClose: () => void;
}

/** See the file. */
export class MeterParts {
  readonly registry: Registry;
  readonly events: Events;
  readonly listeners: Listeners;
  readonly catalogs: Catalogs;
  readonly tracers: TracerSource;
  readonly spans: Spans;
  readonly active: Active<ActiveSpan>;
  readonly #meter: BackendMeter;
  readonly #clock: Clock;
  readonly #local: LocalOptions;
  #flowMetrics: FlowMetrics | undefined;
  #flows: Flows | undefined;
  #pools: Pools | undefined;
  #http: Http | undefined;

  /** @param maxSeries - the bound of open families that name none */
  constructor(meter: BackendMeter, clock: Clock, maxSeries: number, local: LocalOptions) {
    this.#meter = meter;
    this.#clock = clock;
    this.#local = local;
    this.registry = new Registry(meter, clock, maxSeries, local.buckets);
    const { gate, valuesRejected, activeSerial: active } = this.registry;
    this.events = new Events(meter, gate, valuesRejected);
    this.listeners = new Listeners(meter);
    this.catalogs = new Catalogs(this.registry, meter, this.events);
    const dropped = (): Counter =>
      this.registry.take(torvyn.definition('system.spans_dropped', maxSeries)) as Counter;
    this.tracers = new TracerSource({ meter, clock, gate, active, dropped });
    this.spans = new Spans(this.tracers, valuesRejected, local.limits);
    this.active = new Active(valuesRejected, active);
  }

  /** Which headers carry a trace. */
  get propagation(): Propagation {
    return this.#local.propagation;
  }

  /** Defines the metrics of flows, when they are first asked for. */
  get flows(): Flows {
    const { gate, elementsRefused: refused, valuesRejected } = this.registry;
    this.#flows ??= new Flows({
      metrics: this.#figures,
      event: (name, options) => this.events.define(name, options),
      clock: this.#clock,
      ...{ gate, refused, valuesRejected },
      tracing: this.tracers,
    });
    return this.#flows;
  }

  /** Defines the metrics of flows, when they are first asked for. */
  get pools(): Pools {
    this.#pools ??= new Pools(this.#figures, this.registry.valuesRejected);
    return this.#pools;
  }

  /** Defines nothing by itself. */
  get http(): Http {
    this.#http ??= new Http({
      ...{ source: this.tracers, spans: this.spans, active: this.active },
      refused: this.registry.valuesRejected,
      ...{ propagation: this.#local.propagation, limits: this.#local.limits },
      settings: this.#meter.traceSettings().cells,
      histogram: (name, given) => this.registry.define('histogram', name, given),
    });
    return this.#http;
  }

  /** `undefined` where no HTTP has been observed. */
  get knownHttp(): Http | undefined {
    return this.#http;
  }

  /** Ends what goes on by itself; hands the last events and spans to their listeners. */
  close(): void {
    this.#http?.close();
    this.#flows?.close();
    this.listeners.close();
  }

  get #figures(): FlowMetrics {
    this.#flowMetrics ??= new FlowMetrics(this.registry);
    return this.#flowMetrics;
  }
}
