/** Pools of buffers: each is handed out once at a time, and everything that happens is counted. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { NanometerError, type Pool, type PoolOptions } from 'nanometer';
import { quietMeter, thrown } from '../support/meter';
import { until } from '../support/surroundings';

const meter = quietMeter();
let made = 0;
const tierName = () => `tier ${String((made += 1))}`;

const FIGURES = [
  ...['capacity', 'available', 'allocated', 'returned'],
  ...['fallback_count', 'exhaustion_events', 'reuse_rate'],
];

/** All that is shown of a tier, in the order of {@link FIGURES}. */
const shownOf = (tier: string) => {
  const snapshot = meter.snapshot();
  return FIGURES.map((figure) => snapshot.value(`pool.${figure}`, { tier }));
};
const rejected = () => meter.snapshot().value('nanometer.values_rejected')!;

beforeEach(() => {
  meter.level = 'production';
});

test('a pool hands out its buffers, takes them back, and uses them again', () => {
  const tier = tierName();
  const pool = meter.pool(tier, { capacity: 2, bufferBytes: 512 });
  expect([pool.tier, pool.capacity, pool.bufferBytes]).toEqual([tier, 2, 512]);
  expect(shownOf(tier)).toEqual([2, 2, 0, 0, 0, 0, 0]);
  const [first, second] = [pool.acquire(), pool.acquire()];
  expect(first).not.toBe(second);
  expect([first.length, second.length]).toEqual([512, 512]);
  // No two share memory.
  expect(first.buffer).not.toBe(second.buffer);
  expect(pool.available).toBe(0);
  expect(shownOf(tier)).toEqual([2, 0, 2, 0, 0, 0, 0]);
  expect(pool.release(first)).toBe(true);
  expect(shownOf(tier)).toEqual([2, 1, 2, 1, 0, 0, 0.5]);
  expect(pool.acquire()).toBe(first);
  expect(shownOf(tier)).toEqual([2, 0, 3, 1, 0, 0, 1 / 3]);
});

test('an empty pool gives a buffer of the system, which it does not keep', () => {
  const tier = tierName();
  const pool = meter.pool(tier, { capacity: 1, bufferBytes: 64 });
  const own = pool.acquire();
  const fallback = pool.acquire();
  expect(fallback).not.toBe(own);
  expect(fallback.length).toBe(64);
  expect(shownOf(tier)).toEqual([1, 0, 2, 0, 1, 1, 0]);
  expect(pool.release(fallback)).toBe(true);
  expect(shownOf(tier)).toEqual([1, 0, 2, 1, 1, 1, 0.5]);
  expect(pool.acquire()).not.toBe(fallback);
  pool.release(own);
  expect(pool.acquire()).toBe(own);
});

test('buffers have 16 KiB where nothing else is said', () => {
  expect(meter.pool(tierName(), { capacity: 1 }).acquire().length).toBe(16_384);
});

test('what the pool has not handed out is refused and counted, and changes nothing', () => {
  const [tier, otherTier] = [tierName(), tierName()];
  const pool = meter.pool(tier, { capacity: 1 });
  const other = meter.pool(otherTier, { capacity: 1 });
  const [own, fallback] = [pool.acquire(), pool.acquire()];
  const theirs = other.acquire();
  pool.release(own);
  pool.release(fallback);
  const [before, theirsBefore, count] = [shownOf(tier), shownOf(otherTier), rejected()];
  const strangers = [
    ...[own, fallback, theirs, Buffer.alloc(16_384), own.subarray(0)],
    ...[undefined, null, 7, 'buffer', {}],
  ];
  for (const stranger of strangers) expect(pool.release(stranger as Buffer)).toBe(false);
  expect(rejected()).toBe(count + strangers.length);
  expect(shownOf(tier)).toEqual(before);
  expect(shownOf(otherTier)).toEqual(theirsBefore);
  expect(pool.available).toBe(1);
  // Its one buffer is free once.
  expect(pool.acquire()).toBe(own);
  expect(pool.acquire()).not.toBe(own);
});

