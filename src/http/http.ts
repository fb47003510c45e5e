/** HTTP as one meter observes it in one thread: what its servers answer and its clients ask. */
import type { IncomingMessage } from 'node:http';
import type { HistogramOptions } from '../definition/define';
import { NanometerError, show } from '../errors';
import type { Counter } from '../handles/counter';
import type { ActiveSpan, Parent } from '../meter/parent';
import type { Active } from '../trace/active';
import { extract, type Traced } from '../trace/context/carrier';
import { type TraceContext } from '../trace/context/context';
import type { Propagation } from '../trace/context/propagators';
import type { SpanLimits } from '../trace/limits';
import type { TracerSource } from '../trace/source';
import { Span } from '../trace/span';
import type { Spans } from '../trace/spans';
import { CLIENT_LABELS, type ClientDurations, type ClientParts } from './client-call';
import { observeNodeClient } from './client-node';
import { observeUndici } from './client-undici';
import type { HttpSpan } from './http-span';
import { resolveHttpOptions } from './options';
import { RequestSpans } from './request-spans';
import { SERVER_LABELS, ServerSeries, type ServerDurations } from './series';
import { type ServerParts, ServerSide } from './server';

// OpenTelemetry's advice for both, in nanoseconds.
const BOUNDS_NS = [5, 10, 25, 50, 75, 100, 250, 500, 750, 1e3, 2.5e3, 5e3, 7.5e3, 1e4].map(
  (ms) => ms * 1e6,
);
// Headers that a span was written into, of which a request is yet to come: the last so many.
const MOST_SENT = 256;

/** What this needs of its meter. */
export interface HttpNeeds {
  readonly source: TracerSource;
  readonly spans: Spans;
  readonly active: Active<ActiveSpan>;
  readonly refused: Counter;
  /** Which headers carry a trace. */
  readonly propagation: Propagation;
  /** How much one span can say. */
  readonly limits: SpanLimits;
  /** Settings of tracing. */
  readonly settings: Float64Array;
  /** Defines a histogram; see `Meter.histogram`. */
  readonly histogram: (name: string, options: HistogramOptions) => unknown;
}

/** HTTP that is observed, till it is closed. Get it from `meter.http()`. */
export interface HttpObservation {
  /** Whether a request's span is the active one in its handler. */
  readonly hasContext: boolean;
  /** Observes no more; requests that have begun are observed to their end. */
  close(): void;
}

/** See the file. */
export class Http {
  readonly #needs: HttpNeeds;
  readonly #key = Symbol('nanometer.http');
  readonly #open = new Set<HttpObservation>();
  readonly #servers = new Set<object>();
  /** The spans that were written into headers last, by their `traceparent`. */
  readonly #sent = new Map<string, Span>();
  #server: ServerParts | undefined;
  #clients = 0;
  #stopClients: () => void = () => undefined;

  constructor(needs: HttpNeeds) {
    this.#needs = needs;
  }

  /** See `Meter.http`. */
  observe(server: unknown, given: unknown): HttpObservation {
    const options = resolveHttpOptions(given);
    const isServer = server !== undefined && server !== null;
    if (isServer) this.#checkServer(server);
    const parts = isServer ? this.#serverParts() : null;
    if (options.client) this.#openClients();
    const side = parts === null ? null : new ServerSide(parts, server!, options);
    if (isServer) this.#servers.add(server);
    const observation: HttpObservation = {
      hasContext: side !== null && options.context,
      close: () => {
        if (!this.#open.delete(observation)) return;
        side?.close();
        if (isServer) this.#servers.delete(server);
        if (options.client) this.#closeClients();
      },
    };
    this.#open.add(observation);
    return observation;
  }

  /** The span of a request that is being answered; `undefined` where it is not observed. */
  spanOf(request: IncomingMessage): HttpSpan | undefined {
    if (typeof request !== 'object' || request === null) return undefined;
    return (request as unknown as Record<symbol, HttpSpan | undefined>)[this.#key];
  }

  /** Remembers that a span was written into headers: the request that has them is below it. */
  noteSent(source: Traced | TraceContext): void {
    if (this.#clients === 0 || !Span.is(source)) return;
    const traceparent = source.traceparent();
    this.#sent.delete(traceparent);
    this.#sent.set(traceparent, source);
    if (this.#sent.size <= MOST_SENT) return;
    for (const oldest of this.#sent.keys()) {
      this.#sent.delete(oldest);
      break;
    }
  }

  /** Closes all that is open. */
  close(): void {
    for (const observation of this.#open) observation.close();
  }

  #checkServer(server: unknown): asserts server is object {
    if (typeof server !== 'object' || !('listen' in server!)) {
      throw new NanometerError(
        'NANOMETER_INVALID_OPTION',
        `http() observes a server of node:http or node:https, not ${show(server)}`,
      );
    }
    if (this.#servers.has(server)) {
      throw new NanometerError('NANOMETER_INVALID_OPTION', 'this server is observed already');
    }
  }

  #serverParts(): ServerParts {
    if (this.#server !== undefined) return this.#server;
    const { source, active, refused, settings, propagation, histogram } = this.#needs;
    const durations = histogram('http.server.request.duration', {
      help: 'How long it took to answer a request.',
      unit: 'ns',
      buckets: BOUNDS_NS,
      labels: SERVER_LABELS,
    }) as ServerDurations;
    this.#server = {
      ...{ active, settings, source, propagation, key: this.#key },
      spans: new RequestSpans(source, refused, this.#needs.limits),
      series: new ServerSeries(durations, source),
    };
    return this.#server;
  }

  #openClients(): void {
    if (this.#clients === 0) {
      const parts = this.#clientParts();
      const stops = [observeNodeClient(parts), observeUndici(parts)];
      this.#stopClients = () => {
        for (const stop of stops) stop();
      };
    }
    this.#clients++;
  }

  #closeClients(): void {
    this.#clients--;
    if (this.#clients > 0) return;
    this.#stopClients();
    this.#sent.clear();
  }

  #clientParts(): ClientParts {
    const { source, spans, histogram, propagation } = this.#needs;
    return {
      span: (name, parent) => spans.start(name, parent, { kind: 'client' }),
      parentOf: (headers) => this.#parentOf(headers),
      ...{ key: this.#key, source, propagation },
      durations: histogram('http.client.request.duration', {
        help: 'How long it took till a request was answered.',
        unit: 'ns',
        buckets: BOUNDS_NS,
        labels: CLIENT_LABELS,
      }) as ClientDurations,
    };
  }

  #parentOf(headers: object): Parent {
    const context = extract(headers);
    if (context === null) return this.#needs.active.current;
    return this.#sent.get(context.traceparent()) ?? context;
  }
}
