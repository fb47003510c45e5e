/** How a request is answered: plain text, JSON, errors, streams. */
import { once } from 'node:events';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import { createGzip } from 'node:zlib';

/** What a request can be told is wrong, by code: its status, and what to say. */
export const PROBLEMS = {
  BAD_REQUEST: [400, 'this is no request that can be understood'],
  UNAUTHORIZED: [401, 'this server wants the header "Authorization: Bearer <token>"'],
  FORBIDDEN: [
    403,
    'setting anything over TCP needs the option inspection.token; the Unix socket needs none',
  ],
  NOT_FOUND: [404, 'there is nothing here; GET / lists what there is'],
  METHOD_NOT_ALLOWED: [
    405,
    'this method is not accepted here; the header Allow lists those that are',
  ],
  NOT_TRACING: [409, 'this service was opened with tracing: false'],
  REQUEST_TIMEOUT: [408, 'the request took too long to arrive'],
  BODY_TOO_LARGE: [413, 'the body is too large'],
  URI_TOO_LONG: [414, 'the target of the request is too long'],
  HEADERS_TOO_LARGE: [431, 'the headers are too large, or too many'],
  INTERNAL: [500, 'this request met a defect of nanometer'],
  BUSY: [503, 'too much is being answered already; try again'],
} as const satisfies Record<string, readonly [number, string]>;

/** What is wrong with a request. */
export type Problem = keyof typeof PROBLEMS;

/** Ends the answering of a request: something is wrong with it. */
export class Refusal extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, message: string = PROBLEMS[problem][1]) {
    super(message);
    this.problem = problem;
  }
}

/** The JSON of an error. */
export function problemJson(problem: Problem, message: string = PROBLEMS[problem][1]): string {
  return JSON.stringify({ error: { code: problem, message } });
}

/** Answers that something is wrong. */
export function refuse(response: ServerResponse, problem: Problem, message?: string): void {
  const [status] = PROBLEMS[problem];
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="nanometer"');
  if (status === 503) response.setHeader('Retry-After', '1');
  send(response, status, 'application/json', problemJson(problem, message));
}

/** A whole answer that something is wrong, for a connection without a request. */
export function rawRefusal(problem: Problem): string {
  const [status] = PROBLEMS[problem];
  const body = problemJson(problem);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** What every answer says of itself: it is of this moment, and what its type says. */
export const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
} as const;

/** Answers with a value that is all there. */
export function sendJson(response: ServerResponse, value: unknown): void {
  send(response, 200, 'application/json', JSON.stringify(value));
}

/** Answers with a text that is all there. */
export function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  text: string,
): void {
  const body = Buffer.from(text);
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': body.length });
  response.end(body);
}

/**
 * Answers with chunks as they are made, one a turn of the event loop at most, and as fast as the
 * client reads them.
 *
 * @returns bytes of the body as sent; `null` where the client went away
 */
export async function stream(
  response: ServerResponse,
  chunks: Iterable<string>,
  gzip: boolean,
): Promise<number | null> {
  const gone = once(response, 'close').then(() => null);
  let bytes = 0;
  const compressor = gzip ? createGzip() : null;
  compressor?.on('data', (chunk: Buffer) => (bytes += chunk.length));
  compressor?.pipe(response);
  const sink = compressor ?? response;
  for (const chunk of chunks) {
    if (response.destroyed) break;
    const body = Buffer.from(chunk);
    if (compressor === null) bytes += body.length;
    if (!sink.write(body)) await Promise.race([once(sink, 'drain'), gone]);
    else await new Promise((resolve) => setImmediate(resolve));
  }
  if (response.destroyed) {
    compressor?.destroy();
    return null;
  }
  const finished = once(response, 'finish').then(() => bytes);
  sink.end();
  return Promise.race([finished, gone]);
}