test('no buffer is ever handed out twice, and all is counted', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.oneof(fc.constant('acquire' as const), fc.nat(9)), { maxLength: 60 }),
      (capacity, calls) => {
        const tier = tierName();
        const pool = meter.pool(tier, { capacity, bufferBytes: 8 });
        const out: { buffer: Buffer; isPooled: boolean }[] = [];
        const [allocated, returned, fallbacks] = [[], [], []] as Buffer[][];
        const pooled = () => out.filter(({ isPooled }) => isPooled).length;
        for (const call of calls) {
          if (call === 'acquire') {
            const isPooled = pooled() < capacity;
            const buffer = pool.acquire();
            expect(out.some((one) => one.buffer === buffer)).toBe(false);
            out.push({ buffer, isPooled });
            allocated!.push(buffer);
            if (!isPooled) fallbacks!.push(buffer);
          } else {
            const [one] = out.splice(call, 1);
            if (one === undefined) continue;
            expect(pool.release(one.buffer)).toBe(true);
            returned!.push(one.buffer);
          }
        }
        const available = capacity - pooled();
        expect(pool.available).toBe(available);
        // Those of the pool are no more than it may keep.
        expect(new Set(allocated).size - fallbacks!.length).toBeLessThanOrEqual(capacity);
        const reuse = allocated!.length === 0 ? 0 : returned!.length / allocated!.length;
        expect(shownOf(tier)).toEqual([
          ...[capacity, available, allocated!.length, returned!.length],
          ...[fallbacks!.length, fallbacks!.length, reuse],
        ]);
      },
    ),
    { numRuns: 60 },
  );
});

test('buffers that are forgotten are no leak: beyond its capacity a pool holds none', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const pool = meter.pool(tierName(), { capacity: 1, bufferBytes: 2 ** 20 });
  collect();
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 256; i += 1) pool.acquire();
  // V8 gives the memory of what it has collected back later, and by another thread.
  await until('their memory is given back', () => {
    collect();
    return process.memoryUsage().arrayBuffers - before < 64 * 2 ** 20;
  });
});

test('the same tier again is the same pool', () => {
  const tier = tierName();
  const pool = meter.pool(tier, { capacity: 3, bufferBytes: 16_384 });
  expect(meter.pool(tier, { capacity: 3 })).toBe(pool);
});

test.each<[PoolOptions, string]>([
  [{ capacity: 4 }, '4 of 16384'],
  [{ capacity: 3, bufferBytes: 8 }, '3 of 8'],
])('the same tier with %p is refused, with both definitions', (options, words) => {
  const tier = tierName();
  const pool = meter.pool(tier, { capacity: 3 });
  const before = shownOf(tier);
  const { code, message } = thrown(() => meter.pool(tier, options));
  expect(code).toBe('NANOMETER_CONFLICT');
  expect(message).toContain(`"${tier}" has 3 buffers of 16384 bytes`);
  expect(message).toContain(words);
  expect(shownOf(tier)).toEqual(before);
  expect(meter.pool(tier, { capacity: 3 })).toBe(pool);
});

