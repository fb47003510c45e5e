/** Families: one handle for each set of label values, whatever the values are. */
import fc from 'fast-check';
import type { Counter, Labels, MetricData, ValueSeries } from 'nanometer';
import { quietMeter, watchWarnings } from './support/meter';

const warnings = watchWarnings();
const meter = quietMeter();
let made = 0;
const name = () => `f${String((made += 1))}`;

/** What tells nanometer's overflow series from all others. */
const OVERFLOW: Labels = { otel_metric_overflow: 'true' };
const own = (metric: string) => meter.snapshot().value(`nanometer.${metric}`)!;
const seriesOf = (family: string): readonly ValueSeries[] => {
  const found = meter.snapshot().metrics.find((metric: MetricData) => metric.name === family);
  return (found?.series ?? []) as ValueSeries[];
};

test('with() gives the same handle each time, and another for other values', () => {
  const family = meter.counter(name(), { labels: ['a', 'b'] });
  const handle = family.with({ a: 'x', b: 'y' });
  expect(family.with({ b: 'y', a: 'x' })).toBe(handle);
  expect(family.with({ a: 'y', b: 'x' })).not.toBe(handle);
});

test('every kind of metric has families', () => {
  const [counter, gauge, histogram] = [name(), name(), name()];
  meter
    .counter(counter, { labels: ['k'] })
    .with({ k: 'v' })
    .add(2);
  meter
    .gauge(gauge, { labels: ['k'] })
    .with({ k: 'v' })
    .set(3);
  meter
    .histogram(histogram, { labels: { k: ['v', 'w'] } })
    .with({ k: 'v' })
    .record(4);
  const snapshot = meter.snapshot();
  expect(snapshot.value(counter, { k: 'v' })).toBe(2);
  expect(snapshot.value(gauge, { k: 'v' })).toBe(3);
  expect(snapshot.histogram(histogram, { k: 'v' }).sum).toBe(4);
  expect(snapshot.histogram(histogram, { k: 'w' }).count).toBe(0);
});

test('a closed family has all its series from the start, in order, and no overflow series', () => {
  const family = name();
  meter.counter(family, { labels: { route: ['/a', '/b'], status: ['2xx', '5xx'] } });
  expect(seriesOf(family)).toEqual([
    { labels: { route: '/a', status: '2xx' }, value: 0 },
    { labels: { route: '/a', status: '5xx' }, value: 0 },
    { labels: { route: '/b', status: '2xx' }, value: 0 },
    { labels: { route: '/b', status: '5xx' }, value: 0 },
  ]);
});

test.each<[string, unknown]>([
  ['a value that is not of the family', { k: 'other' }],
  ['a missing label', {}],
  ['a number', { k: 1 }],
  ['null', { k: null }],
  ['a symbol', { k: Symbol('v') }],
  ['an object', { k: { toString: () => 'v' } }],
  ['no labels at all', undefined],
  ['labels that are null', null],
  ['labels that are a string', 'v'],
  ['a getter that throws', { get k(): never { throw new Error('mine'); } }], // prettier-ignore
])('%s goes to the overflow series of a closed family, counted', (_, labels) => {
  const family = name();
  const counter = meter.counter(family, { labels: { k: ['v'] } });
  const before = own('labels_rejected');
  counter.with(labels as { k: 'v' }).inc();
  expect(own('labels_rejected')).toBe(before + 1);
  expect(meter.snapshot().value(family, OVERFLOW)).toBe(1);
  expect(meter.snapshot().value(family, { k: 'v' })).toBe(0);
  expect(warnings.filter(({ message }) => message.startsWith(`${family}:`))).toHaveLength(1);
});

test('a family warns once, and names the first value that it could not take', () => {
  const family = name();
  const counter = meter.counter(family, { labels: ['sku'] });
  for (let i = 0; i < 5; i++) counter.with({ sku: i as unknown as string }).inc();
  const said = warnings.filter(({ message }) => message.startsWith(`${family}:`));
  expect(said).toHaveLength(1);
  expect(said[0]?.message).toContain('the label "sku" is 0, not a string');
  expect(meter.snapshot().value(family, OVERFLOW)).toBe(5);
});

