/** A fixed piece of work, beside each round: how fast the machine is at the moment. */

const NUMBERS = 1 << 14;
const PASSES = 40;
const TIMES = 3;

const numbers = new Float64Array(NUMBERS);

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
  for (let pass = 0; pass < PASSES; pass++) {
    let carry = pass;
    for (let i = 0; i < NUMBERS; i++) {
      carry = (carry * 1.000_1 + numbers[(i * 7 + pass) & (NUMBERS - 1)]!) % 65_521;
      numbers[i] = carry;
    }
  }
}
