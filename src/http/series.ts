/**
 * The series that a request is counted in, looked up once for each kind of request: what is there for
 * a method and a route, and below that, for how it was answered.
 */
import type { OpenFamily } from '../meter/family';
import type { Histogram } from '../handles/histogram';
import type { TracerSource } from '../trace/source';
import { KNOWN_METHODS, OTHER_METHOD, spanName } from './methods';

// A route that is no template has no end of values: past so many of a method, they are looked up
// each time.
const MOST_REMEMBERED = 1_000;
const NO_KEY = -1;

/** The labels of `http.server.request.duration`: OpenTelemetry's attributes of that name. */
export const SERVER_LABELS = [
  'http.request.method',
  'url.scheme',
  'network.protocol.version',
  'http.route',
  'http.response.status_code',
  'error.type',
] as const;

/** The family of those. */
export type ServerDurations = OpenFamily<
  Histogram,
  Readonly<Record<(typeof SERVER_LABELS)[number], string>>
>;

/** What the error is called of a request whose connection went before it was answered. */
export const ABORTED = 'aborted';

/** How a request was answered. */
export interface Answer {
  /** 0 where it was not. */
  readonly status: number;
  readonly isAborted: boolean;
  readonly isSecure: boolean;
  /** Of HTTP: `1.1`. */
  readonly version: string;
}

/** What the error of an answer is called; `''` where it is none. */
export function errorTypeOf({ status, isAborted }: Answer): string {
  if (isAborted) return ABORTED;
  return status >= 500 ? String(status) : '';
}

/** Requests of one method and route. */
export class RouteSeries {
  /** The name of their spans, and its number. */
  readonly name: string;
  readonly nameText: number;
  readonly #durations: ServerDurations;
  readonly #method: string;
  readonly #route: string;
  readonly #byAnswer = new Map<number, Histogram>();
  // Of the answer before, which nearly always is as this one.
  #lastKey = NO_KEY;
  #last: Histogram | null = null;

  constructor(durations: ServerDurations, source: TracerSource, method: string, route: string) {
    this.name = spanName(method, route);
    this.nameText = source.nameOf(this.name);
    this.#durations = durations;
    this.#method = method;
    this.#route = route;
  }

  /** Where the duration of a request is recorded that was answered like that. */
  duration(answer: Answer): Histogram {
    const key =
      answer.status * 16 +
      (answer.isAborted ? 8 : 0) +
      (answer.isSecure ? 4 : 0) +
      (answer.version === '1.1' ? 0 : answer.version === '1.0' ? 1 : 2);
    if (key === this.#lastKey) return this.#last!;
    let found = this.#byAnswer.get(key);
    if (found === undefined) {
      found = this.#durations.with({
        'http.request.method': this.#method,
        'url.scheme': answer.isSecure ? 'https' : 'http',
        'network.protocol.version': answer.version,
        'http.route': this.#route,
        'http.response.status_code': answer.status === 0 ? '' : String(answer.status),
        'error.type': errorTypeOf(answer),
      });
      this.#byAnswer.set(key, found);
    }
    this.#lastKey = key;
    this.#last = found;
    return found;
  }
}

/** Requests of one method. */
export class MethodSeries {
  /** As it is counted. */
  readonly method: string;
  /** Those without a route. */
  readonly routeless: RouteSeries;
  readonly #durations: ServerDurations;
  readonly #source: TracerSource;
  readonly #routes = new Map<string, RouteSeries>();

  constructor(durations: ServerDurations, source: TracerSource, method: string) {
    this.method = method;
    this.routeless = new RouteSeries(durations, source, method, '');
    this.#durations = durations;
    this.#source = source;
  }

  /** Those of a route; `''` where there is none. */
  of(route: string): RouteSeries {
    if (route === '') return this.routeless;
    let found = this.#routes.get(route);
    if (found === undefined) {
      found = new RouteSeries(this.#durations, this.#source, this.method, route);
      if (this.#routes.size < MOST_REMEMBERED) this.#routes.set(route, found);
    }
    return found;
  }
}

/** All of them, by the methods that requests say. */
export class ServerSeries {
  readonly #methods = new Map<string | undefined, MethodSeries>();
  readonly #other: MethodSeries;
  #lastMethod: string | undefined = OTHER_METHOD;
  #last: MethodSeries;

  constructor(durations: ServerDurations, source: TracerSource) {
    this.#other = new MethodSeries(durations, source, OTHER_METHOD);
    this.#last = this.#other;
    for (const method of KNOWN_METHODS) {
      this.#methods.set(method, new MethodSeries(durations, source, method));
    }
  }

  /** Those of a method. */
  of(method: string | undefined): MethodSeries {
    if (method !== this.#lastMethod) {
      this.#lastMethod = method;
      this.#last = this.#methods.get(method) ?? this.#other;
    }
    return this.#last;
  }
}
