/** Open connections: who may come in, and who has to make room. */
import { performance } from 'node:perf_hooks';
import type { Socket } from 'node:net';
import { rawRefusal } from './answers';
import { LIMITS } from './limits';

interface Member {
  readonly since: number;
  isBusy: boolean;
}

/** The connections of one server, by age. */
export class Crowd {
  readonly #members = new Map<Socket, Member>();
  readonly #leaving = new Set<Socket>();
  readonly #onRefused: () => void;

  /** @param onRefused - called for each connection that is turned away, or closed to make room */
  constructor(onRefused: () => void) {
    this.#onRefused = onRefused;
  }

  /**
   * Lets a new connection in. Where there are too many, the oldest that is not being answered has
   * to go; where all are, the new one. It is told 503 without being asked what it wants.
   */
  admit(socket: Socket): void {
    // Nothing here keeps the process alive.
    socket.unref();
    if (this.#members.size >= LIMITS.connections) {
      this.#onRefused();
      const waiting = this.#oldestWaiting();
      this.#turnAway(waiting ?? socket);
      if (waiting === null) return;
    }
    this.#members.set(socket, { since: performance.now(), isBusy: false });
    socket.once('close', () => {
      this.#members.delete(socket);
    });
  }

  /** Says whether a connection is being answered: nobody is closed in the middle of an answer. */
  setBusy(socket: Socket, isBusy: boolean): void {
    const member = this.#members.get(socket);
    if (member !== undefined) member.isBusy = isBusy;
  }

  /** Closes all. */
  closeAll(): void {
    for (const socket of [...this.#members.keys(), ...this.#leaving]) socket.destroy();
  }

  /** Tells a connection that there are too many, and gives it a moment to hear it. */
  #turnAway(socket: Socket): void {
    this.#members.delete(socket);
    socket.on('error', () => undefined);
    if (this.#leaving.size >= LIMITS.leaving) {
      socket.destroy();
      return;
    }
    this.#leaving.add(socket);
    const timer = setTimeout(() => socket.destroy(), LIMITS.leavingMs).unref();
    socket.once('close', () => {
      clearTimeout(timer);
      this.#leaving.delete(socket);
    });
    socket.end(rawRefusal('BUSY'));
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
