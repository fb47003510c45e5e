/** Snapshots: what they answer, how they subtract, what they are as JSON. */
import fc from 'fast-check';
import { linear, Snapshot, type SnapshotData } from 'nanometer';
import { quietMeter, thrown } from './support/meter';

const meter = quietMeter();

test('values are found by name and exactly these labels, in any order', () => {
  meter.counter('plain').add(3);
  meter
    .counter('family', { labels: ['a', 'b'] })
    .with({ a: 'x', b: 'y' })
    .add(4);
  const snapshot = meter.snapshot();
  expect(snapshot.value('plain')).toBe(3);
  expect(snapshot.value('family', { b: 'y', a: 'x' })).toBe(4);
  expect(snapshot.value('family')).toBeUndefined();
  expect(snapshot.value('family', { a: 'x' })).toBeUndefined();
  expect(snapshot.value('plain', { a: 'x' })).toBeUndefined();
  expect(snapshot.value('no.such')).toBeUndefined();
  expect(snapshot.value('toString')).toBeUndefined();
});

test('a histogram that is not there is an empty one', () => {
  const found = meter.snapshot().histogram('no.such');
  expect(found).toMatchObject({ count: 0, sum: 0, min: null, max: null });
  expect(found.mean).toBeNaN();
  expect(found.quantile(0.5)).toBeNaN();
});

test('its JSON is the documented shape, and makes the same snapshot again', () => {
  const own = quietMeter();
  own.counter('c', { help: 'A counter.', unit: '{c}' }).add(2);
  own.histogram('h', { help: 'A histogram.', unit: 'ms', buckets: [1, 2] }).record(1.5);
  const before = Date.now();
  const snapshot = own.snapshot();
  const data = JSON.parse(JSON.stringify(snapshot)) as SnapshotData;
  expect(Object.keys(data).sort()).toEqual([
    'level',
    'metrics',
    'processes',
    'service',
    'takenAtMs',
  ]);
  expect(data.service).toBe(own.service);
  expect(data.level).toBe('production');
  expect(Math.abs(data.takenAtMs - before)).toBeLessThan(60_000);
  expect(data.processes).toEqual([
    { pid: process.pid, startedAtMs: expect.any(Number) as number, alive: true },
  ]);
  expect(data.metrics.filter(({ name }) => !name.startsWith('nanometer.'))).toEqual([
    {
      name: 'c',
      kind: 'counter',
      unit: '{c}',
      help: 'A counter.',
      series: [{ labels: {}, value: 2 }],
    },
    {
      name: 'h',
      kind: 'histogram',
      unit: 'ms',
      help: 'A histogram.',
      series: [
        {
          labels: {},
          histogram: { count: 1, sum: 1.5, min: 1.5, max: 1.5, bounds: [1, 2], counts: [0, 1, 0] },
        },
      ],
    },
  ]);
  const again = new Snapshot(data);
  expect(again.value('c')).toBe(2);
  expect(again.toJSON()).toEqual(snapshot.toJSON());
});

test('a snapshot does not change when more is recorded', () => {
  const counter = meter.counter('later');
  counter.inc();
  const snapshot = meter.snapshot();
  counter.inc();
  expect(snapshot.value('later')).toBe(1);
});