test('past its bound an open family overflows: nothing is lost, and old series stay', () => {
  const family = name();
  const counter = meter.counter(family, { labels: ['k'], maxSeries: 3 });
  const before = own('series_overflowed');
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 10; i++) counter.with({ k: String(i) }).inc();
  }
  const series = seriesOf(family);
  expect(series).toHaveLength(4);
  expect(series.at(-1)?.labels).toEqual(OVERFLOW);
  expect(series.reduce((sum, { value }) => sum + value, 0)).toBe(20);
  expect(meter.snapshot().value(family, { k: '0' })).toBe(2);
  expect(own('series_overflowed')).toBeGreaterThan(before);
});

test('label values that a full family has refused are remembered, counted, and asked for again', () => {
  const family = name();
  const counter = meter.counter(family, { labels: ['k'], maxSeries: 1 });
  counter.with({ k: 'first' }).inc();
  const before = own('series_overflowed');
  const uses = 3_000;
  for (let use = 0; use < uses; use++) counter.with({ k: `refused ${use % 3}` }).inc();
  expect(meter.snapshot().value(family, OVERFLOW)).toBe(uses);
  // In batches: at most the last one is still to be counted.
  const counted = own('series_overflowed') - before;
  expect(counted).toBeGreaterThan(uses - 1_030);
  expect(counted).toBeLessThanOrEqual(uses);
  expect(counter.remove({ k: 'first' })).toBe(true);
  counter.with({ k: 'refused 1' }).inc();
  expect(meter.snapshot().value(family, { k: 'refused 1' })).toBe(1);
  expect(own('series_overflowed') - before).toBe(uses);
});

test('more label values than are remembered are refused all the same, and nothing is lost', () => {
  const family = name();
  const counter = meter.counter(family, { labels: ['a', 'b'], maxSeries: 2 });
  for (let i = 0; i < 5_000; i++) counter.with({ a: `${i % 7}`, b: `${i}` }).inc();
  expect(seriesOf(family).reduce((sum, { value }) => sum + value, 0)).toBe(5_000);
  expect(seriesOf(family)).toHaveLength(3);
});

test("the meter's bound holds for families that name none", () => {
  const bounded = quietMeter({ maxSeries: 2 });
  const counter = bounded.counter('open', { labels: ['k'] });
  for (const k of ['a', 'b', 'c']) counter.with({ k }).inc();
  expect(bounded.snapshot().value('open', OVERFLOW)).toBe(1);
});

test('a removed series leaves the output, and makes room', () => {
  const family = name();
  const counter = meter.counter(family, { labels: ['k'], maxSeries: 2 });
  counter.with({ k: 'a' }).add(5);
  counter.with({ k: 'b' }).add(6);
  expect(counter.remove({ k: 'a' })).toBe(true);
  expect(seriesOf(family)).toEqual([{ labels: { k: 'b' }, value: 6 }]);
  counter.with({ k: 'c' }).inc();
  expect(meter.snapshot().value(family, { k: 'c' })).toBe(1);
  expect(meter.snapshot().value(family, OVERFLOW)).toBeUndefined();
});

test.each(['counter', 'gauge', 'histogram'] as const)(
  'a handle of a removed series of a %s records into the overflow series',
  (kind) => {
    const family = name();
    const options = { labels: ['k'] } as const;
    const record = {
      counter: () => {
        const open = meter.counter(family, options);
        return { open, old: open.with({ k: 'a' }), again: (h: Counter) => h.add(4) };
      },
      gauge: () => {
        const open = meter.gauge(family, options);
        const old = open.with({ k: 'a' });
        return { open, old, again: () => old.set(4) };
      },
      histogram: () => {
        const open = meter.histogram(family, options);
        const old = open.with({ k: 'a' });
        return { open, old, again: () => old.record(4) };
      },
    }[kind]();
    expect(record.open.remove({ k: 'a' })).toBe(true);
    record.again(record.old as Counter);
    const snapshot = meter.snapshot();
    const total =
      kind === 'histogram'
        ? snapshot.histogram(family, OVERFLOW).sum
        : snapshot.value(family, OVERFLOW);
    expect(total).toBe(4);
    expect(seriesOf(family)).toHaveLength(1);
  },
);

