/** Tracing of one meter, as one thread has it: memory, settings, and reading. */
import type { ResolvedTracing, TraceMemory, Views } from '../../backend';
import { NanometerError } from '../../errors';
import type { Lane } from '../lanes';
import { type Store, Word } from '../store';
import { addSpanBlocks, flightBlocksFor, spanBlocks } from './blocks';
import { beginTracing, isTracing, want } from './settings';
import { Texts } from './texts';

/** See {@link Tracing}. */
export interface TracingParts {
  readonly store: Store;
  /** This thread's. */
  readonly lane: Lane;
}

/** The tracing of one meter and thread. */
export class Tracing {
  readonly #store: Store;
  readonly #lane: Lane;
  readonly #texts: Texts;

  constructor({ store, lane }: TracingParts) {
    this.#store = store;
    this.#lane = lane;
    this.#texts = new Texts(store);
  }

  /** What all threads share of it. */
  get shared(): Views {
    return this.#store.tracing;
  }

  /** Begins it, in all threads. */
  begin(tracing: ResolvedTracing): void {
    Atomics.store(this.#store.words, Word.flightBlocks, flightBlocksFor(tracing.flightSpans));
    beginTracing(this.shared, tracing);
  }

  /** See `BackendMeter.traceMemory`. */
  memory(): TraceMemory {
    const isNew = spanBlocks(this.#lane) === null;
    const blocks = isTracing(this.shared)
      ? addSpanBlocks(this.#lane, Atomics.load(this.#store.words, Word.flightBlocks))
      : null;
    if (blocks === null) {
      throw new NanometerError('NANOMETER_CAPACITY', 'there is no memory for spans');
    }
    if (isNew) {
      Atomics.add(this.#store.words, Word.tracers, 1);
      Atomics.notify(this.#store.words, Word.tracers);
    }
    return { shared: this.shared, ...blocks };
  }

  /** See `BackendMeter.traceText`. */
  text(text: string): number {
    return this.#texts.number(text);
  }

  /** See `BackendMeter.wantTrace`. */
  want(traceId: string): void {
    want(this.#store, traceId);
  }
}
