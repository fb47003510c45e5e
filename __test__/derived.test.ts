/** Derived metrics: computed when they are read, over all time and over an interval. */
import { defineCatalog, mockClock, Snapshot, type SnapshotData } from 'nanometer';
import { Hand } from './support/hand';
import { quietMeter } from './support/meter';

const LABELS = ['id'] as const;
const work = defineCatalog({
  name: 'work',
  metrics: {
    // Before its operands: the order of definition does not matter.
    'work.rate': {
      index: 0,
      kind: 'derived',
      unit: '{piece}/s',
      help: 'Pieces a second.',
      labels: LABELS,
      derive: { numerator: 'work.pieces', denominator: 'work.time', factor: 1e9 },
    },
    'work.pieces': { index: 1, kind: 'counter', help: 'Pieces.', labels: LABELS, maxSeries: 2 },
    'work.time': {
      index: 2,
      kind: 'gauge',
      unit: 'ns',
      help: 'Time at work.',
      labels: LABELS,
      maxSeries: 2,
      aggregate: 'elapsed',
    },
    'work.level': { index: 3, kind: 'gauge', help: 'A reading.' },
    'work.capacity': { index: 4, kind: 'gauge', help: 'What it may be.' },
    'work.use': {
      index: 5,
      kind: 'derived',
      help: 'How much of it.',
      derive: { numerator: 'work.level', denominator: 'work.capacity' },
    },
  },
});

function workshop() {
  const clock = mockClock(1_000);
  const meter = quietMeter({ clock });
  return { clock, meter, stats: meter.catalog(work) };
}

test('a quotient of sums of all threads, with nothing divided by nothing', async () => {
  const { clock, meter, stats } = workshop();
  const rate = (id: string) => meter.snapshot().value('work.rate', { id });
  expect(rate('a')).toBeUndefined();
  stats.work.pieces.with({ id: 'a' }).add(6);
  expect(rate('a')).toBe(0);
  const time = stats.work.time.with({ id: 'a' });
  time.start();
  clock.advance(4e9);
  time.stop();
  expect(rate('a')).toBe(1.5);

  const hand = await Hand.start(meter.service);
  await hand.run(`meter.counter('work.pieces', { help: 'Pieces.', labels: ['id'], maxSeries: 2 })
    .with({ id: 'a' }).add(2); 1`);
  expect(rate('a')).toBe(2);
  await hand.end();
  expect(rate('a')).toBe(2);
  expect(meter.snapshot().metrics.find(({ name }) => name === 'work.rate')).toEqual({
    name: 'work.rate',
    kind: 'derived',
    unit: '{piece}/s',
    help: 'Pieces a second.',
    derive: { numerator: 'work.pieces', denominator: 'work.time', factor: 1e9 },
    series: [{ labels: { id: 'a' }, value: 2 }],
  });
});

test('series are those of the numerator, in its order, the overflow with the overflow', () => {
  const { clock, meter, stats } = workshop();
  for (const [id, seconds] of [
    ['b', 2],
    ['a', 4],
    ['c', 8],
  ] as const) {
    const time = stats.work.time.with({ id });
    time.start();
    clock.advance(seconds * 1e9);
    time.stop();
  }
  for (const [id, pieces] of [
    ['a', 4],
    ['z', 9],
    ['c', 16],
  ] as const) {
    stats.work.pieces.with({ id }).add(pieces);
  }
  const rate = meter.snapshot().metrics.find(({ name }) => name === 'work.rate');
  expect(rate?.series).toEqual([
    { labels: { id: 'a' }, value: 1 },
    { labels: { id: 'z' }, value: 0 },
    { labels: { otel_metric_overflow: 'true' }, value: 2 },
  ]);
});

test('over an interval it is of what was added, and of readings as they are', () => {
  const { clock, meter, stats } = workshop();
  const [pieces, time] = [stats.work.pieces.with({ id: 'a' }), stats.work.time.with({ id: 'a' })];
  const workFor = (seconds: number, done: number): void => {
    time.start();
    clock.advance(seconds * 1e9);
    pieces.add(done);
    time.stop();
  };
  workFor(10, 10);
  stats.work.level.set(1);
  stats.work.capacity.set(10);
  const before = meter.snapshot();
  workFor(2, 30);
  stats.work.level.set(4);
  stats.work.capacity.set(8);
  const after = meter.snapshot();
  expect(after.value('work.rate', { id: 'a' })).toBe(40 / 12);
  // As it comes over HTTP, too.
  const again = new Snapshot(JSON.parse(JSON.stringify(after)) as SnapshotData);
  for (const delta of [after.since(before), again.since(before)]) {
    expect(delta.value('work.rate', { id: 'a' })).toBe(15);
    expect(delta.value('work.pieces', { id: 'a' })).toBe(30);
    expect(delta.value('work.time', { id: 'a' })).toBe(12e9);
    expect(delta.value('work.use')).toBe(0.5);
  }
  expect(after.since(after).value('work.rate', { id: 'a' })).toBe(0);
});

test('what began again in between counts whole in the interval', () => {
  const { clock, meter, stats } = workshop();
  const workFor = (seconds: number, done: number): void => {
    const time = stats.work.time.with({ id: 'a' });
    time.start();
    clock.advance(seconds * 1e9);
    time.stop();
    stats.work.pieces.with({ id: 'a' }).add(done);
  };
  workFor(10, 100);
  const before = meter.snapshot();
  stats.work.time.remove({ id: 'a' });
  stats.work.pieces.remove({ id: 'a' });
  workFor(4, 12);
  expect(meter.snapshot().since(before).value('work.rate', { id: 'a' })).toBe(3);
});
