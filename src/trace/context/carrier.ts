/**
 * Carriers: the headers of a request or of a message, as the many libraries have them. Reading takes
 * the context out of them, writing puts it in. Neither ever throws.
 */
import { types } from 'node:util';
import { formatBaggage, type Baggage } from './baggage';
import { TraceContext } from './context';
import { PROPAGATE_ALL, type Propagation } from './propagators';

/**
 * Headers that a context can be read from: an object as Node has it, whose values are lines or arrays
 * of lines; `Headers`, a `Map`, or anything else with a method `get`.
 */
export type HeadersToRead =
  | Readonly<Record<string, unknown>>
  | {
      /** The value of the header of that name, in lower case. */
      get(name: string): unknown;
    };

/**
 * Headers that a context can be written to: an object, `Headers`, a `Map`, or anything else with a
 * method `set`; a request of `node:http` that has not been sent.
 */
export type HeadersToWrite = object;

/** What says where it is in a trace: a span, or an element of a flow. */
export interface Traced {
  /** The header `traceparent`; `''` where it is in none. */
  traceparent(): string;
  /** The header `tracestate`; `''` where there is none. */
  tracestate(): string;
  /** What programs send along, by key. */
  readonly baggage: Baggage;
}

/** The headers of a carrier: each a line, an array of lines, or nothing of use. */
interface Found {
  traceparent?: unknown;
  tracestate?: unknown;
  baggage?: unknown;
}

/** The three headers, each by its length, which tells them apart at once. */
const NAMES: ReadonlyMap<number, keyof Found> = new Map([
  [11, 'traceparent'],
  [10, 'tracestate'],
  [7, 'baggage'],
]);

/**
 * The context that headers bring; `null` where they bring none that is valid. Names are found
 * whatever their case; two headers of one name are two lines of it.
 */
export function extract(
  headers: unknown,
  propagation: Propagation = PROPAGATE_ALL,
): TraceContext | null {
  try {
    if (typeof headers !== 'object' || headers === null || !propagation.traceContext) return null;
    const found = read(headers);
    const baggage = propagation.baggage ? found.baggage : undefined;
    return TraceContext.of(found.traceparent, found.tracestate, baggage);
  } catch {
    return null;
  }
}

/**
 * Writes where a span, an element or a context is into headers, in place of what they say. A
 * `tracestate` goes, where there is no other, since it is of another trace; a `baggage` stays.
 *
 * @returns false where that cannot be done; a span that is nowhere says nothing, and that is done
 */
export function inject(
  source: unknown,
  headers: unknown,
  propagation: Propagation = PROPAGATE_ALL,
): boolean {
  try {
    const { traceparent, tracestate, baggage } = told(source as Traced | TraceContext);
    if (traceparent === '') return true;
    if (typeof traceparent !== 'string' || typeof headers !== 'object') return false;
    const writer = headers === null ? null : writerOf(headers);
    if (writer === null) return false;
    if (propagation.traceContext) {
      writer.set('traceparent', traceparent);
      if (tracestate === '') writer.remove('tracestate');
      else writer.set('tracestate', tracestate);
    }
    if (propagation.baggage && baggage !== '') writer.set('baggage', baggage);
    return true;
  } catch {
    return false;
  }
}

/** The three headers of a source, as text; `''` for what there is not. @internal */
export function told(source: Traced | TraceContext): {
  readonly traceparent: string;
  readonly tracestate: string;
  readonly baggage: string;
} {
  return {
    traceparent: source.traceparent(),
    tracestate: TraceContext.is(source) ? source.tracestate : source.tracestate(),
    baggage: formatBaggage(source.baggage),
  };
}

function read(headers: object): Found {
  const found: Found = {};
  if (types.isMap(headers)) {
    // The prototype's: a map's own may be anybody's.
    Map.prototype.forEach.call(headers, (value, key) => note(found, key, value));
  } else if ('get' in headers && typeof headers.get === 'function') {
    const own = headers as { get(name: string): unknown };
    for (const name of NAMES.values()) found[name] = own.get(name) ?? undefined;
  } else {
    for (const key of Object.keys(headers)) note(found, key, headers[key as keyof typeof headers]);
  }
  return found;
}

/** Notes a header, if it is one of the three. */
function note(found: Found, key: unknown, value: unknown): void {
  const name = nameOf(key);
  if (name === undefined || value === undefined) return;
  const before = found[name];
  found[name] = before === undefined ? value : [before, value].flat();
}

/** Which of the three headers that is, whatever its case. */
function nameOf(key: unknown): keyof Found | undefined {
  if (typeof key !== 'string') return undefined;
  const name = NAMES.get(key.length);
  return name !== undefined && (key === name || key.toLowerCase() === name) ? name : undefined;
}

/** How headers of one kind are written. */
interface Writer {
  set(name: string, value: string): void;
  remove(name: string): void;
}

function writerOf(headers: object): Writer | null {
  if (types.isMap(headers)) return mapWriter(headers);
  if ('setHeader' in headers) {
    const request = headers as {
      setHeader(name: string, value: string): void;
      removeHeader(name: string): void;
    };
    return {
      set: (name, value) => request.setHeader(name, value),
      remove: (name) => request.removeHeader(name),
    };
  }
  if ('set' in headers && typeof headers.set === 'function') {
    const own = headers as { set(name: string, value: string): void; delete?(name: string): void };
    return { set: (name, value) => own.set(name, value), remove: (name) => own.delete?.(name) };
  }
  return Array.isArray(headers) ? null : objectWriter(headers as Record<string, unknown>);
}

function mapWriter(headers: Map<unknown, unknown>): Writer {
  const remove = (name: string): void => {
    for (const key of [...headers.keys()]) if (nameOf(key) === name) headers.delete(key);
  };
  return {
    set: (name, value) => {
      remove(name);
      headers.set(name, value);
    },
    remove,
  };
}

function objectWriter(headers: Record<string, unknown>): Writer {
  const remove = (name: string): void => {
    for (const key of Object.keys(headers)) {
      if (nameOf(key) === name) Reflect.deleteProperty(headers, key);
    }
  };
  return {
    set: (name, value) => {
      remove(name);
      headers[name] = value;
    },
    remove,
  };
}
