/**
 * Hands what is recorded one by one, events or spans, to listeners. Native threads never call into
 * JavaScript, so the memory is looked at by a timer, and only while somebody listens. The timer does
 * not keep the process alive.
 */
import { inWords } from './errors';
import { warn } from './warnings';

/** What is handed out. */
export interface Numbered {
  /** Its number, from 1. */
  readonly seq: number;
  /** What an error that it leads to calls it. */
  readonly name: string;
}

/** What is new. */
export interface Batch<T> {
  /** In the order of their numbers. */
  readonly items: readonly T[];
  /** The number to ask from the next time. */
  readonly last: number;
}

/** Where it comes from. */
export interface PollerSource<T> {
  /** What is handed out, for an error's message: `events`. */
  readonly what: string;
  /** What has numbers above that. */
  readonly read: (after: number) => Batch<T>;
}

interface Listening {
  /** It is given what comes after this number. */
  readonly after: number;
  hasFailed: boolean;
}

const INTERVAL_MS = 100;

/** The listeners of one meter to one kind of thing, in one thread. */
export class Poller<T extends Numbered> {
  readonly #source: PollerSource<T>;
  readonly #listeners = new Map<(item: T) => void, Listening>();
  #timer: NodeJS.Timeout | undefined;
  #after = 0;
  /** Where a closing meter stops: a listener may lead to something new each time that it is called. */
  #end = -1;
  #isHandingOut = false;

  constructor(source: PollerSource<T>) {
    this.#source = source;
  }

  /** Calls a listener from now on. One that listens already goes on as it does. */
  add(listener: (item: T) => void): void {
    if (this.#listeners.has(listener)) return;
    const after = this.#newest();
    if (this.#listeners.size === 0) this.#after = after;
    this.#listeners.set(listener, { after, hasFailed: false });
    this.#timer ??= setInterval(() => {
      this.poll();
    }, INTERVAL_MS).unref();
  }

  /** Calls it no more. */
  remove(listener: (item: T) => void): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Hands out what is new since the last time, up to what is read at once. */
  poll(): void {
    // A listener that closes the meter must not be handed what is later in the middle of this.
    if (this.#isHandingOut || this.#listeners.size === 0) return;
    this.#isHandingOut = true;
    do {
      const { items, last } = this.#source.read(this.#after);
      this.#after = last;
      for (const item of items) this.#handOut(item);
    } while (this.#listeners.size > 0 && this.#after < this.#end);
    this.#isHandingOut = false;
    if (this.#end >= 0) for (const listener of this.#listeners.keys()) this.remove(listener);
  }

  /** Hands out what there is, and stops. */
  close(): void {
    if (this.#listeners.size === 0) return;
    this.#end = this.#newest();
    this.poll();
  }

  #newest(): number {
    return this.#source.read(Number.MAX_SAFE_INTEGER).last;
  }

  #handOut(item: T): void {
    for (const [listener, listening] of this.#listeners) {
      if (item.seq <= listening.after) continue;
      try {
        listener(item);
      } catch (error) {
        if (!listening.hasFailed) this.#report(item, error);
        listening.hasFailed = true;
      }
    }
  }

  #report({ name }: T, error: unknown): void {
    warn({
      code: 'NANOMETER_LISTENER',
      message:
        `A listener of ${this.#source.what} threw at ${name}: ${inWords(error)}. It goes on being ` +
        'called, and this is said once.',
    });
  }
}
