/**
 * Which span the code that runs is part of, across callbacks and awaits: one AsyncLocalStorage a
 * meter and thread. It is made when it is first needed, since from then on Node 20 and 22 take some
 * 90 ns longer for every `await` in the thread, whoever awaits.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Element } from '../flow/element';
import type { Counter } from '../handles/counter';
import { Span } from './span';

/** What code can be part of. */
export type ActiveSpan = Span | Element;

/** See the file. */
export class Active {
  readonly #refused: Counter;
  #storage: AsyncLocalStorage<ActiveSpan | undefined> | undefined;

  /** @param refused - counts what is neither a span nor an element */
  constructor(refused: Counter) {
    this.#refused = refused;
  }

  /** What is active here; `undefined` where nothing is, or nothing ever was. */
  get current(): ActiveSpan | undefined {
    return this.#storage?.getStore();
  }

  /** Runs a function with that active, or nothing, in all that it calls and awaits. */
  run<T>(span: unknown, fn: () => T): T {
    if (span !== null && !Span.is(span) && !Element.is(span)) {
      this.#refused.inc();
      return fn();
    }
    this.#storage ??= new AsyncLocalStorage();
    return this.#storage.run(span ?? undefined, fn);
  }

  /** Makes that active from here on, in what Node calls here and in what that awaits. */
  enter(span: ActiveSpan): void {
    this.#storage ??= new AsyncLocalStorage();
    this.#storage.enterWith(span);
  }
}
