/** A fixed piece of work, beside each round: how fast the machine is at the moment. */

const NUMBERS = 1 << 14;
const PASSES = 100;
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

function work(): void {
  for (let i = 0; i < NUMBERS; i++) numbers[i] = i;
  for (let pass = 1; pass <= PASSES; pass++) {
    let carry = pass;
    for (let i = 0; i < NUMBERS; i++) {
      carry = Math.imul(carry, 1_664_525) + numbers[(i * 7 + pass) & (NUMBERS - 1)]!;
      numbers[i] = carry;
    }
  }
}
