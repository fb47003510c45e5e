/**
 * The inspection server: `node:http` on a TCP port, a Unix socket, or both, on the event loop of the
 * thread that opened the meter. It answers when that loop is free. Nothing of it keeps the process
 * alive.
 */
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Inspection, ResolvedInspection } from '../../backend/backend';
import type { OwnMetrics } from '../own';
import type { WarningList } from '../warning_list';
import { HEADERS, rawRefusal, refuse } from './answers';
import { Crowd } from './crowd';
import { LIMITS } from './limits';
import { ListenError, listenOnPort, listenOnSocket } from './listen';
import { problemOfHead, problemOf } from './requests';
import { type Inspected, Routes } from './routes';

/** One server of one meter. */
export class InspectionServer {
  /** Called with where the server answers, when that changes. */
  onChange: (where: Inspection) => void = () => undefined;
  readonly #options: ResolvedInspection;
  readonly #stateDir: string | null;
  readonly #own: OwnMetrics;
  readonly #warnings: WarningList;
  readonly #routes: Routes;
  readonly #crowd: Crowd;
  readonly #servers: Server[] = [];
  #where: Inspection = { url: null, port: null, socketPath: null };

  constructor(
    meter: Inspected,
    options: ResolvedInspection,
    stateDir: string | null,
    own: OwnMetrics,
    warnings: WarningList,
  ) {
    this.#options = options;
    this.#stateDir = stateDir;
    this.#own = own;
    this.#warnings = warnings;
    this.#routes = new Routes(meter, options.token, own, warnings);
    this.#crowd = new Crowd(() => {
      own.add('nanometer.connections.refused');
    });
  }

  /** Binds port and socket. What cannot be bound is warned of, and the rest serves. */
  start(): void {
    const { host, port, socket } = this.#options;
    if (port !== null) this.#listenOnPort(host, port);
    if (socket && this.#stateDir !== null) this.#listenOnSocket(this.#stateDir);
    this.onChange(this.#where);
  }

  /** Stops listening, which removes the socket's file, and closes all connections. */
  async close(): Promise<void> {
    const closed = this.#servers.map(
      (server) =>
        new Promise((resolve) => (server.listening ? server.close(resolve) : resolve(null))),
    );
    this.#crowd.closeAll();
    await Promise.all(closed);
  }

  #listenOnPort(host: string, wanted: number): void {
    const failed = (error: NodeJS.ErrnoException): void => {
      this.#move({ url: null, port: null });
      this.#warnings.give(portWarning(host, wanted, error));
    };
    const server = this.#makeServer(false, failed);
    server.once('listening', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) this.#atPort(host, address.port);
    });
    try {
      const port = listenOnPort(server, host, wanted);
      if (port !== null) this.#atPort(host, port);
    } catch (error) {
      this.#warnings.add(portWarning(host, wanted, error as NodeJS.ErrnoException));
    }
  }

  #atPort(host: string, port: number): void {
    const name = host.includes(':') ? `[${host}]` : host;
    this.#move({ url: `http://${name}:${port}`, port });
  }

  #listenOnSocket(stateDir: string): void {
    const failed = (error: Error): void => {
      this.#move({ socketPath: null });
      this.#warnings.give(socketWarning(error));
    };
    try {
      this.#move({ socketPath: listenOnSocket(this.#makeServer(true, failed), stateDir) });
    } catch (error) {
      this.#warnings.add(socketWarning(error as Error));
    }
  }

  #move(change: Partial<Inspection>): void {
    this.#where = { ...this.#where, ...change };
    this.onChange(this.#where);
  }

  #makeServer(isPrivate: boolean, failed: (error: Error) => void): Server {
    const server = http.createServer({
      maxHeaderSize: LIMITS.headBytes,
      headersTimeout: LIMITS.waitingMs,
      requestTimeout: LIMITS.waitingMs,
      keepAliveTimeout: LIMITS.waitingMs,
      connectionsCheckingInterval: LIMITS.checkingMs,
    });
    // Counted here, and refused with 431: Node would drop those past its own limit.
    server.maxHeadersCount = 0;
    server.timeout = 0;
    server.on('connection', (socket) => {
      this.#crowd.admit(socket);
    });
    server.on('request', (request, response) => {
      this.#handle(request, response, isPrivate);
    });
    server.on('clientError', reject);
    server.on('error', failed);
    server.unref();
    this.#servers.push(server);
    return server;
  }

  #handle(request: IncomingMessage, response: ServerResponse, isPrivate: boolean): void {
    const { socket } = request;
    // It has been turned away already.
    if (!socket.writable) return;
    this.#crowd.setBusy(socket, true);
    const deadline = setTimeout(() => socket.destroy(), LIMITS.answeringMs).unref();
    response.once('close', () => {
      clearTimeout(deadline);
      this.#crowd.setBusy(socket, false);
    });
    // A client that goes away in the middle is no error of ours.
    response.on('error', () => undefined);
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const problem = problemOfHead(request);
    if (problem !== null) {
      response.setHeader('Connection', 'close');
      refuse(response, problem);
      return;
    }
    this.#routes.answer(request, response, isPrivate).catch((error: unknown) => {
      this.#own.add('nanometer.panics');
      this.#warnings.give({
        code: 'NANOMETER_PANIC',
        message: `the inspection server failed to answer, a defect of nanometer: ${String(error)}`,
      });
      if (response.headersSent) socket.destroy();
      else refuse(response, 'INTERNAL');
    });
  }
}

/** Answers what is no request. */
function reject(error: Error, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(rawRefusal(problemOf(error)), () => {
    socket.destroySoon();
  });
}

function portWarning(
  host: string,
  port: number,
  error: NodeJS.ErrnoException,
): { code: string; message: string } {
  if (error.code === 'EADDRINUSE') {
    return {
      code: 'NANOMETER_PORT_IN_USE',
      message:
        `the inspection server has no TCP port: ${host}:${port} is in use; recording goes on ` +
        '(set the option inspection.port, 0 picks a free one)',
    };
  }
  return {
    code: 'NANOMETER_LISTEN',
    message:
      `the inspection server cannot listen on ${host}:${port}: ${error.message}; recording goes on ` +
      '(set the options inspection.host and inspection.port)',
  };
}

function socketWarning(error: Error): { code: string; message: string } {
  const code = error instanceof ListenError ? error.code : 'NANOMETER_LISTEN';
  return {
    code,
    message:
      `the inspection server has no Unix socket: ${error.message}; recording goes on ` +
      '(set the option stateDir, or inspection.socket: false)',
  };
}
