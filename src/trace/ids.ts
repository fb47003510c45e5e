/**
 * Ids of traces and spans: xoshiro128** by Blackman and Vigna, in 32-bit arithmetic, seeded by the
 * operating system, a generator for each thread of each meter. Drawn some at a time: the generator's
 * state then stays in registers.
 *
 * Ids are words here, each the big-endian value of four bytes. The last seven bytes of a trace id are
 * random, as W3C Trace Context level 2 asks; the others tell generators and their ids apart.
 */
import { randomFillSync } from 'node:crypto';

const POOL_WORDS = 240;
const ID_WORDS = 2;
/** Some bits, half of them set: a root's id does not look like the end of its trace's. */
const MASK = 0x5bd1_e995;

/** Makes ids. */
export class Ids {
  readonly #state: Int32Array;
  readonly #pool = new Int32Array(POOL_WORDS);
  #next = POOL_WORDS;
  /** The first word of all its trace ids: tells generators apart, with the random ones. */
  readonly #own: number;
  #count: number;

  /** @param seed - four words, not all 0; the operating system's, where it is left out */
  constructor(seed: Int32Array = randomFillSync(new Int32Array(4))) {
    this.#state = Int32Array.from(seed);
    // The one state that the generator never leaves.
    if (seed.every((word) => word === 0)) this.#state[0] = 1;
    this.#refill();
    this.#own = this.#pool[0]! || 1;
    this.#count = this.#pool[1]! | 0;
    this.#next = ID_WORDS;
  }

  /**
   * Writes the id of a new trace, and that of its root. The first word of each is never 0, so that
   * neither is all zeros, nor is any id that is counted up from the span's second word.
   *
   *     trace id    the generator's own word | which it is of its ids | two random words
   *     span id     the random words, masked: it need only differ from other spans of the trace
   */
  writeBoth(words: Int32Array, traceAt: number, spanAt: number): void {
    let next = this.#next;
    if (next > POOL_WORDS - ID_WORDS) next = this.#refill();
    const high = this.#pool[next]!;
    const low = this.#pool[next + 1]!;
    this.#next = next + ID_WORDS;
    const count = (this.#count + 1) | 0;
    this.#count = count;
    words[traceAt] = this.#own;
    words[traceAt + 1] = count;
    words[traceAt + 2] = high;
    words[traceAt + 3] = low;
    words[spanAt] = low ^ MASK || 1;
    words[spanAt + 1] = high ^ MASK;
  }

  /** Writes a span id, as {@link writeBoth} does. */
  writeSpan(words: Int32Array, spanAt: number): void {
    let next = this.#next;
    if (next > POOL_WORDS - ID_WORDS) next = this.#refill();
    words[spanAt] = this.#pool[next]! || 1;
    words[spanAt + 1] = this.#pool[next + 1]!;
    this.#next = next + ID_WORDS;
  }

  #refill(): number {
    const state = this.#state;
    const pool = this.#pool;
    let a = state[0]!;
    let b = state[1]!;
    let c = state[2]!;
    let d = state[3]!;
    for (let i = 0; i < POOL_WORDS; i++) {
      pool[i] = Math.imul(rotated(Math.imul(b, 5), 7), 9);
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = rotated(d, 11);
    }
    state[0] = a;
    state[1] = b;
    state[2] = c;
    state[3] = d;
    return 0;
  }
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
