/**
 * Where elements come from: what a definition names, gone through again and again, a file, or the
 * integers.
 *
 * The invariant: `take()` gives a value, {@link NO_MORE} for good, or, where `isAsync`, a promise of
 * either; bytes are counted when a value is taken.
 */
import { isNodeStream } from '../../flow/pipeline/stages';
import type { PipelineSource, SourceContext } from '../definition';

/** Given in place of a value: there are none any more. */
export const NO_MORE = Symbol('no more elements');

/** Elements, one by one. */
export interface Source {
  /** Whether `take()` gives promises. */
  readonly isAsync: boolean;
  /** The bytes of all values that were taken; strings count as UTF-8. */
  readonly bytes: number;
  take(): unknown;
}

/** 0, 1, 2, …. */
export class Integers implements Source {
  readonly isAsync = false;
  readonly bytes = 0;
  #next = 0;

  take(): number {
    return this.#next++;
  }
}

/** Something to iterate over, again and again. */
export class Repeated implements Source {
  readonly isAsync: boolean;
  bytes = 0;
  readonly #begin: () => Iterator<unknown> | AsyncIterator<unknown>;
  #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  /** Whether it gave anything since it was begun. */
  #hasGiven = false;
  #hasEnded = false;

  /** @throws TypeError where the function gives nothing to iterate over */
  constructor(source: PipelineSource, context: SourceContext) {
    const first = typeof source === 'function' ? source(context) : source;
    this.isAsync = isAsyncIterable(first);
    this.#iterator = iteratorOf(first);
    this.#begin = () => {
      const iterable = typeof source === 'function' ? source(context) : source;
      const iterator = iteratorOf(iterable);
      // A generator gives itself, and a stream can be read once.
      this.#hasEnded = iterator === this.#iterator || isNodeStream(iterable);
      return iterator;
    };
  }

  take(): unknown {
    return this.isAsync ? this.#takeLater() : this.#takeNow();
  }

  #takeNow(): unknown {
    for (;;) {
      if (this.#hasEnded) return NO_MORE;
      const result = (this.#iterator as Iterator<unknown, unknown>).next();
      if (result.done !== true) return this.#give(result.value);
      this.#again();
    }
  }

  async #takeLater(): Promise<unknown> {
    for (;;) {
      if (this.#hasEnded) return NO_MORE;
      const result = await (this.#iterator as AsyncIterator<unknown, unknown>).next();
      if (result.done !== true) return this.#give(result.value);
      this.#again();
    }
  }

  #give(value: unknown): unknown {
    this.#hasGiven = true;
    if (typeof value === 'string') this.bytes += Buffer.byteLength(value);
    else if (ArrayBuffer.isView(value)) this.bytes += value.byteLength;
    return value;
  }

  /** Begins anew; what gives nothing from end to end has ended. */
  #again(): void {
    if (!this.#hasGiven) {
      this.#hasEnded = true;
      return;
    }
    this.#hasGiven = false;
    this.#iterator = this.#begin();
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function iteratorOf(value: unknown): Iterator<unknown> | AsyncIterator<unknown> {
  if (isAsyncIterable(value)) return value[Symbol.asyncIterator]();
  const iterate = (value as Iterable<unknown> | null | undefined)?.[Symbol.iterator];
  if (typeof iterate !== 'function') {
    throw new TypeError('the source function gave nothing to iterate over');
  }
  return iterate.call(value);
}
