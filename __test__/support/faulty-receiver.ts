/**
 * Receivers of OTLP that do what none should: bytes written by hand to HTTP/1.1, and streams of HTTP/2
 * that end in ways that no library would end them.
 */
import { once } from 'node:events';
import { createServer as createHttp2, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A request of HTTP/1.1, read to its end. */
export interface RawRequest {
  readonly path: string;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** When it was whole, of `performance.now()`. */
  readonly atMs: number;
}

/** What is done about a request: whatever can be done with its connection. */
export type Play = (socket: Socket, request: RawRequest) => unknown;

const closers: (() => void)[] = [];

afterAll(() => {
  for (const close of closers) close();
});

/** One over HTTP/1.1. */
export class FaultyReceiver {
  /** What was asked so far, oldest first. */
  readonly requests: RawRequest[] = [];
  readonly #sockets = new Set<Socket>();

  private constructor(
    readonly server: Server,
    /** What is done about the requests to come, in their order; the last about all after it. */
    public plays: readonly Play[],
  ) {
    server.on('connection', (socket) => this.#serve(socket));
    closers.push(() => this.close());
  }

  /** Starts it, with what it is to do. */
  static async start(...plays: Play[]): Promise<FaultyReceiver> {
    const server = createServer();
    const receiver = new FaultyReceiver(server, plays);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  /** Where it listens. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Does these from now on. */
  play(...plays: Play[]): void {
    this.plays = plays;
    this.requests.length = 0;
  }

  close(): void {
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // A client that hangs up is judged by what it does next.
    socket.on('error', () => undefined);
    let received = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const request = parsed(received);
      if (request === undefined) return;
      received = Buffer.alloc(0);
      const play = this.plays[Math.min(this.requests.length, this.plays.length - 1)];
      this.requests.push(request);
      play?.(socket, request);
    });
  }
}

/** The request, where it is whole. One comes after the other: none is sent before an answer. */
function parsed(bytes: Buffer): RawRequest | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = bytes.subarray(end + 4);
  if (body.length < Number(headers['content-length'] ?? 0)) return undefined;
  return { path: first.split(' ')[1] ?? '', headers, body, atMs: performance.now() };
}

/** Writes an answer: a status, headers as they are given, and a body. */
export function answer(
  status: number | string,
  headers: Readonly<Record<string, string | number>> = {},
  body: Buffer | string = '',
): Play {
  const all = { 'content-length': Buffer.byteLength(body), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return (socket) => {
    socket.write(`HTTP/1.1 ${status} Said\r\n${lines.join('')}\r\n`);
    socket.write(body);
  };
}

/** A success without a word. */
export const OK = answer(200, { 'content-type': 'application/x-protobuf' });

/** Does that so many milliseconds later. */
export function later(ms: number, play: Play): Play {
  return (socket, request) => {
    setTimeout(() => play(socket, request), ms);
  };
}

/** What is done about a stream of HTTP/2. */
export type StreamPlay = (stream: ServerHttp2Stream) => unknown;

/** One over HTTP/2, in the clear. */
export class FaultyStreams {
  /** The bodies of the requests so far. */
  readonly requests: Buffer[] = [];

  private constructor(
    readonly server: Http2Server,
    /** What is done about the streams to come, in their order; the last about all after it. */
    readonly plays: readonly StreamPlay[],
  ) {
    server.on('stream', (stream) => {
      const chunks: Buffer[] = [];
      stream.on('error', () => undefined);
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const play = this.plays[Math.min(this.requests.length, this.plays.length - 1)];
        this.requests.push(Buffer.concat(chunks));
        play?.(stream);
      });
    });
    server.on('session', (session) => {
      session.on('error', () => undefined);
      closers.push(() => session.destroy());
    });
    closers.push(() => server.close());
  }

  /** Starts it, with what it is to do. */
  static async start(...plays: StreamPlay[]): Promise<FaultyStreams> {
    const server = createHttp2();
    const receiver = new FaultyStreams(server, plays);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  /** Where it listens. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
}

const GRPC = { ':status': 200, 'content-type': 'application/grpc' };
/** An empty message: no compression, no bytes. */
const EMPTY_MESSAGE = Buffer.alloc(5);

/** Answers a message, by default an empty one, and a status in the trailers; `null`: no trailers. */
export function grpcAnswer(
  status: number | null,
  message: Buffer = EMPTY_MESSAGE,
  headers: Readonly<Record<string, string | number>> = {},
): StreamPlay {
  return (stream) => {
    stream.respond({ ...GRPC, ...headers }, { waitForTrailers: status !== null });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status) }));
    stream.end(message);
  };
}
