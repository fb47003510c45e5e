/** What is asked for, and whether it may be: path, method, token, limits. */
import type { IncomingMessage } from 'node:http';
import { LEVELS, type Level } from '../../level';
import { LIMITS } from './limits';
import type { Problem } from './answers';

const READ = ['GET', 'HEAD'] as const;

// What a path ends with that takes an id there.
const ID = '{id}';

/** Paths that are answered, with the methods that they accept and what they are. */
export const ROUTES = {
  '/': { allow: READ, about: 'this list' },
  '/metrics': { allow: READ, about: 'all metrics, as Prometheus text 0.0.4 or OpenMetrics 1.0' },
  '/healthz': { allow: READ, about: 'whether this server answers' },
  '/snapshot': {
    allow: READ,
    about: 'all metrics as JSON, in the names and units of their definitions',
  },
  '/flows': {
    allow: READ,
    about: 'flows with their state, elements, errors, throughput and latency',
  },
  '/flows/{id}': { allow: READ, about: 'one flow, with its components and its streams' },
  '/events': {
    allow: READ,
    about: 'what happened, in order; /events?after=17 from the 18th event on',
  },
  '/traces': {
    allow: READ,
    about: 'traces that were promoted; /traces?component=parse&minDurationMs=5 finds others too',
  },
  '/traces/{id}': { allow: READ, about: 'one trace, promoted or not yet overwritten' },
  '/exporters': { allow: READ, about: 'exporters: what they sent, what waits, what went wrong' },
  '/level': {
    allow: [...READ, 'PUT'],
    about: 'the level; PUT {"level":"diagnostic","forMs":60000} sets it',
  },
  '/tracing': {
    allow: [...READ, 'PUT'],
    about: 'which traces are promoted; PUT {"sampleRate":0.1} changes it',
  },
  '/cardinality': { allow: READ, about: 'how many series there are, and the largest families' },
} as const satisfies Record<string, { allow: readonly string[]; about: string }>;

/** The list of routes that `/` answers. */
export function listOf(service: string): string {
  const lines = Object.entries(ROUTES).map(([path, { about }]) => `${path.padEnd(14)}${about}\n`);
  return `nanometer: ${service}\n\n${lines.join('')}`;
}

/** A path that is answered. */
export type Route = keyof typeof ROUTES;

/** Where a request goes. */
export interface Destination {
  readonly route: Route;
  /** The id in the path, as it stands there; empty where the route takes none. */
  readonly id: string;
}

/** Where a request goes, whatever its query; `null` where nothing is there. Nothing is decoded. */
export function destinationOf({ url = '' }: IncomingMessage): Destination | null {
  // A proxy may send the whole URL.
  const target = url.replace(/^http:\/\/[^/?#]*/i, '');
  const path = target.split('?', 1)[0] ?? '';
  for (const route of Object.keys(ROUTES) as Route[]) {
    const id = idIn(path, route);
    if (id !== null) return { route, id };
  }
  return null;
}

function idIn(path: string, route: Route): string | null {
  if (!route.endsWith(ID)) return path === route ? '' : null;
  const prefix = route.slice(0, -ID.length);
  const id = path.slice(prefix.length);
  return path.startsWith(prefix) && id !== '' && !id.includes('/') ? id : null;
}

/** The query of a request, as it stands there. */
export function queryOf({ url = '' }: IncomingMessage): string {
  return url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
}

/**
 * The number that events are asked for after, 0 where the query does not say; `null` where it is no
 * number of an event, or given twice.
 */
export function afterOf(request: IncomingMessage): number | null {
  const pairs = queryOf(request)
    .split('&')
    .map((pair) => pair.split('='));
  const [given, ...more] = pairs.filter(([name]) => name === 'after');
  if (given === undefined) return 0;
  const [, ...value] = given;
  const number = Number(value.join('='));
  const isPlain = more.length === 0 && /^[0-9]+$/.test(value.join('='));
  return isPlain && Number.isSafeInteger(number) ? number : null;
}

/**
 * The id that a part of a path stands for; `null` for what no encoder writes: a lone `%`, bytes that
 * are no UTF-8 or were not encoded.
 */
export function percentDecoded(text: string): string | null {
  if (/[\u0080-\uffff]/.test(text)) return null;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** What is wrong with a request's head as a whole; `null` where nothing is. */
export function problemOfHead({
  url = '',
  rawHeaders,
  httpVersionMajor,
}: IncomingMessage): Problem | null {
  // Without a version it is HTTP 0.9, whose answers have no status.
  if (httpVersionMajor !== 1) return 'BAD_REQUEST';
  if (Buffer.byteLength(url) > LIMITS.uriBytes) return 'URI_TOO_LONG';
  // A colon, a space and the line's end belong to each.
  const bytes = rawHeaders.reduce((sum, text) => sum + Buffer.byteLength(text) + 2, 0);
  const isTooMuch = bytes > LIMITS.headerBytes || rawHeaders.length / 2 > LIMITS.headerLines;
  return isTooMuch ? 'HEADERS_TOO_LARGE' : null;
}

/** What is wrong with a request that the parser gave up on. */
export function problemOf(error: Error & { code?: string; rawPacket?: Buffer }): Problem {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'REQUEST_TIMEOUT';
  if (error.code !== 'HPE_HEADER_OVERFLOW') return 'BAD_REQUEST';
  // The request line is too long where the packet that was one too many does not end it.
  return error.rawPacket?.includes('\n') === true ? 'HEADERS_TOO_LARGE' : 'URI_TOO_LONG';
}

/** Whether a method is accepted on a route. */
export function accepts(route: Route, method: string | undefined): boolean {
  return (ROUTES[route].allow as readonly string[]).includes(method ?? '');
}

/** What a body of `PUT /level` asks for; `null` where it is neither a level nor JSON with one. */
export function levelWish(
  body: string,
): { readonly level: Level; readonly forMs: number | null } | null {
  const word = body.trim();
  const isWord = (LEVELS as readonly string[]).includes(word);
  const { level, forMs }: { level?: unknown; forMs?: unknown } = isWord
    ? { level: word }
    : parseObject(word);
  if (!LEVELS.includes(level as Level)) return null;
  if (forMs === undefined || forMs === null) return { level: level as Level, forMs: null };
  const isTime = typeof forMs === 'number' && forMs > 0 && forMs <= 2_147_483_647;
  return isTime ? { level: level as Level, forMs } : null;
}

function parseObject(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'string') return { level: parsed };
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}
