/** A meter: what a service's code on one thread defines, reads and controls its metrics with. */
import type { IncomingMessage, Server } from 'node:http';
import { isMainThread } from 'node:worker_threads';
import type { BackendKind, BackendMeter, Clock, Inspection } from '../backend/backend';
import type { Catalog } from '../catalog/catalog';
import type { CatalogSpec } from '../catalog/spec';
import type { Stats } from '../catalog/stats';
import type { CatalogOptions } from '../catalog/take';
import type {
  Asked,
  CounterOptions,
  GaugeOptions,
  HistogramOptions,
  LabelSpec,
  StateOptions,
  StopwatchOptions,
} from '../definition/define';
import { NanometerError, show } from '../errors';
import { Exports } from '../export/exports';
import { checkFlush } from '../export/resolve';
import type { ExporterStatus, FlushResult } from '../export/status';
import type { Recorder } from './family';
import type { Flow } from '../flow/flow';
import type { FlowOptions } from '../flow/options';
import type { Counter } from '../handles/counter';
import type { Gauge } from '../handles/gauge';
import type { Histogram } from '../handles/histogram';
import type { StateSet } from '../handles/state';
import type { Stopwatch } from '../handles/stopwatch';
import type { HttpObservation } from '../http/http';
import type { HttpSpan } from '../http/http-span';
import type { HttpOptions } from '../http/options';
import { checkLease, checkLevel, type Level, type LevelLease } from '../level';
import { Listeners, type Listened, type Listener } from './listeners';
import type { AttributeSpec, AttributesOf, EventOptions, NoAttributes } from '../events/definition';
import type { EventType } from '../events/event-type';
import type { EventListener } from '../events/poller';
import { MeterParts, type MeterNeeds } from './meter-parts';
import type { ActiveSpan, Parent } from './parent';
import type { Pool, PoolOptions } from '../pool/pool';
import { Snapshot } from '../snapshot/snapshot';
import type { SnapshotData } from '../snapshot/snapshot-data';
import type { Active } from '../trace/active';
import {
  extract,
  inject,
  type HeadersToRead,
  type HeadersToWrite,
  type Traced,
} from '../trace/context/carrier';
import type { TraceContext } from '../trace/context/context';
import { Tracing } from '../trace/settings';
import type { Span } from '../trace/span';
import type { Spans, SpanOptions } from '../trace/spans';
import type { OpenSpanData, TraceData, TraceQuery } from '../trace/data';
import type { SpanListener } from '../trace/poller';
import { checkFlowId, checkQuery, checkTraceId } from '../trace/query';
import { tell } from '../warnings';

// How long a warning from a native thread, which cannot call JavaScript, may wait to be told.
const WARNINGS_INTERVAL_MS = 5_000;

/**
 * The metrics of one service, as one thread records them. Get it from {@link open}; all threads of
 * the process that open the same service record into the same metrics.
 */
export class Meter {
  /** The service's name. */
  readonly service: string;
  /** Who owns the memory: the Rust core, or its stand-in in JavaScript. */
  readonly backend: BackendKind;
  /** How spans are recorded and chosen. */
  readonly tracing: Tracing;
  readonly #meter: BackendMeter;
  readonly #clock: Clock;
  readonly #parts: MeterParts;
  // Of the parts, those that recording goes through.
  readonly #spans: Spans;
  readonly #active: Active<ActiveSpan>;
  readonly #exports: Exports;
  readonly #isDisabled: boolean;
  readonly #onClose: () => void;
  readonly #warnings: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;

