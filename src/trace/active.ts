/**
 * Which span the code that runs is part of, across callbacks and awaits: one AsyncLocalStorage a
 * meter and thread. It is made when it is first needed, since from then on Node 20 and 22 take some
 * 160 ns longer for every `await` of an async function in the thread, whoever awaits.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ActiveSerial } from '../handles/active-serial';
import type { Counter } from '../handles/counter';
import { ACTIVATE, type ActivePlace } from './place';

/** See the file. `P` is what code can be part of. */
export class Active<P extends ActivePlace> {
  readonly #refused: Counter;
  readonly #serial: ActiveSerial;
  #storage: AsyncLocalStorage<P | undefined> | undefined;

  /**
   * @param refused - counts what code cannot be part of
   * @param serial - which local trace this thread is at work on, for exemplars
   */
  constructor(refused: Counter, serial: ActiveSerial) {
    this.#refused = refused;
    this.#serial = serial;
  }

  /** What is active here; `undefined` where nothing is, or nothing ever was. */
  get current(): P | undefined {
    return this.#storage?.getStore();
  }

  /** Runs a function with that active, or nothing, in all that it calls and awaits. */
  run<T>(place: P | null, fn: () => T): T {
    const serial = this.#serial;
    const outer = serial[0]!;
    serial[0] = 0;
    if (place !== null && !activate(place, serial)) {
      serial[0] = outer;
      this.#refused.inc();
      return fn();
    }
    this.#storage ??= new AsyncLocalStorage();
    try {
      return this.#storage.run(place ?? undefined, fn);
    } finally {
      serial[0] = outer;
    }
  }

  /** Makes that active from here on, in what Node calls here and in what that awaits. */
  enter(place: P): void {
    this.#storage ??= new AsyncLocalStorage();
    this.#storage.enterWith(place);
  }
}

/** False where that is no place that code can be part of, whatever a program gave. */
function activate(place: Partial<ActivePlace>, serial: ActiveSerial): boolean {
  try {
    return place[ACTIVATE]?.(serial) === true;
  } catch {
    return false;
  }
}
