/**
 * A method of one object, replaced by another of its own for a while. What the object inherits, its
 * other properties and its keys stay as they are.
 */

/** A method, as it is called here: with whatever its caller gave. */
export type Method = (this: unknown, a?: unknown, b?: unknown, c?: unknown) => unknown;

/** One replaced method. */
export class Shadow {
  readonly #target: object;
  readonly #name: PropertyKey;
  readonly #make: (method: Method) => Method;
  #own: PropertyDescriptor | undefined;
  #replacement: Method | null = null;

  /** @param make - makes the replacement, given the method that it replaces */
  constructor(target: object, name: PropertyKey, make: (method: Method) => Method) {
    this.#target = target;
    this.#name = name;
    this.#make = make;
  }

  /** Replaces the method. Twice is once. */
  set(): void {
    if (this.#replacement !== null) return;
    const replacement = this.#make(Reflect.get(this.#target, this.#name) as Method);
    this.#own = Object.getOwnPropertyDescriptor(this.#target, this.#name);
    // Where the object forbids it, it is left as it is: unobserved, and working.
    const isSet = Reflect.defineProperty(this.#target, this.#name, {
      value: replacement,
      writable: true,
      configurable: true,
      enumerable: this.#own?.enumerable ?? false,
    });
    if (isSet) this.#replacement = replacement;
  }

  /** Puts the method back, unless the object has been given yet another one. Twice is once. */
  restore(): void {
    const replacement = this.#replacement;
    if (replacement === null) return;
    this.#replacement = null;
    const now = Object.getOwnPropertyDescriptor(this.#target, this.#name);
    if (now?.value !== replacement) return;
    if (this.#own === undefined) Reflect.deleteProperty(this.#target, this.#name);
    else Reflect.defineProperty(this.#target, this.#name, this.#own);
  }
}
