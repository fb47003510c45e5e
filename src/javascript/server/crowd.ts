/** Open connections: who may come in, and who has to make room. */
import { performance } from 'node:perf_hooks';
import type { Socket } from 'node:net';
import { LIMITS } from './limits';

interface Member {
  readonly since: number;
  isBusy: boolean;
}

/** The connections of one server, by age. */
export class Crowd {
  readonly #members = new Map<Socket, Member>();
  readonly #turnedAway = new WeakSet<Socket>();
  readonly #onRefused: () => void;

  /** @param onRefused - called for each connection that is turned away, or closed to make room */
  constructor(onRefused: () => void) {
    this.#onRefused = onRefused;
  }

  /** Lets a new connection in, or closes it. */
  admit(socket: Socket): void {
    // Nothing here keeps the process alive.
    socket.unref();
    const isCrowded = this.#members.size >= LIMITS.connections;
    if (isCrowded) {
      this.#onRefused();
      if (this.#members.size >= LIMITS.connections + LIMITS.porch) {
        socket.destroy();
        return;
      }
      const waiting = this.#oldestWaiting();
      if (waiting === null) this.#turnedAway.add(socket);
      else this.#close(waiting);
    }
    this.#members.set(socket, { since: performance.now(), isBusy: false });
    socket.once('close', () => {
      this.#members.delete(socket);
    });
  }

  /** Whether a connection was let in only to be told that there are too many. */
  isTurnedAway(socket: Socket): boolean {
    return this.#turnedAway.has(socket);
  }

  /** Says whether a connection is being answered: nobody is closed in the middle of an answer. */
  setBusy(socket: Socket, isBusy: boolean): void {
    const member = this.#members.get(socket);
    if (member !== undefined) member.isBusy = isBusy;
  }

  /** Closes all. */
  closeAll(): void {
    for (const socket of [...this.#members.keys()]) this.#close(socket);
  }

  #close(socket: Socket): void {
    this.#members.delete(socket);
    socket.destroy();
  }

  /**
   * The oldest connection that sends its request slowly, or sends nothing. One that has just come
   * is left alone: what it has sent may not have been read yet.
   */
  #oldestWaiting(): Socket | null {
    const settled = performance.now() - LIMITS.settlingMs;
    for (const [socket, { since, isBusy }] of this.#members) {
      if (!isBusy && (socket.bytesRead > 0 || since < settled)) return socket;
    }
    return null;
  }
}
