/**
 * The server side: a span and a duration for each request that one server answers.
 *
 *     request.start ──▶ span, on the request ──▶ handler … ──▶ response 'close' ──▶ name, end, duration
 *
 * The span is found by a property of the request, never by what is active: in 'data' and 'end' of a
 * request, and so when it is answered, Node 24 and 26 have lost that. (Measured: the property takes
 * 15 ns a request, a WeakMap in its place a microsecond.) A response closes once, whether it was sent
 * or its connection went; one that waits behind another on its connection may not, and is watched by
 * its connection.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { GATE, TRACING_PROMOTE_LATENCY_NS } from '../generated/layout';
import type { ActiveSpan } from '../meter/parent';
import type { Active } from '../trace/active';
import { TraceContext } from '../trace/context/context';
import type { Propagation } from '../trace/context/propagators';
import type { AttributeValue } from '../trace/data';
import { ACTIVATE } from '../trace/place';
import type { TracerSource } from '../trace/source';
import { Span } from '../trace/span';
import { parseAuthority } from './authority';
import { Connection } from './connection';
import { guard } from './guard';
import { HttpSpan } from './http-span';
import { OTHER_METHOD } from './methods';
import type { ResolvedHttpOptions } from './options';
import type { RequestSpans } from './request-spans';
import { type Answer, errorTypeOf, type ServerSeries } from './series';

const STARTS = 'http.server.request.start';
/** Of Fastify 5: says which route it has found. */
const ROUTES = 'tracing:fastify.request.handler:start';

/** What Node says when a request has come. */
interface Start {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly server: Server;
}

/** What the observations of one meter share, in one thread. */
export interface ServerParts {
  readonly spans: RequestSpans;
  readonly series: ServerSeries;
  readonly active: Active<ActiveSpan>;
  readonly source: TracerSource;
  /** Which headers are read. */
  readonly propagation: Propagation;
  /** Settings of tracing. */
  readonly settings: Float64Array;
  /** The property of a request that has its span. */
  readonly key: symbol;
}

type Keyed = Record<symbol, HttpSpan | undefined>;
type Connected = Record<symbol, Connection | undefined>;

/** Observes one server, until it is closed. */
export class ServerSide {
  readonly #parts: ServerParts;
  readonly #options: ResolvedHttpOptions;
  /** The property of a connection that has what is known of it. */
  readonly #key = Symbol('nanometer.http.connection');
  readonly #close: () => void;

  constructor(parts: ServerParts, server: object, options: ResolvedHttpOptions) {
    this.#parts = parts;
    this.#options = options;
    const { gate } = parts.source;
    const onClose = (response: ServerResponse): void => {
      try {
        this.#finish(response.req, response);
      } catch {
        // An observation less.
      }
    };
    const closed = function (this: ServerResponse): void {
      onClose(this);
    };
    // What a subscriber throws ends the process.
    const onStart = (message: unknown): void => {
      const start = message as Start | null | undefined;
      if (start?.server !== server || !(gate[GATE]! > 0)) return;
      try {
        this.#start(start, closed);
      } catch {
        // An observation less.
      }
    };
    const onRoute = (message: unknown): void => guard(() => this.#routed(message));
    subscribe(STARTS, onStart);
    subscribe(ROUTES, onRoute);
    this.#close = () => {
      unsubscribe(STARTS, onStart);
      unsubscribe(ROUTES, onRoute);
    };
  }

  /** Observes no more requests; those that have come are observed to their end. */
  close(): void {
    this.#close();
  }

