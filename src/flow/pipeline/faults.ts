/** Which errors have been counted: each is, once, in the component where it was seen first. */

/** Decides whether an error is yet to be counted. */
export interface Faults {
  /** Whether the error is to be counted: true the first time only. */
  claim(error: unknown): boolean;
}

/** In a run that a flow leads, the first error ends it, and what follows comes of that. */
export class FirstFault implements Faults {
  #isClaimed = false;

  claim(): boolean {
    const isFirst = !this.#isClaimed;
    this.#isClaimed = true;
    return isFirst;
  }
}

/** Where programs lead the streams themselves, an error that passes from one to the next is one. */
export class EachFault implements Faults {
  readonly #claimed = new WeakSet();

  claim(error: unknown): boolean {
    if (typeof error !== 'object' || error === null) return true;
    if (this.#claimed.has(error)) return false;
    this.#claimed.add(error);
    return true;
  }
}
