/** What `meter.http()` can be told. */
import type { IncomingMessage } from 'node:http';
import { checkKeys, refuse } from '../open/check-option';
import { show } from '../errors';

/** How HTTP is observed. */
export interface HttpOptions {
  /**
   * The route of a request, as a template with few values (`/orders/:id`), asked for when it has been
   * answered; `undefined` where there is none. `span.setRoute()` beats it; of Fastify it is known.
   */
  readonly route?: (request: IncomingMessage) => string | undefined;
  /**
   * Whether a request's span is the active one in its handler, so that `meter.span()` and outgoing
   * requests are below it by themselves. Costs every request, and on Node 20 and 22 every `await` of
   * an async function in the thread some 160 ns. True from Node 24 on, false before it, when left out.
   */
  readonly context?: boolean;
  /** Whether outgoing requests of this thread are observed, and say where they come from; true. */
  readonly client?: boolean;
}

/** The options, complete. */
export interface ResolvedHttpOptions {
  readonly route: ((request: IncomingMessage) => unknown) | null;
  readonly context: boolean;
  readonly client: boolean;
}

const KEYS = ['route', 'context', 'client'];
// From here on an await costs nothing more where there is an AsyncLocalStorage.
const CONTEXT_SINCE = 24;

/** Throws `NANOMETER_INVALID_OPTION`. */
export function resolveHttpOptions(given: unknown): ResolvedHttpOptions {
  const options = checkKeys('http', given === undefined ? {} : given, KEYS);
  return {
    route: checkRoute(options.route),
    context: checkFlag('context', options.context, contextByDefault(process.versions.node)),
    client: checkFlag('client', options.client, true),
  };
}

/** Whether handlers have an active span in that version of Node, where nothing is said. */
export function contextByDefault(version: string): boolean {
  return Number.parseInt(version, 10) >= CONTEXT_SINCE;
}

function checkRoute(route: unknown): ResolvedHttpOptions['route'] {
  if (route === undefined) return null;
  if (typeof route === 'function') return route as (request: IncomingMessage) => unknown;
  return refuse(`http.route is a function of the request, not ${show(route)}`);
}

function checkFlag(name: string, value: unknown, byDefault: boolean): boolean {
  if (value === undefined) return byDefault;
  if (typeof value === 'boolean') return value;
  return refuse(`http.${name} is true or false, not ${show(value)}`);
}