test('a series that is bound again after its removal begins at nothing', () => {
  const family = name();
  const counter = meter.counter(family, { labels: ['k'] });
  const old = counter.with({ k: 'a' });
  old.add(9);
  counter.remove({ k: 'a' });
  const fresh = counter.with({ k: 'a' });
  expect(fresh).not.toBe(old);
  fresh.inc();
  expect(meter.snapshot().value(family, { k: 'a' })).toBe(1);
});

test('removing what is not there, or not of an open family, is false and throws nothing', () => {
  const open = meter.counter(name(), { labels: ['k'] });
  expect(open.remove({ k: 'never' })).toBe(false);
  expect(open.remove({ k: 1 } as unknown as { k: string })).toBe(false);
  const closed = meter.counter(name(), { labels: { k: ['v'] } }) as unknown as typeof open;
  expect(closed.remove({ k: 'v' })).toBe(false);
});

test('many series come and go in bounded room', () => {
  const family = name();
  const counter = meter.counter(family, { labels: ['a', 'b'], maxSeries: 10 });
  for (let i = 0; i < 2_000; i++) {
    const labels = { a: `a${String(i % 7)}`, b: `b${String(i)}` };
    counter.with(labels).inc();
    expect(counter.remove(labels)).toBe(true);
  }
  expect(seriesOf(family)).toEqual([]);
});

test('lone surrogates are U+FFFD: one series, however they are written', () => {
  const family = name();
  const counter = meter.counter(family, { labels: ['k'] });
  expect(counter.with({ k: '\ud800' })).toBe(counter.with({ k: '\ufffd' }));
  expect(counter.with({ k: '\udfff' })).toBe(counter.with({ k: '\ud800' }));
  counter.with({ k: '\ud800' }).inc();
  expect(meter.snapshot().value(family, { k: '\ufffd' })).toBe(1);
});

test('labels that the family does not have are ignored', () => {
  const counter = meter.counter(name(), { labels: ['k'] });
  const labels = { k: 'a', other: 'b' };
  expect(counter.with(labels)).toBe(counter.with({ k: 'a' }));
});

test('label names and values of JavaScript are nothing special', () => {
  const family = name();
  const counter = meter.counter(family, { labels: ['constructor', 'toString'] });
  const labels = { constructor: '__proto__', toString: 'hasOwnProperty' };
  counter.with(labels as never).inc();
  expect(seriesOf(family)).toEqual([{ labels, value: 1 }]);
});

test('no two sets of label values share a series', () => {
  const piece = fc.constantFrom('', 'a', 'b', ',', ';', '"', '\\', '\0', '\u001f', '=', 'é', '😀');
  const text = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
  const labels = fc.record({ x: text, y: text, z: text });
  const key = ({ x, y, z }: { x: string; y: string; z: string }) => JSON.stringify([x, y, z]);
  fc.assert(
    fc.property(fc.array(labels, { minLength: 1, maxLength: 60 }), (sets) => {
      const family = name();
      const counter = meter.counter(family, { labels: ['x', 'y', 'z'] });
      const expected = new Map<string, number>();
      for (const set of sets) {
        counter.with(set).inc();
        expected.set(key(set), (expected.get(key(set)) ?? 0) + 1);
      }
      const found = seriesOf(family).map(
        ({ labels: { x = '', y = '', z = '' }, value }) => [key({ x, y, z }), value] as const,
      );
      expect(found).toHaveLength(expected.size);
      expect(new Map(found)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});
