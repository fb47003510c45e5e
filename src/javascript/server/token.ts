/** The secret that requests must carry: `Authorization: Bearer SECRET`. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Compares tokens in a time that tells nothing of them, their length included. */
export class Token {
  // What is compared are keyed digests: of one length, and not to be foreseen by who sends a guess.
  readonly #key = randomBytes(32);
  readonly #digest: Buffer;

  constructor(secret: string) {
    this.#digest = this.#digestOf(secret);
  }

  /** Whether a request carries it, once. */
  isIn({ rawHeaders }: IncomingMessage): boolean {
    const given = rawHeaders.filter(
      (_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'authorization',
    );
    const [value = ''] = given;
    const space = value.indexOf(' ');
    const guess = space === -1 ? '' : value.slice(space + 1).trim();
    const isEqual = timingSafeEqual(this.#digestOf(guess), this.#digest);
    return isEqual && given.length === 1 && value.slice(0, space).toLowerCase() === 'bearer';
  }

  #digestOf(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}
