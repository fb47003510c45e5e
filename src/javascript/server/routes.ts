/** The routes of the inspection server, each of them a few lines. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { ExporterStatus } from '../../export/status';
import { FLOW_METRICS, flowOf, flowsOf, SUMMARY_METRICS } from '../../snapshot/flow-figures';
import type { Level } from '../../level';
import type { SnapshotData } from '../../snapshot/snapshot-data';
import type { Cardinality } from '../cardinality';
import type { EventReading } from '../events';
import type { ExemplarWish } from '../exemplars';
import type { OwnMetrics } from '../own';
import { encode } from '../prometheus/encode';
import { type Collision, describeCollision } from '../prometheus/families';
import { type Reading, toData } from '../reading';
import type { Tracing } from '../traces/tracing';
import type { WarningList } from '../warning_list';
import { Refusal, refuse, send, sendJson, stream } from './answers';
import { LIMITS } from './limits';
import { negotiateFormat, wantsGzip } from './negotiate';
import {
  accepts,
  afterOf,
  type Destination,
  destinationOf,
  levelWish,
  listOf,
  percentDecoded,
  queryOf,
  ROUTES,
} from './requests';
import { Token } from './token';
import { traceIdOf, traceQueryOf } from './traces';
import { changedSettings, shownSettings } from './tracing';
import { bodyToSet } from './writing';

const NO_FLOW = 'there is no such flow; GET /flows lists those that there are';
const NO_TRACE = 'nothing is known of that trace, or no longer; GET /traces lists those kept';
const NO_LEVEL =
  'the body must be off, production or diagnostic, or JSON like {"level":"diagnostic","forMs":60000}';
const NO_NUMBER = `after is given once, as the seq of an event: 0 to ${Number.MAX_SAFE_INTEGER}`;

/** What the server shows and sets. */
export interface Inspected {
  readonly service: string;
  /** All series now; of the metrics of these names only, where they are given. */
  read(only?: ReadonlySet<string>, exemplars?: ExemplarWish): Reading;
  level(): Level;
  revertsInMs(): number | null;
  setLevel(level: Level, forMs: number | null): void;
  cardinality(): Cardinality;
  exporterStatus(): readonly ExporterStatus[];
  /** The events with numbers above `after`, as far as they fit into an answer. */
  readEvents(after: number): EventReading;
  readonly tracing: Pick<Tracing, 'traces' | 'trace' | 'openSpans' | 'settings' | 'set'>;
}

/** Answers requests whose head is in order. */
export class Routes {
  readonly #meter: Inspected;
  readonly #token: Token | null;
  readonly #own: OwnMetrics;
  readonly #warnings: WarningList;
  readonly #collided = new Set<string>();
  #readings = 0;

  constructor(meter: Inspected, token: string | null, own: OwnMetrics, warnings: WarningList) {
    this.#meter = meter;
    this.#token = token === null || token === '' ? null : new Token(token);
    this.#own = own;
    this.#warnings = warnings;
  }