describe('since()', () => {
  test('subtracts counters and histograms, and leaves gauges as they are', () => {
    const counter = meter.counter('d.counter');
    const gauge = meter.gauge('d.gauge');
    const histogram = meter.histogram('d.histogram', { buckets: [10, 20] });
    counter.add(5);
    gauge.set(5);
    histogram.record(5);
    const before = meter.snapshot();
    counter.add(2);
    gauge.set(9);
    histogram.record(15);
    histogram.record(25);
    const delta = meter.snapshot().since(before);
    expect(delta.value('d.counter')).toBe(2);
    expect(delta.value('d.gauge')).toBe(9);
    expect(delta.histogram('d.histogram')).toMatchObject({
      count: 2,
      sum: 40,
      min: null,
      max: null,
      counts: [0, 1, 1],
    });
    expect(delta.durationMs).toBeGreaterThanOrEqual(0);
    expect(before.durationMs).toBeNull();
  });

  test('what is new counts whole, with its smallest and largest value', () => {
    meter.histogram('d.first', { buckets: [10] });
    const before = meter.snapshot();
    meter.counter('d.new').add(3);
    meter.histogram('d.first', { buckets: [10] }).record(4);
    const delta = meter.snapshot().since(before);
    expect(delta.value('d.new')).toBe(3);
    expect(delta.histogram('d.first')).toMatchObject({ count: 1, min: 4, max: 4 });
  });

  test('what began again in between counts whole', () => {
    const family = meter.counter('d.family', { labels: ['k'] });
    family.with({ k: 'a' }).add(10);
    const before = meter.snapshot();
    family.remove({ k: 'a' });
    family.with({ k: 'a' }).add(4);
    expect(meter.snapshot().since(before).value('d.family', { k: 'a' })).toBe(4);

    const histograms = meter.histogram('d.histograms', { labels: ['k'], buckets: [10] });
    histograms.with({ k: 'a' }).record(1);
    const earlier = meter.snapshot();
    histograms.remove({ k: 'a' });
    histograms.with({ k: 'a' }).record(20);
    const delta = meter.snapshot().since(earlier).histogram('d.histograms', { k: 'a' });
    expect(delta).toMatchObject({ count: 1, sum: 20, min: 20, max: 20, counts: [0, 1] });
  });

  test('takes snapshots of the same service only', () => {
    const other = quietMeter().snapshot();
    const { code, message } = thrown(() => meter.snapshot().since(other));
    expect(code).toBe('NANOMETER_INVALID_OPTION');
    expect(message).toContain(other.service);
  });

  test('differences of consecutive snapshots add up to the whole', () => {
    const counter = meter.counter('d.sum');
    const histogram = meter.histogram('d.sums', { unit: '1', buckets: linear(0, 10, 10) });
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 120 }))), (rounds) => {
        let before = meter.snapshot();
        for (const values of rounds) {
          for (const value of values) {
            counter.add(value);
            histogram.record(value);
          }
          const now = meter.snapshot();
          const delta = now.since(before);
          const sum = values.reduce((total, value) => total + value, 0);
          expect(delta.value('d.sum')).toBe(sum);
          expect(delta.histogram('d.sums')).toMatchObject({ count: values.length, sum });
          before = now;
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('quantile()', () => {
  const found = (bounds: number[], counts: number[], min: number | null, max: number | null) => {
    const count = counts.reduce((sum, one) => sum + one, 0);
    const histogram = { count, sum: 0, min, max, bounds, counts };
    return new Snapshot({
      service: 's',
      takenAtMs: 0,
      level: 'production',
      processes: [],
      metrics: [
        { name: 'h', kind: 'histogram', unit: '', help: '', series: [{ labels: {}, histogram }] },
      ],
    }).histogram('h');
  };

  test('takes values as spread evenly within a bucket', () => {
    const even = found([10, 20, 30], [10, 10, 10, 0], 0, 30);
    expect(even.quantile(0)).toBe(0);
    expect(even.quantile(0.5)).toBe(15);
    expect(even.quantile(0.9)).toBeCloseTo(27);
    expect(even.quantile(1)).toBe(30);
  });

  test('stays between the smallest and the largest value', () => {
    const one = found([100], [1, 0], 40, 40);
    expect(one.quantile(0)).toBe(40);
    expect(one.quantile(0.5)).toBe(40);
    const over = found([100], [0, 2], 150, 250);
    expect(over.quantile(0.5)).toBe(200);
    expect(over.quantile(1)).toBe(250);
  });

  test('answers the last bound where nothing is known beyond it', () => {
    expect(found([100], [0, 2], null, null).quantile(0.99)).toBe(100);
  });

  test.each([-0.1, 1.1, NaN])('of %d is NaN', (q) => {
    expect(found([100], [1, 0], 1, 1).quantile(q)).toBeNaN();
  });

  test('ascends with q, and is within a bucket of the true quantile', () => {
    const width = 10;
    const histogram = meter.histogram('q', { unit: '1', buckets: linear(width, width, 20) });
    const values = Array.from({ length: 500 }, (_, i) => (i * 7919) % 199);
    for (const value of values) histogram.record(value);
    const distribution = meter.snapshot().histogram('q');
    const sorted = values.sort((a, b) => a - b);
    let last = 0;
    for (let q = 0; q <= 1; q += 0.01) {
      const quantile = distribution.quantile(q);
      const truth = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!;
      expect(quantile).toBeGreaterThanOrEqual(last);
      expect(Math.abs(quantile - truth)).toBeLessThanOrEqual(width);
      last = quantile;
    }
  });
});
