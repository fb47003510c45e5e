/** The routes of the inspection server, each of them a few lines. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { FLOW_METRICS, flowOf, flowsOf, SUMMARY_METRICS } from '../../flow-figures';
import type { Level } from '../../level';
import type { SnapshotData } from '../../snapshot-data';
import type { Cardinality } from '../cardinality';
import type { EventReading } from '../events';
import type { OwnMetrics } from '../own';
import { encode } from '../prometheus/encode';
import { type Collision, describeCollision } from '../prometheus/families';
import { type Reading, toData } from '../reading';
import type { WarningList } from '../warning_list';
import { refuse, send, stream } from './answers';
import { LIMITS } from './limits';
import { negotiateFormat, wantsGzip } from './negotiate';
import {
  accepts,
  afterOf,
  bodyOf,
  type Destination,
  destinationOf,
  levelWish,
  listOf,
  percentDecoded,
  ROUTES,
} from './requests';
import { Token } from './token';

const NO_FLOW = 'there is no such flow; GET /flows lists those that there are';
const NO_NUMBER = `after is given once, as the seq of an event: 0 to ${Number.MAX_SAFE_INTEGER}`;

/** What the server shows and sets. */
export interface Inspected {
  readonly service: string;
  /** All series now; of the metrics of these names only, where they are given. */
  read(only?: ReadonlySet<string>): Reading;
  level(): Level;
  revertsInMs(): number | null;
  setLevel(level: Level, forMs: number | null): void;
  cardinality(): Cardinality;
  /** The events with numbers above `after`, as far as they fit into an answer. */
  readEvents(after: number): EventReading;
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
    } else if (request.method === 'PUT') {
      await this.#setLevel(request, response, isPrivate);
    } else {
      await this.#show({ route, id }, request, response);
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
      case '/level':
        this.#showLevel(response);
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
    if (flow !== undefined) sendJson(response, flow);
    else refuse(response, 'NOT_FOUND', NO_FLOW);
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
    const { chunks, collisions } = encode(this.#meter.read(), format);
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
    else await stream(response, [JSON.stringify(toData(this.#meter.read()))], gzip);
  }

  async #setLevel(
    request: IncomingMessage,
    response: ServerResponse,
    isPrivate: boolean,
  ): Promise<void> {
    if (!isPrivate && this.#token === null) {
      refuse(response, 'FORBIDDEN');
      return;
    }
    const body = await bodyOf(request, response);
    const wish = body === null ? null : levelWish(body);
    if (body === null) {
      refuse(response, 'BODY_TOO_LARGE');
    } else if (wish === null) {
      refuse(
        response,
        'BAD_REQUEST',
        'the body must be off, production or diagnostic, or JSON like {"level":"diagnostic","forMs":60000}',
      );
    } else {
      this.#meter.setLevel(wish.level, wish.forMs);
      this.#showLevel(response);
    }
  }

  #showEvents(after: number | null, response: ServerResponse): void {
    if (after !== null) sendJson(response, this.#meter.readEvents(after));
    else refuse(response, 'BAD_REQUEST', NO_NUMBER);
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

function sendJson(response: ServerResponse, value: unknown): void {
  send(response, 200, 'application/json', JSON.stringify(value));
}
