/** A request to elsewhere, from when it is made till it is over, whoever makes it. */
import type { OpenFamily } from '../meter/family';
import type { Histogram } from '../handles/histogram';
import type { Parent } from '../meter/parent';
import type { Traced } from '../trace/context/carrier';
import type { TraceContext } from '../trace/context/context';
import type { AttributeValue } from '../trace/data';
import { ACTIVATE } from '../trace/place';
import type { Propagation } from '../trace/context/propagators';
import type { TracerSource } from '../trace/source';
import type { Span } from '../trace/span';
import type { Authority } from './authority';
import { methodOf, OTHER_METHOD, spanName } from './methods';
import { ABORTED } from './series';

/** The labels of `http.client.request.duration`: OpenTelemetry's attributes of that name. */
export const CLIENT_LABELS = [
  'http.request.method',
  'server.address',
  'server.port',
  'http.response.status_code',
  'error.type',
] as const;

/** The family of those. */
export type ClientDurations = OpenFamily<
  Histogram,
  Readonly<Record<(typeof CLIENT_LABELS)[number], string>>
>;

/** What is known of a request when it is made. */
export interface Outgoing {
  readonly method: string;
  readonly scheme: string;
  readonly authority: Authority;
  readonly path: string;
}

/** What those who observe clients share, in one thread. */
export interface ClientParts {
  /** Makes a span; see `Meter.span`. */
  readonly span: (name: string, parent: Parent) => Span;
  /** What a request is part of: what its headers say, where they say something; else what is active. */
  readonly parentOf: (headers: object) => Parent;
  readonly source: TracerSource;
  /** Which headers are written. */
  readonly propagation: Propagation;
  readonly durations: ClientDurations;
  /** The property of a request that has its call. */
  readonly key: symbol;
}

/** What can be written into headers. */
export type Sender = Traced | TraceContext;

// Names of errors in the code of Node, and of classes: what else there may be is not told apart.
const ERROR_TYPE = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const LEAST_ERROR = 400;
const OTHER_ERROR = '_OTHER';

/** See the file. */
export class ClientCall {
  readonly span: Span;
  /** 0 till an answer begins. */
  status = 0;
  /** Says whether all of the answer has come. */
  answer: { readonly complete: boolean } | null = null;
  /** `''` where nothing is wrong but, perhaps, the status. */
  errorType = '';
  readonly #parts: ClientParts;
  readonly #request: Outgoing;
  readonly #method: string;
  readonly #startNs: number;
  #isOver = false;

  /** @param parent - what it is part of */
  constructor(parts: ClientParts, request: Outgoing, parent: Parent) {
    this.#parts = parts;
    this.#request = request;
    this.#method = methodOf(request.method);
    this.span = parts.span(spanName(this.#method, ''), parent);
    const { clock } = parts.source;
    clock.tick();
    this.#startNs = clock.cell[0]!;
  }

  /** It went wrong with that error. */
  fail(error: unknown): void {
    this.errorType = errorTypeOf(error);
  }

  /** It went wrong since somebody gave it up. */
  abort(): void {
    if (this.errorType === '') this.errorType = ABORTED;
  }

  /** It is over; what comes after that is not heard. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { durations, source } = this.#parts;
    const { active, clock } = source;
    const { authority } = this.#request;
    if (this.errorType === '' && this.status >= LEAST_ERROR) this.errorType = String(this.status);
    const duration = durations.with({
      'http.request.method': this.#method,
      'server.address': authority.address,
      'server.port': String(authority.port),
      'http.response.status_code': this.status === 0 ? '' : String(this.status),
      'error.type': this.errorType,
    });
    const outer = active[0]!;
    // The exemplar of its duration is its own trace.
    this.span[ACTIVATE](active);
    clock.tick();
    duration.record(Math.max(0, clock.cell[0]! - this.#startNs));
    active[0] = outer;
    if (!this.span.isRecording) return;
    this.#tell();
    this.span.end();
  }

  #tell(): void {
    const { method, scheme, authority, path } = this.#request;
    const said: Record<string, AttributeValue> = {
      'http.request.method': this.#method,
      'server.address': authority.address,
      'server.port': authority.port,
      'url.scheme': scheme,
      'url.path': path,
    };
    if (this.#method === OTHER_METHOD) said['http.request.method_original'] = method;
    if (this.status !== 0) said['http.response.status_code'] = this.status;
    if (this.errorType !== '') {
      said['error.type'] = this.errorType;
      this.span.setStatus('error');
    }
    this.span.setAttributes(said);
  }
}

/** The path of what a request asks for, without what is asked. */
export function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

/** What an error is called: its code, or its class. */
function errorTypeOf(error: unknown): string {
  try {
    const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
    const type = typeof code === 'string' ? code : name;
    return typeof type === 'string' && ERROR_TYPE.test(type) ? type : OTHER_ERROR;
  } catch {
    return OTHER_ERROR;
  }
}
