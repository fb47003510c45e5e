/** Which bucket a value falls into: always the first whose bound is not below it. */
import fc from 'fast-check';
import { exponential, linear, type BucketSpec } from 'nanometer';
import { quietMeter } from './support/meter';

const meter = quietMeter({ maxLaneBytes: 1 << 30 });
let made = 0;

/** Records the values into a fresh histogram, and answers its counts and bounds. */
function count(buckets: BucketSpec, values: readonly number[], unit = '1') {
  const name = `h${String((made += 1))}`;
  const histogram = meter.histogram(name, { buckets, unit });
  for (const value of values) histogram.record(value);
  return meter.snapshot().histogram(name);
}

/** The same by looking at every bound. */
function reference(bounds: readonly number[], values: readonly number[]): number[] {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const value of values) {
    const bucket = bounds.findIndex((bound) => value <= bound);
    counts[bucket < 0 ? bounds.length : bucket]! += 1;
  }
  return counts;
}

const cell = new BigInt64Array(1);
const asNumber = new Float64Array(cell.buffer);

/** The float64 that is `steps` away from a positive one. */
function neighbour(value: number, steps: bigint): number {
  asNumber[0] = value;
  cell[0]! += steps;
  return asNumber[0];
}

/** Every bound, and what is right below and right above it. */
function edges(bounds: readonly number[]): number[] {
  return bounds
    .flatMap((bound) => [
      bound,
      neighbour(bound, 1n),
      ...(bound > 0 ? [neighbour(bound, -1n)] : []),
    ])
    .filter((value) => value < 1e300);
}

// Sums must stay finite, or values are refused: 1e300 is large enough.
const value = fc.double({ min: 0, max: 1e300, noNaN: true });
const list = fc
  .uniqueArray(fc.oneof(value, fc.integer({ min: 0, max: 5000 })), { minLength: 1, maxLength: 60 })
  .map((bounds) => bounds.map((bound) => bound + 0).sort((a, b) => a - b))
  .filter((bounds) => new Set(bounds).size === bounds.length);

test('any value, any list of bounds', () => {
  fc.assert(
    fc.property(list, fc.array(value, { maxLength: 50 }), (bounds, values) => {
      const all = [...values, ...edges(bounds), 0, -0, Number.MIN_VALUE];
      expect(count(bounds, all).counts).toEqual(reference(bounds, all));
    }),
    { numRuns: 300 },
  );
});

test.each<[string, BucketSpec]>([
  ['latency', 'latency'],
  ['size', 'size'],
  ['many to an octave', linear(0, 1, 2000)],
  ['many in one octave', linear(1e6, 1, 2000)],
  ['far apart', [1e-300, 1, 1e299]],
  ['subnormal', [Number.MIN_VALUE, 1e-310, 1e-308]],
  ['zero alone', [0]],
  ['a factor of 1.01', exponential(1, 1.01, 1000)],
  ['base 2 at scale 9', { exponential: { scale: 9, min: 1, max: 8 } }],
  ...[-4, -1, 0, 1, 2, 3, 4, 5].map((scale): [string, BucketSpec] => [
    `base 2 at scale ${String(scale)}`,
    { exponential: { scale } },
  ]),
])('at and around each bound: %s', (_, buckets) => {
  const unit = buckets === 'latency' ? 'ns' : '1';
  const { bounds } = count(buckets, [], unit);
  const values = edges(bounds);
  expect(count(buckets, values, unit).counts).toEqual(reference(bounds, values));
});

test('the latency set is that of the reference, in the unit of the histogram', () => {
  const decades = [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
  const ns = [...decades.flatMap((decade) => [decade, 2.5 * decade, 5 * decade]), 1e10];
  expect(ns).toHaveLength(25);
  expect(count('latency', [], 'ns').bounds).toEqual(ns);
  expect(count('latency', [], 's').bounds).toEqual(ns.map((bound) => bound / 1e9));
  expect(count('latency', [], 'ms').bounds.slice(0, 3)).toEqual([1e-4, 2.5e-4, 5e-4]);
});

test('a histogram that says nothing is in ns, with the latency set; one of bytes has sizes', () => {
  meter.histogram('plain');
  meter.histogram('bytes', { unit: 'By' });
  const { metrics } = meter.snapshot();
  expect(metrics.find(({ name }) => name === 'plain')?.unit).toBe('ns');
  expect(meter.snapshot().histogram('plain').bounds).toHaveLength(25);
  expect(meter.snapshot().histogram('bytes').bounds).toEqual(exponential(64, 4, 13));
});

test.each([
  [0, 1, 1024],
  [3, 100, 1e10],
  [4, 0.001, 10],
  [-2, 1, 1e9],
])('base 2 at scale %i covers %d to %d in powers of 2^(2^-scale)', (scale, min, max) => {
  const { bounds } = count({ exponential: { scale, min, max } }, []);
  const base = 2 ** (2 ** -scale);
  expect(bounds[0]).toBeLessThanOrEqual(min);
  expect(bounds[0]! * base).toBeGreaterThan(min);
  expect(bounds.at(-1)).toBeGreaterThanOrEqual(max);
  expect(bounds.at(-1)! / base).toBeLessThan(max);
  for (const [i, bound] of bounds.entries()) {
    if (i > 0) expect(bound / bounds[i - 1]!).toBeCloseTo(base, 10);
  }
  expect(bounds.filter((bound) => Number.isInteger(Math.log2(bound)))).toEqual(
    expect.arrayContaining([2 ** Math.ceil(Math.log2(bounds[0]!))]),
  );
});

test('base 2 covers any range, whatever rounding does to its logarithm', () => {
  const magnitude = fc.oneof(
    fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
    fc.integer({ min: -30, max: 30 }).map((exponent) => 2 ** exponent),
    fc
      .tuple(fc.integer({ min: -240, max: 240 }), fc.constantFrom(-1n, 0n, 1n))
      .map(([step, steps]) => neighbour(2 ** (step / 8), steps)),
  );
  fc.assert(
    fc.property(magnitude, magnitude, fc.integer({ min: -3, max: 3 }), (a, b, scale) => {
      fc.pre(a !== b);
      const [min, max] = a < b ? [a, b] : [b, a];
      const { bounds } = count({ exponential: { scale, min, max } }, []);
      expect(bounds[0]).toBeLessThanOrEqual(min);
      expect(bounds.at(-1)).toBeGreaterThanOrEqual(max);
    }),
    { numRuns: 200 },
  );
});

test('count is the sum of the buckets; sum, min and max are those of the values', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 1 }), (values) => {
      const found = count(linear(0, 100_000, 8), values);
      expect(found.count).toBe(values.length);
      expect(found.sum).toBe(values.reduce((sum, one) => sum + one, 0));
      expect(found.min).toBe(Math.min(...values));
      expect(found.max).toBe(Math.max(...values));
    }),
  );
});
