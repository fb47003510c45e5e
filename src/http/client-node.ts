/**
 * Requests made with `node:http` and `node:https`. Where Node says that one has been created, since
 * 22.12, it is told where it comes from. On Node 20 nothing says so until its headers are sent: its
 * requests are timed there, and go out without a context unless the program writes one.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { GATE } from '../generated/layout';
import { inject } from '../trace/context/carrier';
import { parseAuthority } from './authority';
import { ClientCall, type ClientParts, pathOf } from './client-call';
import { guard } from './guard';

const CREATED = 'http.client.request.created';
const STARTED = 'http.client.request.start';
const ANSWERED = 'http.client.response.finish';
const FAILED = 'http.client.request.error';

/** What Node says of a request. */
interface Message {
  readonly request: ClientRequest;
  readonly response?: IncomingMessage;
  readonly error?: unknown;
}

type Calling = Record<symbol, ClientCall | undefined>;

/** Observes them; answers how to stop. */
export function observeNodeClient(parts: ClientParts): () => void {
  const { key } = parts;
  const { gate } = parts.source;
  const callOf = (request: ClientRequest): ClientCall | undefined =>
    (request as unknown as Calling)[key];

  const onClose = function (this: ClientRequest): void {
    guard(() => {
      const call = callOf(this);
      if (call === undefined) return;
      if (call.answer?.complete !== true) call.abort();
      call.end();
    });
  };
  const onStart = (message: unknown): void =>
    guard(() => {
      const { request } = message as Message;
      if (!(gate[GATE]! > 0) || callOf(request) !== undefined) return;
      const scheme = request.protocol.replace(':', '');
      const host = request.getHeader('host');
      const authority = parseAuthority(typeof host === 'string' ? host : request.host, scheme);
      const { method, path } = request;
      const outgoing = { method, scheme, authority, path: pathOf(path) };
      const call = new ClientCall(parts, outgoing, parts.parentOf(request.getHeaders()));
      (request as unknown as Calling)[key] = call;
      request.on('close', onClose);
      if (!request.headersSent) inject(call.span, request, parts.propagation);
    });
  const onAnswer = (message: unknown): void =>
    guard(() => {
      const { request, response } = message as Message;
      const call = callOf(request);
      if (call === undefined || response === undefined) return;
      call.status = response.statusCode ?? 0;
      call.answer = response;
    });
  const onError = (message: unknown): void =>
    guard(() => {
      const { request, error } = message as Message;
      callOf(request)?.fail(error);
    });

  const subscribers = [
    [CREATED, onStart],
    [STARTED, onStart],
    [ANSWERED, onAnswer],
    [FAILED, onError],
  ] as const;
  for (const [name, subscriber] of subscribers) subscribe(name, subscriber);
  return () => {
    for (const [name, subscriber] of subscribers) unsubscribe(name, subscriber);
  };
}
