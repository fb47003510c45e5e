/**
 * Iterators, watched: who asks for a value, and when it comes. What is asked for and what comes are
 * passed on as they are; promises are the same promises.
 */
import { types } from 'node:util';
import type { Watch } from './watch';

/** Told of what happens to an iterator. */
export interface PullListener {
  /** A value is asked for. */
  asked(): void;
  /** A value has come. */
  gave(): void;
  /** The end has come. */
  ended(): void;
  /** Asking for a value has failed. */
  failed(error: unknown): void;
  /** No more is wanted. */
  stopped(): void;
}

type Next = (...args: readonly unknown[]) => unknown;

interface Iterated {
  readonly next: Next;
  readonly return?: Next;
  readonly throw?: Next;
}

// Whatever the program does to promises later.
// eslint-disable-next-line @typescript-eslint/unbound-method -- applied to promises only
const then = Promise.prototype.then;

/** An iterator that passes everything on. */
export class WatchedIterator {
  readonly #inner: Iterated;
  readonly #next: Next;
  readonly #watch: Watch;
  readonly #listener: PullListener;
  readonly #settled = (result: unknown): void => {
    this.#came(result);
  };
  readonly #gave = (): void => {
    if (this.#watch.isLive()) this.#listener.gave();
  };
  readonly #rejected = (error: unknown): void => {
    this.#listener.failed(error);
  };

  constructor(inner: object, watch: Watch, listener: PullListener) {
    this.#inner = inner as Iterated;
    this.#next = this.#inner.next;
    this.#watch = watch;
    this.#listener = listener;
  }

  next(...args: readonly unknown[]): unknown {
    const isLive = this.#watch.isLive();
    if (isLive) this.#listener.asked();
    let result: unknown;
    try {
      result = Reflect.apply(this.#next, this.#inner, args);
    } catch (error) {
      this.#listener.failed(error);
      throw error;
    }
    if (isLive) return observe(result, this.#settled, this.#rejected);
    if (!types.isPromise(result)) this.#came(result);
    return result;
  }

  get return(): Next | undefined {
    return this.#forward('return');
  }

  get throw(): Next | undefined {
    return this.#forward('throw');
  }

  get [Symbol.asyncIterator](): (() => unknown) | undefined {
    return Symbol.asyncIterator in this.#inner ? () => this : undefined;
  }

  get [Symbol.iterator](): (() => unknown) | undefined {
    return Symbol.iterator in this.#inner ? () => this : undefined;
  }

  #forward(name: 'return' | 'throw'): Next | undefined {
    const method = this.#inner[name];
    if (typeof method !== 'function') return method;
    return (...args) => {
      this.#listener.stopped();
      return Reflect.apply(method, this.#inner, args);
    };
  }

  #came(result: unknown): void {
    if (typeof result !== 'object' || result === null) return;
    const { done, value } = result as { done?: unknown; value?: unknown };
    if (done) this.#listener.ended();
    else if (!types.isPromise(value)) this.#gave();
    // What an iterable of promises gives is waited for.
    else observe(value, this.#gave, this.#rejected);
  }
}

/**
 * Looks at what a call gave: at once, or when it is settled where it is a promise.
 *
 * @returns what the caller is to be given: the same promise or value, or, for another thenable,
 * one that calls its `then` as often as it is called itself
 */
export function observe(
  result: unknown,
  onValue: (value: unknown) => void,
  onError: (error: unknown) => void,
): unknown {
  if (types.isPromise(result)) {
    void Reflect.apply(then, result, [onValue, onError]);
    return result;
  }
  const method = (result as { then?: unknown } | null | undefined)?.then;
  if (typeof method !== 'function') {
    onValue(result);
    return result;
  }
  return {
    then(fulfilled: (value: unknown) => unknown, rejected: (error: unknown) => unknown): unknown {
      return Reflect.apply(method, result, [
        (value: unknown) => {
          onValue(value);
          return fulfilled(value);
        },
        (error: unknown) => {
          onError(error);
          return rejected(error);
        },
      ]) as unknown;
    },
  };
}

const SYMBOLS = [Symbol.asyncIterator, Symbol.iterator] as const;

/** An object to iterate over in place of another one: it can do that and nothing else. */
export function watchIterable(iterable: object, watch: Watch, listener: PullListener): object {
  const watched = {};
  for (const symbol of SYMBOLS) {
    const make = Reflect.get(iterable, symbol) as unknown;
    if (typeof make !== 'function') continue;
    Reflect.set(watched, symbol, () => {
      const iterator = Reflect.apply(make, iterable, []) as object;
      return new WatchedIterator(iterator, watch, listener);
    });
  }
  return watched;
}

/**
 * The same for a function, which may do whatever it wants to what it is given: everything but
 * iteration reaches the iterable itself.
 */
export function watchIterableWhole(iterable: object, watch: Watch, listener: PullListener): object {
  let own: WatchedIterator | undefined;
  const watched = (iterator: object): WatchedIterator => {
    if (iterator !== iterable) return new WatchedIterator(iterator, watch, listener);
    return (own ??= new WatchedIterator(iterator, watch, listener));
  };
  const isIterator = typeof Reflect.get(iterable, 'next') === 'function';
  const proxy: object = new Proxy(iterable, {
    get(target, key): unknown {
      const value = Reflect.get(target, key) as unknown;
      if (typeof value !== 'function' || Object.hasOwn(target, key)) return value;
      if (key === Symbol.asyncIterator || key === Symbol.iterator) {
        return () => watched(Reflect.apply(value, target, []) as object);
      }
      if (isIterator && (key === 'next' || key === 'return' || key === 'throw')) {
        const iterator = watched(target);
        return (...args: readonly unknown[]) => iterator[key]?.(...args);
      }
      if (key === 'constructor') return value;
      return function (this: unknown, ...args: unknown[]): unknown {
        return Reflect.apply(value, this === proxy ? target : this, args);
      };
    },
  });
  return proxy;
}
