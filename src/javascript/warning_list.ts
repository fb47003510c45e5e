/** Warnings of one thread, each given once. */
import { type Warning, warn } from '../warnings';
import type { OwnMetrics } from './own';

/** Warnings that wait to be taken, or that are given at once where nobody will ask. */
export class WarningList {
  readonly #own: OwnMetrics;
  readonly #said = new Set<string>();
  #waiting: Warning[] = [];

  constructor(own: OwnMetrics) {
    this.#own = own;
  }

  /** Keeps a warning for `takeWarnings()`. */
  add(warning: Warning): void {
    if (this.#isNew(warning)) this.#waiting.push(warning);
  }

  /** Gives a warning at once: it comes from a callback, and no call of the user's is under way. */
  give(warning: Warning): void {
    if (this.#isNew(warning)) warn(warning);
  }

  /** What waits. */
  take(): Warning[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  #isNew({ message }: Warning): boolean {
    // Beyond a thousand different warnings a person has stopped reading.
    if (this.#said.has(message) || this.#said.size >= 1_000) return false;
    this.#said.add(message);
    this.#own.add('nanometer.warnings');
    return true;
  }
}
