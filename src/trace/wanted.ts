/**
 * The traces that somebody has asked for: each thread sees the count grow when it begins or ends a
 * local trace, and reads the ids that are new to it.
 */
import type { Views } from '../backend/backend';
import {
  OPEN_WANTED_MISSED,
  TRACING_WANTED,
  WANTED_FIRST,
  WANTED_TRACES,
} from '../generated/layout';
import { isTrace } from './open-table';

const ID_WORDS = 4;

/** What is asked for, as one thread sees it. */
export class Wanted {
  readonly #shared: Views;
  /** Cells of the open table's block, where those are counted that it did not see. */
  readonly #counts: Float64Array;
  /** How many it has seen. */
  readonly #seen: Float64Array;

  /** What was asked for before is nothing that it has. */
  constructor(shared: Views, counts: Float64Array) {
    this.#shared = shared;
    this.#counts = counts;
    this.#seen = Float64Array.of(shared.cells[TRACING_WANTED]!);
  }

  /** Whether something has been asked for that it has not seen: a load and a compare. */
  get isNew(): boolean {
    return this.#shared.cells[TRACING_WANTED] !== this.#seen[0];
  }

  /** Calls a function with each id, four words, that it has not seen. */
  read(visit: (id: Int32Array) => void): void {
    const asked = this.#shared.cells[TRACING_WANTED]!;
    const first = Math.max(this.#seen[0]!, asked - WANTED_TRACES);
    const ids: Int32Array[] = [];
    for (let i = first; i < asked; i++) ids.push(this.#idAt(i));
    // Those may have been written over while they were read.
    const over = Math.max(first, this.#shared.cells[TRACING_WANTED]! - WANTED_TRACES);
    this.#counts[OPEN_WANTED_MISSED]! += Math.min(over, asked) - this.#seen[0]!;
    this.#seen[0] = asked;
    for (const id of ids.slice(over - first)) visit(id);
  }

  /** Whether that trace is among the last that were asked for, as far as this thread has seen. */
  has(words: Int32Array, at: number): boolean {
    const asked = this.#seen[0]!;
    for (let i = Math.max(0, asked - WANTED_TRACES); i < asked; i++) {
      if (isTrace(this.#shared.words, placeOf(i), words, at)) return true;
    }
    return false;
  }

  #idAt(index: number): Int32Array {
    const at = placeOf(index);
    return this.#shared.words.slice(at, at + ID_WORDS);
  }
}

function placeOf(index: number): number {
  return WANTED_FIRST + (index % WANTED_TRACES) * ID_WORDS;
}
