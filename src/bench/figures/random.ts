/** Numbers that look random and are the same for the same seed. */

const { imul } = Math;

/**
 * Mulberry32, by Tommy Ettinger: 2^32 numbers before it repeats, which a bootstrap does not use up.
 *
 * @param seed - its low 32 bits count
 * @returns gives a number from 0 to 1, 1 excluded, at each call
 */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
