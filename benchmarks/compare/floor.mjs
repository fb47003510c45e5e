/** The control: what a store costs when nothing is around it. Nothing of ours may beat it. */
import { OPERATIONS } from '../harness/race.mjs';
import { HANDLES, LATENCIES_NS, expect } from './workload.mjs';

/** @param {{ mapped(bytes: number): ArrayBuffer } | null} crossing */
export function floor(crossing) {
  return [plain(), ...(crossing ? [mapped(crossing)] : []), atomic32(), atomic64()];
}

/** `float64[i] += 1` alone: the floor of counters. */
export function plain() {
  const cells = new Float64Array(HANDLES);
  let calls = 0;
  return {
    name: 'float64[i] += 1',
    group: 'floor',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) cells[i & 15] += 1;
    },
    check: () => expect(sum(cells), calls * OPERATIONS),
  };
}

/** The same with a value read from an array: the floor of what is handed values. */
export function plainOfValues() {
  const cells = new Float64Array(HANDLES);
  let calls = 0;
  return {
    name: 'float64[i] += values[j]',
    group: 'floor',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) cells[i & 15] += LATENCIES_NS[i];
    },
    check: () => expect(sum(cells), calls * sum(LATENCIES_NS)),
  };
}

function mapped(crossing) {
  const cells = new Float64Array(crossing.mapped(HANDLES * 8));
  let calls = 0;
  return {
    name: 'float64[i] += 1, memory of native code',
    group: 'floor',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) cells[i & 15] += 1;
    },
    check: () => expect(sum(cells), calls * OPERATIONS),
  };
}

function atomic32() {
  const cells = new Int32Array(new SharedArrayBuffer(HANDLES * 4));
  let calls = 0;
  return {
    name: 'Atomics.add, Int32Array',
    group: 'floor',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) Atomics.add(cells, i & 15, 1);
    },
    check: () => expect(sum(cells), calls * OPERATIONS),
  };
}

function atomic64() {
  const cells = new BigInt64Array(new SharedArrayBuffer(HANDLES * 8));
  let calls = 0;
  return {
    name: 'Atomics.add, BigInt64Array',
    group: 'floor',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) Atomics.add(cells, i & 15, 1n);
    },
    check: () => expect(sum(cells), calls * OPERATIONS),
  };
}

function sum(cells) {
  let total = 0;
  for (const cell of cells) total += Number(cell);
  return total;
}
