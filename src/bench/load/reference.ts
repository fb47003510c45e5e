/**
 * A fixed piece of work, beside each round: how fast the machine is at the moment.
 *
 * Chains of arithmetic that do not wait for each other, some branches, loads and stores: it wants of a
 * processor what programs want. Measured on a virtual machine that is now fast and now slow, for seconds
 * at a time: where JSON took 1.8 times as long to parse, this took 1.6 times as long, and one chain
 * alone, which leaves most of a core idle, 1.08 times: that told nothing of it.
 */

const NUMBERS = 1 << 14;
const PASSES = 200;
const TIMES = 3;

const numbers = new Int32Array(NUMBERS);

/** How long the work takes, the fastest of three times, nanoseconds: some milliseconds. */
export function referenceNs(): number {
  let least = Infinity;
  for (let time = 0; time < TIMES; time++) {
    const before = process.hrtime.bigint();
    work();
    least = Math.min(least, Number(process.hrtime.bigint() - before));
  }
  return least;
}

/** Answers what nobody wants, so that it is worked out. */
function work(): number {
  for (let i = 0; i < NUMBERS; i++) numbers[i] = i;
  let [a, b, c, d, e, f, g, h] = [1, 2, 3, 4, 5, 6, 7, 8];
  for (let pass = 0; pass < PASSES; pass++) {
    for (let i = 0; i < NUMBERS; i += 8) {
      a = (Math.imul(a, 31) + numbers[i]!) | 0;
      b = (Math.imul(b, 31) + numbers[i + 1]!) | 0;
      c = (Math.imul(c, 31) + numbers[i + 2]!) | 0;
      d = (Math.imul(d, 31) + numbers[i + 3]!) | 0;
      e = ((e ^ numbers[i + 4]!) + i) | 0;
      f = ((f ^ numbers[i + 5]!) + i) | 0;
      g = (g + numbers[i + 6]!) | 0;
      h = (h + numbers[i + 7]!) | 0;
      if ((a & 7) === 0) numbers[i] = b;
      if ((c & 15) === 3) numbers[i + 1] = d;
    }
  }
  return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h;
}
