/** Requests made with `fetch`, or with undici: observed, and told where they come from. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { GATE } from '../generated/layout';
import { told } from '../trace/context/carrier';
import { parseAuthority } from './authority';
import { ClientCall, type ClientParts, pathOf } from './client-call';
import { guard } from './guard';

const CREATED = 'undici:request:create';
const ANSWERED = 'undici:request:headers';
const COMPLETED = 'undici:request:trailers';
const FAILED = 'undici:request:error';

/** What of a request undici promises. */
interface UndiciRequest {
  readonly origin?: string | URL;
  readonly method: string;
  readonly path: string;
  readonly upgrade?: unknown;
  /** Names and values in turn. */
  readonly headers: unknown;
  addHeader(name: string, value: string): void;
  [key: symbol]: ClientCall | undefined;
}

interface Message {
  readonly request: UndiciRequest;
  readonly response?: { readonly statusCode: number };
  readonly error?: unknown;
}

/** Observes them; answers how to stop. */
export function observeUndici(parts: ClientParts): () => void {
  const { key, propagation } = parts;
  const { gate } = parts.source;
  const onCreate = ({ request }: Message): void => {
    // A connection that is handed over does not end as a request does: no channel would say when.
    if (!(gate[GATE]! > 0) || request.method === 'CONNECT' || Boolean(request.upgrade)) return;
    const { protocol, host } = new URL(String(request.origin));
    const scheme = protocol.replace(':', '');
    const { method, path } = request;
    const outgoing = {
      ...{ method, scheme, path: pathOf(path) },
      authority: parseAuthority(host, scheme),
    };
    const headers = pairsOf(request.headers);
    const call = new ClientCall(parts, outgoing, parts.parentOf(headers));
    request[key] = call;
    const { traceparent, tracestate, baggage } = told(call.span);
    if (propagation.traceContext) {
      put(request, 'traceparent', traceparent);
      put(request, 'tracestate', tracestate);
    }
    if (propagation.baggage) put(request, 'baggage', baggage);
  };
  const onAnswer = ({ request, response }: Message): void => {
    const call = request[key];
    if (call !== undefined && response !== undefined) call.status = response.statusCode;
  };
  const onComplete = ({ request }: Message): void => request[key]?.end();
  const onError = ({ request, error }: Message): void => {
    request[key]?.fail(error);
    request[key]?.end();
  };

  const subscribers = [
    [CREATED, onCreate],
    [ANSWERED, onAnswer],
    [COMPLETED, onComplete],
    [FAILED, onError],
  ].map(([name, heard]) => {
    const hear = heard as (message: Message) => void;
    return [name as string, (message: unknown) => guard(() => hear(message as Message))] as const;
  });
  for (const [name, subscriber] of subscribers) subscribe(name, subscriber);
  return () => {
    for (const [name, subscriber] of subscribers) unsubscribe(name, subscriber);
  };
}

/** Headers that are names and values in turn, as a Map. */
function pairsOf(headers: unknown): Map<unknown, unknown> {
  const pairs = new Map<unknown, unknown>();
  if (!Array.isArray(headers)) return pairs;
  for (let at = 0; at + 1 < headers.length; at += 2) pairs.set(headers[at], headers[at + 1]);
  return pairs;
}

/** Sets a header: in the place of the program's, so that it is not there twice. */
function put(request: UndiciRequest, name: string, value: string): void {
  if (value === '') return;
  const headers: unknown = request.headers;
  const known = Array.isArray(headers) ? (headers as unknown[]) : [];
  const at = known.findIndex(
    (text, index) => index % 2 === 0 && typeof text === 'string' && text.toLowerCase() === name,
  );
  if (at === -1) request.addHeader(name, value);
  else known[at + 1] = value;
}