  /** @internal */
  constructor({ kind, meter, clock, resolved, local, onClose }: MeterNeeds) {
    this.service = resolved.service;
    this.backend = kind;
    this.#meter = meter;
    this.#clock = clock;
    this.#isDisabled = local.isDisabled;
    this.#parts = new MeterParts(meter, clock, resolved.maxSeries, local);
    this.#exports = new Exports(meter, local.exports, resolved.resource);
    this.#spans = this.#parts.spans;
    this.#active = this.#parts.active;
    this.#onClose = onClose;
    this.tracing = new Tracing(meter, this.#parts.tracers);
    if (isMainThread) {
      this.#warnings = setInterval(() => {
        this.#tellWarnings();
      }, WARNINGS_INTERVAL_MS).unref();
    }
    this.#tellWarnings();
  }

  /**
   * Defines a counter: a sum that only grows. Without labels the answer is its handle, with labels
   * its family. The same definition again gives the same.
   *
   * @throws NanometerError `NANOMETER_INVALID_DEFINITION`, `NANOMETER_CONFLICT` (the name is
   * defined otherwise), `NANOMETER_CAPACITY`, `NANOMETER_CLOSED`
   */
  counter<const L extends LabelSpec = undefined>(
    name: string,
    options?: CounterOptions<L>,
  ): Recorder<Counter, L> {
    return this.#define('counter', name, options) as Recorder<Counter, L>;
  }

  /**
   * Defines a gauge: a reading that goes up and down. See {@link Meter.counter} for what comes back
   * and what is thrown.
   */
  gauge<const L extends LabelSpec = undefined>(
    name: string,
    options?: GaugeOptions<L>,
  ): Recorder<Gauge, L> {
    return this.#define('gauge', name, options) as Recorder<Gauge, L>;
  }

  /**
   * Defines a histogram: a distribution over fixed buckets. See {@link Meter.counter} for what
   * comes back and what is thrown.
   */
  histogram<const L extends LabelSpec = undefined>(
    name: string,
    options?: HistogramOptions<L>,
  ): Recorder<Histogram, L> {
    return this.#define('histogram', name, options) as Recorder<Histogram, L>;
  }

  /**
   * Defines a metric that is in one of several states: an OpenMetrics state set. See
   * {@link Meter.counter} for what comes back and what is thrown.
   */
  state<const S extends string, const L extends LabelSpec = undefined>(
    name: string,
    options: StateOptions<S, L>,
  ): Recorder<StateSet<S>, L> {
    return this.#define('state', name, options) as Recorder<StateSet<S>, L>;
  }

  /**
   * Defines a stopwatch: a gauge, in nanoseconds, of how long something has been going on, which
   * grows by itself while it runs. See {@link Meter.counter} for what comes back and what is thrown.
   */
  stopwatch<const L extends LabelSpec = undefined>(
    name: string,
    options?: StopwatchOptions<L>,
  ): Recorder<Stopwatch, L> {
    return this.#define('stopwatch', name, options) as Recorder<Stopwatch, L>;
  }

  /**
   * Takes a catalog: defines all its metrics, and answers their handles, typed. The same catalog with
   * the same options gives the same answer; with other label values it gives other series of the same
   * metrics, with another prefix other metrics. Everything is checked before anything is defined,
   * but for what other threads have defined and for room.
   *
   * @throws NanometerError `NANOMETER_INVALID_OPTION`, `NANOMETER_INVALID_DEFINITION` (with the
   * prefix or the labels a metric is none), `NANOMETER_CONFLICT` (a name is defined otherwise: by the
   * catalog with other label names, or by something else), `NANOMETER_CAPACITY`, `NANOMETER_CLOSED`
   */
  catalog<S extends CatalogSpec>(catalog: Catalog<S>, options?: CatalogOptions): Stats<S> {
    return this.#open('a catalog', () => this.#parts.catalogs.take(catalog, options)) as Stats<S>;
  }

  /**
   * A flow: a pipeline, measured; documents 000 and 001. Everything is allocated here. The same again
   * gives the same, or its next life where it is draining or over. See {@link Flow}.
   *
   * @param id - its name, 1 to 200 characters: the label `flow_id`
   * @param components - the names of its components, in order; a stream between each two
   * @throws NanometerError `NANOMETER_INVALID_DEFINITION`, `NANOMETER_CONFLICT` (this thread has a
   * flow of that name with other components or options), `NANOMETER_CAPACITY`, `NANOMETER_CLOSED`
   */
  flow<const Names extends readonly string[]>(
    id: string,
    components: Names,
    options?: FlowOptions<Names[number]>,
  ): Flow<Names[number]> {
    return this.#open(`flow ${show(id)}`, () => this.#parts.flows.flow(id, components, options));
  }

  /**
   * A pool of buffers, measured; documents 000 and 001. The same again gives the same. See
   * {@link Pool}.
   *
   * @param tier - its name, 1 to 200 characters: the label `tier`
   * @throws NanometerError `NANOMETER_INVALID_DEFINITION`, `NANOMETER_CONFLICT` (this thread has a
   * pool of that tier with other options), `NANOMETER_CAPACITY`, `NANOMETER_CLOSED`
   */
  pool(tier: string, options: PoolOptions): Pool {
    return this.#open(`pool ${show(tier)}`, () => this.#parts.pools.pool(tier, options));
  }

  /**
   * A span, which begins now: for code that is no pipeline. Recording: it never throws; what is wrong
   * with an argument is counted in `nanometer.values_rejected`, and left out. At the level off, and
   * without tracing, it records nothing, and carries its parent's headers on.
   *
   * @param name - what is done, not to what: spans of one name are compared with each other
   * @param parent - what it is part of: a span, an element, what came with a request, or a header
   * `traceparent`; left out, it is below the active one, and begins a trace where there is none, as
   * it does for `null`
   */
  span(name: string, parent?: Parent, options?: SpanOptions): Span {
    return this.#spans.start(name, parent === undefined ? this.#active.current : parent, options);
  }

  /**
   * Runs a function with a span or an element as the active one, in all that it calls and awaits:
   * `meter.span()` without a parent, and outgoing requests that `meter.http()` observes, are below
   * it. With `null` nothing is active there.
   *
   * Uses an AsyncLocalStorage, made at the first call: from then on, on Node 20 and 22, each `await`
   * of an async function in the thread takes some 160 ns longer; on later ones each call here takes
   * 380 to 400 ns, instead of 50. Spans that are passed on by hand need none.
   *
   * @returns what the function returns
   * @throws what the function throws; nothing of its own but for what is no function
   */
  active<T>(span: ActiveSpan | null, fn: () => T): T {
    if (typeof fn !== 'function') {
      throw new NanometerError(
        'NANOMETER_INVALID_OPTION',
        `active() runs a function, not ${show(fn)}`,
      );
    }
    return this.#active.run(span, fn);
  }

  /** What is active here; `undefined` where nothing is. */
  activeSpan(): ActiveSpan | undefined {
    return this.#active.current;
  }

  /**
   * The context that headers bring, W3C Trace Context and Baggage, for `flow.begin()` or
   * `meter.span()`; `null` where they bring none, or none that is valid: a trace then begins. Never
   * throws, whatever the headers are.
   */
  extract(headers: HeadersToRead): TraceContext | null {
    return extract(headers, this.#parts.propagation);
  }

  /**
   * Writes where a span, an element or a context is into headers: `traceparent`, `tracestate` and
   * `baggage`, in place of those that are there. Never throws; headers that cannot be written to are
   * counted in `nanometer.values_rejected`.
   *
   * @returns the same headers
   */
  inject<H extends HeadersToWrite>(source: Traced | TraceContext, headers: H): H {
    const { propagation } = this.#parts;
    if (!inject(source, headers, propagation)) this.#parts.registry.valuesRejected.inc();
    else this.#parts.knownHttp?.noteSent(source);
    return headers;
  }

  /**
   * Observes HTTP in this thread: the requests that a server of `node:http` or `node:https` answers,
   * and those that are made with `fetch`, undici, `node:http` and `node:https`. Each gets a span,
   * below that of its caller, and is recorded in `http.server.request.duration` or
   * `http.client.request.duration`; both follow OpenTelemetry's semantic conventions. No module is
   * patched: Node tells of requests by `node:diagnostics_channel`.
   *
   * A request is an error with a status of 500 or above, or where its connection went before it was
   * answered; one that is made, from 400 on. Attributes of a server's spans are written down where the
   * trace is promoted by when the answer is out, and at the level diagnostic; its name, times and
   * status always.
   *
   * Requests made by `node:http` carry a context from Node 22.12 on; on Node 20 they are timed only,
   * unless the program injects one. HTTP/2 servers, and connections that are upgraded, are not
   * observed.
   *
   * @param server - the server; left out, only requests that are made are observed
   * @throws NanometerError `NANOMETER_INVALID_OPTION` (also for a server that is observed already),
   * `NANOMETER_CONFLICT`, `NANOMETER_CAPACITY`, `NANOMETER_CLOSED`
   */
  http(server?: Server | null, options?: HttpOptions): HttpObservation {
    return this.#open('an observation of HTTP', () => this.#parts.http.observe(server, options));
  }

  /**
   * The span of a request that a server is answering which `meter.http()` observes: to say more of
   * it, and to put spans, elements and outgoing requests below it, by hand where there is no active
   * one. `undefined` where the request is not observed, or came at the level off.
   */
  httpSpan(request: IncomingMessage): HttpSpan | undefined {
    return this.#parts.knownHttp?.spanOf(request);
  }

  /**
   * Defines a type of event: something that happens, with attributes, kept one by one in memory of a
   * fixed size. The same definition again gives the same; each thread defines its own.
   *
   * @throws NanometerError `NANOMETER_INVALID_DEFINITION`, `NANOMETER_CONFLICT` (this thread has
   * defined the name otherwise), `NANOMETER_CLOSED`
   */
  event<const A extends AttributeSpec = NoAttributes>(
    name: string,
    options: EventOptions<A>,
  ): EventType<AttributesOf<A>> {
    return this.#open(`event ${show(name)}`, () => this.#parts.events.define(name, options));
  }

  /**
   * Calls a listener with each event that happens from now on, or with each span of the traces that
   * are promoted, in any thread, once and in order, on this thread and about 100 ms later; they are
   * looked for only while somebody listens. A listener that throws is warned of once, and goes on
   * being called. The same listener again is the same.
   *
   * @throws NanometerError `NANOMETER_INVALID_OPTION`, `NANOMETER_CLOSED`
   */
  on(name: 'event', listener: EventListener): this;
  on(name: 'span', listener: SpanListener): this;
  on(name: Listened, listener: Listener): this {
    Listeners.check(name, listener);
    this.#open(`a listener of ${show(name)}`, () => {
      this.#parts.listeners.add(name, listener);
    });
    return this;
  }

  /**
   * Calls a listener no more.
   *
   * @throws NanometerError `NANOMETER_INVALID_OPTION`
   */
  off(name: 'event', listener: EventListener): this;
  off(name: 'span', listener: SpanListener): this;
  off(name: Listened, listener: Listener): this {
    Listeners.check(name, listener);
    this.#parts.listeners.remove(name, listener);
    return this;
  }

  /**
   * Traces, newest first: the promoted ones that are kept. With a filter also those that nobody has
   * promoted and that are not overwritten yet; a trace is answered whole where one of its spans has
   * all that is asked for. Cold: looks at everything that threads remember.
   *
   * @throws NanometerError `NANOMETER_INVALID_OPTION`
   */
  traces(query?: TraceQuery): TraceData[] {
    const { traces } = JSON.parse(this.#meter.traces(checkQuery(query))) as { traces: TraceData[] };
    return traces;
  }

  /**
   * All that is known of one trace, promoted or not; `null` where nothing is, or no longer.
   *
   * @param traceId - 32 hexadecimal digits
   * @throws NanometerError `NANOMETER_INVALID_OPTION`
   */
  trace(traceId: string): TraceData | null {
    return JSON.parse(this.#meter.trace(checkTraceId(traceId))) as TraceData | null;
  }

  /**
   * What has begun in any thread and not ended, the oldest first, 100 at most: elements of flows, and
   * spans that are the first of their trace in their thread.
   *
   * @param flow - the id of the only flow that is wanted
   * @throws NanometerError `NANOMETER_INVALID_OPTION`
   */
  openSpans(flow?: string): OpenSpanData[] {
    return JSON.parse(this.#meter.openSpans(checkFlowId(flow))) as OpenSpanData[];
  }

  /**
   * Lets a metric that was defined as `reserved` be exported, in all threads.
   *
   * @returns false where there is no metric of that name
   */
  enable(name: string): boolean {
    return this.#meter.enable(name);
  }

  /** How much is recorded now, in all threads. */
  get level(): Level {
    return this.#meter.level();
  }

  /** Takes effect at once, in all threads. Throws `NANOMETER_INVALID_LEVEL`. */
  set level(level: Level) {
    this.setLevel(level);
  }

  /**
   * Sets how much is recorded, at once and in all threads; with `OTEL_SDK_DISABLED=true` it stays off.
   *
   * @throws NanometerError `NANOMETER_INVALID_LEVEL`, `NANOMETER_INVALID_OPTION`
   */
  setLevel(level: Level, lease: LevelLease = {}): void {
    const [checked, forMs] = [checkLevel(level), checkLease(lease)];
    if (!this.#isDisabled) this.#meter.setLevel(checked, forMs);
  }

  /**
   * The time of this thread's clock: nanoseconds since an arbitrary origin, for
   * `histogram.recordSince()`. It never goes back. Allocates nothing.
   */
  now(): number {
    this.#clock.tick();
    return this.#clock.cell[0]!;
  }

  /** All values now, merged across threads. Cold: takes time in proportion to the series. */
  snapshot(): Snapshot {
    const snapshot = new Snapshot(JSON.parse(this.#meter.snapshot()) as SnapshotData);
    this.#tellWarnings();
    return snapshot;
  }

  /** Where the inspection server answers; `null` where it is switched off or closed. */
  get inspection(): Inspection | null {
    return this.#meter.inspection();
  }

  /** How each exporter of the process is: its state, what waits, and what became of the rest. */
  exporters(): ExporterStatus[] {
    return this.#exports.status();
  }

  /**
   * Hands the events and spans so far to their listeners, and has every exporter export what has been
   * recorded so far: all metrics, and the spans that are promoted. Resolves, and never rejects, with
   * what became of it.
   *
   * @throws NanometerError `NANOMETER_INVALID_OPTION`, at once
   */
  flush(options?: {
    /** The most milliseconds, 0 to 600,000; as `open()` was told when left out. */
    readonly timeoutMs?: number;
  }): Promise<FlushResult> {
    const timeoutMs = checkFlush(options);
    this.#parts.listeners.poll();
    return this.#exports.flush(timeoutMs);
  }

  /**
   * Hands the last events and spans to their listeners, has exporters export what is left, within the
   * time of the option `flush`, stops the server and gives up the segment.
   * Handles go on recording, harmlessly, and snapshots can be taken; nothing more can be defined. The
   * next `open()` of the service makes a new meter. Calling it again gives the same promise. In a
   * worker thread it ends that thread's part only: the meter serves on for the others until the main
   * thread closes it.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    clearInterval(this.#warnings);
    this.#parts.close();
    // What has nothing to export is closed before this returns: it may be opened again at once.
    if (this.#exports.leaves) await this.#exports.close();
    this.#onClose();
    await this.#meter.close();
    this.#tellWarnings();
  }

  #define(asked: Asked, name: string, options: unknown): unknown {
    return this.#open(`${asked} ${show(name)}`, () =>
      this.#parts.registry.define(asked, name, options),
    );
  }

  /** Defines something, if the meter is open. */
  #open<T>(what: string, define: () => T): T {
    if (this.#closed !== undefined) {
      throw new NanometerError(
        'NANOMETER_CLOSED',
        `the meter of ${show(this.service)} is closed: ${what} cannot be defined`,
      );
    }
    const made = define();
    this.#tellWarnings();
    return made;
  }

  #tellWarnings(): void {
    tell(this.#meter.takeWarnings());
  }
}