test.each<[string, unknown, unknown, RegExp]>([
  ['no tier', undefined, { capacity: 1 }, /undefined: a tier is a string of 1 to 200/],
  ['an empty tier', '', { capacity: 1 }, /"": a tier/],
  ['a tier that is too long', 'x'.repeat(201), { capacity: 1 }, /"xxx.*a tier .* 200/],
  ['a tier that is no text', '\ud800', { capacity: 1 }, /ud800.*a tier/],
  ['no options', 'bad', undefined, /"bad": options are an object with a capacity, not undefined/],
  ['options that are null', 'bad', null, /not null/],
  ['a number for options', 'bad', 1024, /not 1024/],
  ['no capacity', 'bad', {}, /capacity is a whole number from 1 to 1048576, not undefined/],
  ['a list for options', 'bad', [], /capacity is a whole number/],
  ['a capacity of 0', 'bad', { capacity: 0 }, /capacity .*, not 0/],
  ['a capacity below 0', 'bad', { capacity: -1 }, /capacity .*, not -1/],
  ['a fraction', 'bad', { capacity: 1.5 }, /capacity .*, not 1\.5/],
  ['a capacity that is too large', 'bad', { capacity: 2 ** 20 + 1 }, /capacity .*, not 1048577/],
  ['a capacity in words', 'bad', { capacity: '8' }, /capacity .*, not "8"/],
  ['a bigint', 'bad', { capacity: 8n }, /capacity .*, not 8n/],
  [
    'buffers of no size',
    'bad',
    { capacity: 1, bufferBytes: 0 },
    /bufferBytes .* 1073741824, not 0/,
  ],
  [
    'an unknown option',
    'bad',
    { capacity: 1, size: 1 },
    /"size"; accepted are capacity, bufferBytes/,
  ],
])('%s is refused, and nothing is made', (_, tier, options, words) => {
  const before = meter.snapshot().metrics;
  const { code, message } = thrown(() => meter.pool(tier as string, options as PoolOptions));
  expect(code).toBe('NANOMETER_INVALID_DEFINITION');
  expect(message).toMatch(words);
  expect(meter.snapshot().metrics.map(({ series }) => series.length)).toEqual(
    before.map(({ series }) => series.length),
  );
});

describe('at the level off', () => {
  test('buffers go in and out, uncounted, and how many are free is true when it comes back', () => {
    const tier = tierName();
    const pool = meter.pool(tier, { capacity: 2 });
    const kept = pool.acquire();
    meter.level = 'off';
    const [second, fallback] = [pool.acquire(), pool.acquire()];
    pool.release(kept);
    meter.level = 'production';
    expect(shownOf(tier)).toEqual([2, 1, 1, 0, 0, 0, 0]);
    pool.release(second);
    pool.release(fallback);
    expect(shownOf(tier)).toEqual([2, 2, 1, 2, 0, 0, 2]);
  });

  test('a pool can be made, and has its capacity', () => {
    const tier = tierName();
    meter.level = 'off';
    const pool = meter.pool(tier, { capacity: 7 });
    meter.level = 'production';
    expect(shownOf(tier)).toEqual([7, 7, 0, 0, 0, 0, 0]);
    pool.acquire();
    expect(shownOf(tier)).toEqual([7, 6, 1, 0, 0, 0, 0]);
  });
});

test('a program that keeps its buffers itself records them in the tier', () => {
  const tier = tierName();
  const { record }: Pool = meter.pool(tier, { capacity: 8 });
  record.allocated(7);
  record.allocated(6);
  record.returned(7);
  record.exhausted();
  record.fellBack();
  record.fellBack();
  expect(shownOf(tier)).toEqual([8, 7, 2, 1, 2, 1, 0.5]);
  const count = rejected();
  record.allocated(NaN);
  record.returned('7' as unknown as number);
  expect(rejected()).toBe(count + 2);
  expect(shownOf(tier)).toEqual([8, 7, 3, 2, 2, 1, 2 / 3]);
});

test('a closed meter makes no pool', async () => {
  const own = quietMeter();
  const pool = own.pool('open', { capacity: 1 });
  await own.close();
  const { code, message } = thrown(() => own.pool('late', { capacity: 1 }));
  expect(code).toBe('NANOMETER_CLOSED');
  expect(message).toContain('"late"');
  // The pools that there are go on.
  expect(pool.release(pool.acquire())).toBe(true);
});

test('what is thrown is a NanometerError', () => {
  expect.assertions(1);
  try {
    meter.pool('', { capacity: 1 });
  } catch (error) {
    expect(NanometerError.is(error)).toBe(true);
  }
});
