/** Ids: never zero, none twice, the same from the same seed. */
import { Ids } from '../../dist/trace/ids';

const take = (ids: Ids, count: number): number[][] =>
  Array.from({ length: count }, () => {
    const words = new Int32Array(6);
    ids.writeBoth(words, 0, 4);
    return [...words];
  });

test('no id comes twice, and none is all zeros', () => {
  const made = [...take(new Ids(), 20_000), ...take(new Ids(), 20_000)];
  expect(new Set(made.map((words) => words.slice(0, 4).join())).size).toBe(made.length);
  expect(new Set(made.map((words) => words.slice(4).join())).size).toBe(made.length);
  // What is counted up from the last word is not all zeros either.
  expect(made.filter((words) => words[0] === 0 || words[4] === 0)).toEqual([]);
});

test('each bit that is random is as often 1 as 0: the last two words of a trace id, and a span id', () => {
  const made = take(new Ids(), 20_000);
  for (let word = 2; word < 6; word++) {
    for (let bit = 0; bit < 32; bit++) {
      const ones = made.filter((words) => ((words[word]! >>> bit) & 1) === 1).length;
      // Five standard deviations: one run in 15,000 fails by chance.
      expect(Math.abs(ones - 10_000)).toBeLessThan(5.1 * Math.sqrt(5_000));
    }
  }
});

test('the generator is xoshiro128**', () => {
  // The first outputs for the state 1, 2, 3, 4, as the crate rand_xoshiro has them from the authors' code.
  const ids = new Ids(Int32Array.of(1, 2, 3, 4));
  const words = new Int32Array(6);
  ids.writeBoth(words, 0, 4);
  // Its own word and where it counts from come first.
  expect([...words.subarray(0, 4)]).toEqual([11_520, 1, 5_927_040, 70_819_200]);
  ids.writeSpan(words, 4);
  expect([...words.subarray(4)].map((word) => word >>> 0)).toEqual([2_031_721_883, 1_637_235_492]);
});

test('a seed of zeros is none, and gives ids all the same', () => {
  const made = take(new Ids(new Int32Array(4)), 1_000);
  expect(new Set(made.map(String)).size).toBe(1_000);
});
