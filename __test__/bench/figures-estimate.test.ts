/** Medians and their intervals, judged by how often they hold a truth that is known. */
import * as fc from 'fast-check';
import { createHistogram } from 'node:perf_hooks';
import { estimateOf } from '../../dist/bench/figures/estimate';
import { latencyOf, mergedOf } from '../../dist/bench/figures/latency';
import { randomFrom } from '../../dist/bench/figures/random';
import { counted } from './figures-made-up';
import { noiseFrom } from './figures-noise';

/** How many of so many intervals hold the median that the samples are around. */
function holding(trials: number, count: number, likeness: number): number {
  const noise = noiseFrom(randomFrom(count));
  const truth = 100;
  let held = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const samples = noise.series(count, likeness).map((each) => truth + each);
    const { low, high } = estimateOf(samples, trial)!;
    if (low <= truth && truth <= high) held += 1;
  }
  return held;
}

test.each([6, 11, 40])('95 of 100 intervals of %i samples hold the median', (count) => {
  // Of 150 trials at 95%, fewer than 135 hold it once in 200.
  expect(holding(150, count, 0)).toBeGreaterThanOrEqual(135);
});

test('intervals of samples that are like their neighbours are not much too narrow', () => {
  expect(holding(150, 40, 0.3)).toBeGreaterThanOrEqual(130);
});

test('an interval is no wider than it has to be', () => {
  const { series } = noiseFrom(randomFrom(1));
  const { low, high } = estimateOf(series(100, 0), 1)!;
  // The median of 100 normal samples has a standard deviation of 0.125.
  expect(high - low).toBeGreaterThan(0.25);
  expect(high - low).toBeLessThan(1);
});

test('an estimate is within its interval, that within the samples, and the same for the same seed', () => {
  const samples = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(samples, fc.integer(), (values, seed) => {
      const estimate = estimateOf(values, seed)!;
      expect(estimate.low).toBeLessThanOrEqual(estimate.value);
      expect(estimate.high).toBeGreaterThanOrEqual(estimate.value);
      expect(estimate.low).toBeGreaterThanOrEqual(Math.min(...values));
      expect(estimate.high).toBeLessThanOrEqual(Math.max(...values));
      expect(estimateOf(values, seed)).toEqual(estimate);
    }),
    { numRuns: 50 },
  );
});

test('there is no estimate of nothing', () => {
  expect(estimateOf([], 1)).toBeNull();
});

test('quantiles of rounds together are those that HdrHistogram finds in all values', () => {
  const random = randomFrom(7);
  const foreign = createHistogram({ figures: 5 });
  const rounds = Array.from({ length: 4 }, (_, round) =>
    Array.from({ length: 500 }, () => Math.ceil(1_000 * (round + 1) * Math.exp(3 * random()))),
  );
  rounds.flat().forEach((value) => foreign.record(value));
  const figures = latencyOf(mergedOf([...rounds, []].map(counted)));
  const expected = {
    p50Ns: foreign.percentile(50),
    p90Ns: foreign.percentile(90),
    p95Ns: foreign.percentile(95),
    p99Ns: foreign.percentile(99),
    p999Ns: foreign.percentile(99.9),
    maxNs: foreign.max,
    meanNs: foreign.mean,
  };
  for (const [figure, value] of Object.entries(expected)) {
    // A bucket is 1.1% wide.
    const ratio = figures[figure as keyof typeof expected]! / value;
    expect(Math.abs(ratio - 1)).toBeLessThan(0.02);
  }
});