  #start({ request, response, socket }: Start, onClose: () => void): void {
    const { spans, series, active, key } = this.#parts;
    const context = this.#contextOf(request.headers);
    const span = spans.start(context, series.of(request.method).routeless.nameText);
    (request as unknown as Keyed)[key] = span;
    response.on('close', onClose);
    const connection = ((socket as unknown as Connected)[this.#key] ??= new Connection(socket));
    span.connection = connection;
    if (connection.open > 0) this.#watch(connection, socket, request, response);
    connection.open += 1;
    if (this.#options.context) active.enter(span);
  }

  /** Where a request comes from; `null` where it does not say so. */
  #contextOf({ traceparent, tracestate, baggage }: IncomingHttpHeaders): TraceContext | null {
    const { propagation } = this.#parts;
    if (traceparent === undefined || !propagation.traceContext) return null;
    return TraceContext.of(traceparent, tracestate, propagation.baggage ? baggage : undefined);
  }

  /** A request waits behind another: should its connection go, its response may never close. */
  #watch(
    connection: Connection,
    socket: Socket,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    if (connection.waiting === null) {
      const waiting = new Map<IncomingMessage, ServerResponse>();
      connection.waiting = waiting;
      socket.once('close', () => {
        for (const [left, its] of waiting) guard(() => this.#finish(left, its));
      });
    }
    connection.waiting.set(request, response);
  }

  /** Fastify has found a route. */
  #routed(message: unknown): void {
    const { request, route } = message as {
      readonly request: { readonly raw: object };
      readonly route: { readonly url: string };
    };
    const span = (request.raw as Keyed)[this.#parts.key];
    if (span?.route === '') span.setRoute(route.url);
  }

  /** The request has been answered, or never will be. */
  #finish(request: IncomingMessage, response: ServerResponse): void {
    const { source, series, key } = this.#parts;
    const span = (request as unknown as Keyed)[key];
    if (span === undefined || span.isFinished) return;
    span.isFinished = true;
    const connection = span.connection!;
    connection.open -= 1;
    connection.waiting?.delete(request);
    if (span.route === '') this.#askRoute(span, request);
    const answer: Answer = {
      status: response.headersSent ? response.statusCode : 0,
      isAborted: !response.writableFinished,
      isSecure: connection.isSecure,
      version: request.httpVersion,
    };
    const ofMethod = series.of(request.method);
    const ofRoute = ofMethod.of(span.route);
    const { active, clock } = source;
    const outer = active[0]!;
    // The exemplar of its duration is its own trace.
    span[ACTIVATE](active);
    if (span.isRecording) {
      this.#tell(span, request, answer, ofMethod.method);
      HttpSpan.finish(span, ofRoute.name, ofRoute.nameText);
    } else clock.tick();
    ofRoute.duration(answer).record(Math.max(0, clock.cell[0]! - Span.startOf(span)));
    active[0] = outer;
  }

  #askRoute(span: HttpSpan, request: IncomingMessage): void {
    const { route } = this.#options;
    if (route === null) return;
    try {
      const said = route(request);
      if (typeof said === 'string') span.setRoute(said);
    } catch {
      // The program's own: a request without a route.
    }
  }

  /**
   * Says what is to be said of a request, where it will be read: attributes take longer to write down
   * than all else here, and few requests are promoted.
   */
  #tell(span: HttpSpan, request: IncomingMessage, answer: Answer, method: string): void {
    const errorType = span.errorType === '' ? errorTypeOf(answer) : span.errorType;
    if (errorType === '' && !this.#isWorthTelling(span)) return;
    if (errorType !== '' && span.errorType === '') span.setStatus('error');
    const { url, headers } = request;
    const scheme = answer.isSecure ? 'https' : 'http';
    const { address, port } = parseAuthority(headers.host, scheme);
    const query = url?.indexOf('?') ?? -1;
    const said: Record<string, AttributeValue> = {
      'http.request.method': method,
      'url.path': (query === -1 ? url : url?.slice(0, query)) ?? '',
      'url.scheme': scheme,
      'network.protocol.version': answer.version,
    };
    if (method === OTHER_METHOD) said['http.request.method_original'] = request.method ?? '';
    if (span.route !== '') said['http.route'] = span.route;
    if (address !== '') Object.assign(said, { 'server.address': address, 'server.port': port });
    if (answer.status !== 0) said['http.response.status_code'] = answer.status;
    if (errorType !== '') said['error.type'] = errorType;
    const agent = headers['user-agent'];
    if (agent !== undefined) said['user_agent.original'] = agent;
    span.setAttributes(said);
  }

  #isWorthTelling(span: HttpSpan): boolean {
    if (Span.isPromoted(span)) return true;
    const slowNs = this.#parts.settings[TRACING_PROMOTE_LATENCY_NS]!;
    if (slowNs === Infinity) return false;
    const { clock } = this.#parts.source;
    clock.tick();
    return clock.cell[0]! - Span.startOf(span) >= slowNs;
  }
}
