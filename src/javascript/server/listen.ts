/**
 * Binds servers so that it is known at once where they listen: `open()` returns with a port.
 *
 * `server.listen({ host, port })` looks the host up and binds in a later turn of the event loop.
 * A `net.BoundSocket` (Node 26) binds in its constructor; earlier versions have `_listen2`, what
 * `listen` itself calls after the lookup. Where there is neither, the port is bound a turn later and
 * not known before.
 */
import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import net, { type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { addressOf, isListening } from './ask';

const BACKLOG = 511;
// sun_path of Linux has 108 bytes with its end; longer paths are cut short by some systems.
const LONGEST_SOCKET_PATH = 107;
const SOCKET_NAME = 'nanometer.sock';

/** Why a socket was not bound. */
export class ListenError extends Error {
  /** The code of the warning. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type BoundSocketConstructor = new (options: { host: string; port: number }) => object;
interface EarlierServer {
  readonly _listen2?: (
    this: Server,
    address: string,
    port: number,
    family: 4 | 6,
    backlog: number,
    fd?: number,
    flags?: number,
  ) => void;
}

/**
 * Binds a server to a port of a host, 0 for any.
 *
 * @returns the port; `null` where it is not known yet. What fails later is an `error` event.
 * @throws Error where it is known at once that it cannot be bound
 */
export function listenOnPort(server: Server, host: string, port: number): number | null {
  const address = host === 'localhost' ? '127.0.0.1' : net.isIP(host) ? host : addressOf(host);
  if (address === null) throw new Error(`the host ${host} has no address`);
  const { BoundSocket } = net as typeof net & { BoundSocket?: BoundSocketConstructor };
  const { _listen2: listenNow } = server as unknown as EarlierServer;
  if (BoundSocket !== undefined) {
    server.listen(new BoundSocket({ host: address, port }));
  } else if (typeof listenNow === 'function') {
    listenNow.call(server, address, port, net.isIPv6(address) ? 6 : 4, BACKLOG, undefined, 0);
  } else {
    server.listen({ host: address, port, exclusive: true });
  }
  return (server.address() as AddressInfo | null)?.port ?? null;
}

/**
 * Binds a server to the Unix socket of a state directory, for its user only. A socket that nobody
 * listens on is replaced; anything else in its place is left alone.
 *
 * @returns the path
 * @throws Error where it cannot be bound
 */
export function listenOnSocket(server: Server, stateDir: string): string {
  const socketPath = path.join(path.resolve(stateDir), SOCKET_NAME);
  const bytes = Buffer.byteLength(socketPath);
  if (bytes > LONGEST_SOCKET_PATH) {
    throw new ListenError(
      'NANOMETER_SOCKET_PATH',
      `${socketPath}: the path has ${bytes} bytes, at most ${LONGEST_SOCKET_PATH} fit`,
    );
  }
  prepareDirectory(path.dirname(socketPath));
  clearPlace(socketPath);
  server.listen({ path: socketPath, exclusive: true });
  if (server.address() === null) throw inUse(socketPath);
  chmodSync(socketPath, 0o600);
  return socketPath;
}

/** Makes the directory where it is missing, and refuses one that others can write. */
function prepareDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const stat = lstatSync(directory);
  if (!stat.isDirectory()) {
    throw new Error(`${directory}: the state directory must be a directory, not a link or a file`);
  }
  const user = process.geteuid?.();
  if (user !== undefined && stat.uid !== user) {
    throw new Error(`${directory}: the state directory belongs to user ${stat.uid}`);
  }
  if ((stat.mode & 0o022) !== 0) {
    const mode = (stat.mode & 0o777).toString(8);
    throw new Error(
      `${directory}: others can write the state directory (mode ${mode}); 700 is right`,
    );
  }
}

function clearPlace(socketPath: string): void {
  const stat = lstatSync(socketPath, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket()) {
    throw new ListenError(
      'NANOMETER_SOCKET_BLOCKED',
      `${socketPath}: something that is not a socket is there, and is left alone`,
    );
  }
  if (isListening(socketPath)) throw inUse(socketPath);
  unlinkSync(socketPath);
}

function inUse(socketPath: string): ListenError {
  return new ListenError('NANOMETER_SOCKET_IN_USE', `${socketPath}: another server answers there`);
}
