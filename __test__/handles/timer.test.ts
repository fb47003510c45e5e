/** Timers: start and stop, functions that are timed, and times from meter.now(). */
import { mockClock, type Distribution } from 'nanometer';
import { quietMeter, thrown, watchWarnings } from '../support/meter';

const clock = mockClock(1_000);
const meter = quietMeter({ clock });
const warnings = watchWarnings();
let made = 0;

const fresh = (unit = 'ns') => {
  const name = `t${String((made += 1))}`;
  const histogram = meter.histogram(name, { unit, buckets: [1, 10, 100, 1000] });
  return { name, histogram, found: (): Distribution => meter.snapshot().histogram(name) };
};
const rejected = () => meter.snapshot().value('nanometer.values_rejected')!;

test('meter.now() is the time of the clock, and the clock goes one way', () => {
  const now = meter.now();
  clock.advance(5);
  expect(meter.now()).toBe(now + 5);
  expect(thrown(() => clock.advance(-1)).code).toBe('NANOMETER_INVALID_OPTION');
  expect(thrown(() => clock.advance(NaN)).message).toMatch(/NaN/);
});

test.each([
  ['ns', 90, 90],
  ['us', 90e3, 90],
  ['ms', 90e6, 90],
  ['s', 90e9, 90],
  ['min', 90e9, 1.5],
  ['h', 5.4e12, 1.5],
  ['d', 8.64e13, 1],
])('in %s, %d ns are recorded as %d', (unit, ns, expected) => {
  const { histogram, found } = fresh(unit);
  const start = meter.now();
  clock.advance(ns);
  histogram.recordSince(start);
  expect(found()).toMatchObject({ count: 1, sum: expected, min: expected, max: expected });
});

test('a stopped timer records once; stopping it again is refused and counted', () => {
  const { histogram, found } = fresh();
  const before = rejected();
  const stop = histogram.start();
  clock.advance(40);
  stop();
  clock.advance(40);
  stop();
  expect(found()).toMatchObject({ count: 1, sum: 40 });
  expect(rejected()).toBe(before + 1);
});

test('timers of one histogram may overlap', () => {
  const { histogram, found } = fresh();
  const first = histogram.start();
  clock.advance(10);
  const second = histogram.start();
  clock.advance(10);
  first();
  second();
  expect(found()).toMatchObject({ count: 2, sum: 30, min: 10, max: 20 });
});

test('a time that is ahead of the clock counts as 0, and what is no time is refused', () => {
  const { histogram, found } = fresh();
  const before = rejected();
  histogram.recordSince(meter.now() + 10);
  expect(found()).toMatchObject({ count: 1, sum: 0 });
  for (const start of [NaN, -Infinity, '1', 1n, null, undefined, Symbol('one')]) {
    histogram.recordSince(start as number);
  }
  expect(found().count).toBe(1);
  expect(rejected()).toBe(before + 7);
});

test('a function is timed, and its result passed on', () => {
  const { histogram, found } = fresh();
  const result = {};
  const timed = histogram.time(() => {
    clock.advance(7);
    return result;
  });
  expect(timed).toBe(result);
  expect(found()).toMatchObject({ count: 1, sum: 7 });
});

test('a function that throws is timed, and its error passed on', () => {
  const { histogram, found } = fresh();
  const error = new Error('mine');
  expect(() =>
    histogram.time(() => {
      clock.advance(8);
      throw error;
    }),
  ).toThrow(error);
  expect(found()).toMatchObject({ count: 1, sum: 8 });
});

test('a promise is timed until it is settled, either way', async () => {
  const { histogram, found } = fresh();
  const result = {};
  const error = new Error('mine');
  const kept = histogram.time(async () => {
    await Promise.resolve();
    clock.advance(20);
    return result;
  });
  expect(found().count).toBe(0);
  await expect(kept).resolves.toBe(result);
  expect(found()).toMatchObject({ count: 1, sum: 20 });
  const broken = histogram.time(async () => {
    await Promise.resolve();
    clock.advance(30);
    throw error;
  });
  await expect(broken).rejects.toBe(error);
  expect(found()).toMatchObject({ count: 2, sum: 50 });
});

test('a promise of a subclass stays one', async () => {
  class Job<T> extends Promise<T> {}
  const { histogram } = fresh();
  const timed = histogram.time(() => Job.resolve(1));
  expect(timed).toBeInstanceOf(Job);
  await expect(timed).resolves.toBe(1);
});

test('a thenable that does its work when it is waited for does it once', async () => {
  const { histogram, found } = fresh();
  let runs = 0;
  const query: PromiseLike<string> = {
    then: (resolve) => {
      runs += 1;
      clock.advance(15);
      return Promise.resolve('rows').then(resolve);
    },
  };
  await expect(histogram.time(() => query)).resolves.toBe('rows');
  expect(runs).toBe(1);
  expect(found()).toMatchObject({ count: 1, sum: 15 });
});

test('a result whose then is no function, or throws when looked at, is passed on', () => {
  const { histogram, found } = fresh();
  const plain = { then: 1 };
  const hostile = {
    get then(): never {
      throw new Error('looked at');
    },
  };
  expect(histogram.time(() => plain)).toBe(plain);
  expect(histogram.time((): unknown => hostile)).toBe(hostile);
  expect(histogram.time(() => null)).toBe(null);
  expect(found().count).toBe(3);
});

test('a histogram whose unit is no time warns once, counts each use, and runs the function', () => {
  const { name, histogram, found } = fresh('By');
  const before = rejected();
  histogram.start()();
  expect(histogram.time(() => 3)).toBe(3);
  histogram.recordSince(meter.now());
  expect(found().count).toBe(0);
  expect(rejected()).toBe(before + 3);
  const said = warnings.filter(({ code }) => code === 'NANOMETER_NOT_A_TIMER');
  expect(said).toHaveLength(1);
  expect(said[0]?.message).toContain(name);
  expect(said[0]?.message).toContain('"By"');
});

test('while the level is off functions run untimed, and timers record nothing', async () => {
  const { histogram, found } = fresh();
  meter.level = 'off';
  const stop = histogram.start();
  expect(histogram.time(() => 1)).toBe(1);
  await expect(histogram.time(async () => Promise.resolve(2))).resolves.toBe(2);
  histogram.recordSince(0);
  meter.level = 'production';
  stop();
  expect(found().count).toBe(0);
});

test('without a clock of its own a meter measures real time, and it never goes back', () => {
  const real = quietMeter();
  const outer = process.hrtime.bigint();
  const start = real.now();
  const inner = process.hrtime.bigint();
  let last = start;
  while (process.hrtime.bigint() - inner < 10_000_000n) {
    const now = real.now();
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
  const atLeast = Number(process.hrtime.bigint() - inner);
  const elapsed = real.now() - start;
  const atMost = Number(process.hrtime.bigint() - outer);
  // Two clocks of one machine: a hundredth is far more than they drift apart.
  expect(elapsed).toBeGreaterThan(atLeast * 0.99);
  expect(elapsed).toBeLessThan(atMost * 1.01);
});
