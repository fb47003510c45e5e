/**
 * Which span the code that runs is part of, across callbacks and awaits: one AsyncLocalStorage a
 * meter and thread. It is made when it is first needed, since from then on Node 20 and 22 take some
 * 90 ns longer for every `await` in the thread, whoever awaits.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Element } from '../flow/element';
import type { Counter } from '../handles/counter';
import type { ActiveSerial } from './active-serial';
import { Span } from './span';

/** What code can be part of. */
export type ActiveSpan = Span | Element;

/** See the file. */
export class Active {
  readonly #refused: Counter;
  readonly #serial: ActiveSerial;
  #storage: AsyncLocalStorage<ActiveSpan | undefined> | undefined;

  /**
   * @param refused - counts what is neither a span nor an element
   * @param serial - which local trace this thread is at work on, for exemplars
   */
  constructor(refused: Counter, serial: ActiveSerial) {
    this.#refused = refused;
    this.#serial = serial;
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
    const serial = this.#serial;
    const outer = serial[0]!;
    serial[0] = 0;
    try {
      if (Span.is(span)) Span.activate(span, serial);
      else if (span !== null) Element.activate(span, serial);
      return this.#storage.run(span ?? undefined, fn);
    } finally {
      serial[0] = outer;
    }
  }

  /** Makes that active from here on, in what Node calls here and in what that awaits. */
  enter(span: ActiveSpan): void {
    this.#storage ??= new AsyncLocalStorage();
    this.#storage.enterWith(span);
  }
}