  /** @param isPrivate - whether only the process' user can have sent it: over the Unix socket */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    isPrivate: boolean,
  ): Promise<void> {
    if (this.#token?.isIn(request) === false) {
      refuse(response, 'UNAUTHORIZED');
      return;
    }
    const destination = destinationOf(request);
    if (destination === null) {
      refuse(response, 'NOT_FOUND');
      return;
    }
    const { route, id } = destination;
    if (!accepts(route, request.method)) {
      const allowed = ROUTES[route].allow.join(', ');
      response.setHeader('Allow', allowed);
      refuse(response, 'METHOD_NOT_ALLOWED', `${route} is for ${allowed}`);
      return;
    }
    try {
      if (request.method === 'PUT') {
        const what = route === '/level' ? 'the level' : 'tracing';
        const mayWrite = isPrivate || this.#token !== null;
        const body = await bodyToSet(what, request, response, mayWrite);
        if (route === '/level') this.#setLevel(body);
        else this.#setTracing(body);
      }
      await this.#show({ route, id }, request, response);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuse(response, error.problem, error.message);
    }
  }

  async #show(
    { route, id }: Destination,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    switch (route) {
      case '/':
        send(response, 200, 'text/plain; charset=utf-8', listOf(this.#meter.service));
        break;
      case '/healthz':
        sendJson(response, { status: 'ok' });
        break;
      case '/flows':
        sendJson(response, { flows: flowsOf(this.#read(SUMMARY_METRICS)) });
        break;
      case '/flows/{id}':
        this.#showFlow(percentDecoded(id), response);
        break;
      case '/events':
        this.#showEvents(afterOf(request), response);
        break;
      case '/traces':
        sendJson(response, { traces: this.#meter.tracing.traces(traceQueryOf(queryOf(request))) });
        break;
      case '/traces/{id}':
        this.#showTrace(traceIdOf(id), response);
        break;
      case '/exporters':
        sendJson(response, { exporters: this.#meter.exporterStatus() });
        break;
      case '/level':
        this.#showLevel(response);
        break;
      case '/tracing':
        sendJson(response, shownSettings(this.#meter.tracing.settings()));
        break;
      case '/cardinality':
        sendJson(response, this.#meter.cardinality());
        break;
      case '/snapshot':
      case '/metrics':
        await this.#showAll(route, request, response);
    }
  }

  #showFlow(id: string | null, response: ServerResponse): void {
    const flow = id === null ? undefined : flowOf(this.#read(FLOW_METRICS), id);
    if (flow === undefined) throw new Refusal('NOT_FOUND', NO_FLOW);
    sendJson(response, { ...flow, open: this.#meter.tracing.openSpans(id) });
  }

  #showTrace(id: string, response: ServerResponse): void {
    const trace = this.#meter.tracing.trace(id);
    if (trace === null) throw new Refusal('NOT_FOUND', NO_TRACE);
    sendJson(response, trace);
  }

  #read(only: readonly string[]): SnapshotData {
    return toData(this.#meter.read(new Set(only)));
  }

  async #showAll(
    route: '/snapshot' | '/metrics',
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (this.#readings >= LIMITS.readings) {
      refuse(response, 'BUSY');
      return;
    }
    this.#readings++;
    try {
      const gzip = wantsGzip(request.headers['accept-encoding']);
      response.setHeader('Vary', 'Accept, Accept-Encoding');
      if (gzip) response.setHeader('Content-Encoding', 'gzip');
      if (route === '/metrics') await this.#scrape(request, response, gzip);
      else await this.#snapshot(request, response, gzip);
    } finally {
      this.#readings--;
    }
  }

  async #scrape(request: IncomingMessage, response: ServerResponse, gzip: boolean): Promise<void> {
    const began = performance.now();
    const { format, contentType } = negotiateFormat(request.headers.accept);
    response.setHeader('Content-Type', contentType);
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    // Text 0.0.4 has no exemplars.
    const exemplars = format === 'openmetrics' ? 'published' : 'left';
    const { chunks, collisions } = encode(this.#meter.read(undefined, exemplars), format);
    this.#report(collisions);
    const bytes = await stream(response, chunks, gzip);
    if (bytes === null) return;
    this.#own.add('nanometer.scrapes');
    this.#own.add('nanometer.scrape.size', bytes);
    this.#own.record('nanometer.scrape.duration', Math.round((performance.now() - began) * 1e6));
  }

  async #snapshot(
    request: IncomingMessage,
    response: ServerResponse,
    gzip: boolean,
  ): Promise<void> {
    response.setHeader('Content-Type', 'application/json');
    if (request.method === 'HEAD') response.end();
    else
      await stream(response, [JSON.stringify(toData(this.#meter.read(undefined, 'shown')))], gzip);
  }

  #setLevel(body: string): void {
    const wish = levelWish(body);
    if (wish === null) throw new Refusal('BAD_REQUEST', NO_LEVEL);
    this.#meter.setLevel(wish.level, wish.forMs);
  }

  #setTracing(body: string): void {
    const { tracing } = this.#meter;
    const settings = tracing.settings();
    const changed = changedSettings(body, settings);
    if (settings === null) throw new Refusal('NOT_TRACING');
    tracing.set(changed);
  }

  #showEvents(after: number | null, response: ServerResponse): void {
    if (after === null) throw new Refusal('BAD_REQUEST', NO_NUMBER);
    sendJson(response, this.#meter.readEvents(after));
  }

  #showLevel(response: ServerResponse): void {
    const left = this.#meter.revertsInMs();
    const revertsInMs = left === null ? null : Math.ceil(left);
    sendJson(response, { level: this.#meter.level(), revertsInMs });
  }

  /** Each collision is reported once. */
  #report(collisions: readonly Collision[]): void {
    for (const collision of collisions) {
      if (this.#collided.has(collision.metric)) continue;
      this.#collided.add(collision.metric);
      this.#own.add('nanometer.prometheus.collisions');
      this.#warnings.give({
        code: 'NANOMETER_PROMETHEUS_COLLISION',
        message: describeCollision(collision),
      });
    }
  }
}
