/** What a definition may be, and what comes of two of one name. */
import { exponential, linear, NanometerError } from 'nanometer';
import { quietMeter, thrown } from './support/meter';

const meter = quietMeter();
const refusal = (options: unknown, kind: 'counter' | 'gauge' | 'histogram' = 'counter') =>
  thrown(() => meter[kind]('refused', options as never));
const metrics = () => meter.snapshot().metrics.map(({ name }) => name);

test('the same definition again gives the same handle', () => {
  const options = { help: 'Orders.', unit: '{order}' };
  expect(meter.counter('orders', options)).toBe(meter.counter('orders', options));
  const labels = ['sku', 'shop'] as const;
  expect(meter.gauge('stock', { labels })).toBe(meter.gauge('stock', { labels }));
});

test('another definition of the same name throws, with both in its message', () => {
  const first = meter.counter('conflicting', { help: 'First.' });
  const { code, message } = thrown(() => meter.gauge('conflicting', { help: 'Second.' }));
  expect(code).toBe('NANOMETER_CONFLICT');
  expect(message).toMatch(/counter/);
  expect(message).toMatch(/gauge/);
  expect(message).toMatch(/First\./);
  expect(message).toMatch(/Second\./);
  expect(meter.counter('conflicting', { help: 'First.' })).toBe(first);
});

test('labels in another order are another definition', () => {
  meter.counter('ordered', { labels: ['a', 'b'] });
  expect(thrown(() => meter.counter('ordered', { labels: ['b', 'a'] })).code).toBe(
    'NANOMETER_CONFLICT',
  );
});

test.each([
  '',
  'x y',
  '1st',
  '_x',
  'a"b',
  'a\nb',
  '__proto__',
  'x'.repeat(256),
  7,
  null,
  undefined,
])('the name %j is refused', (name) => {
  const { code, message } = thrown(() => meter.counter(name as string));
  expect(code).toBe('NANOMETER_INVALID_DEFINITION');
  expect(message).toMatch(/letter/);
});

test.each(['a', 'orders.accepted', 'net.bytes_sent', 'A-1/b', 'x'.repeat(255), 'constructor'])(
  'the name %j is taken',
  (name) => {
    meter.counter(name).inc();
    expect(meter.snapshot().value(name)).toBe(1);
  },
);

test("names like those of the package's own metrics are refused, taken or not", () => {
  for (const name of ['nanometer.values_rejected', 'nanometer.mine']) {
    const { code, message } = thrown(() => meter.counter(name));
    expect(code).toBe('NANOMETER_INVALID_DEFINITION');
    expect(message).toMatch(/begin with 'nanometer\.'/);
  }
});

test.each(['le', 'quantile', 'otel_metric_overflow', '__name__', '', 'a\ud800', 3, null])(
  'the label name %j is refused, in open and closed families',
  (label) => {
    expect(refusal({ labels: [label] }).code).toBe('NANOMETER_INVALID_DEFINITION');
    if (typeof label === 'string') {
      expect(refusal({ labels: { ok: ['x'], [label]: ['y'] } }).message).toContain('label');
    }
  },
);

test.each<[string, unknown, RegExp]>([
  ['a label twice', { labels: ['a', 'a'] }, /"a" appears twice/],
  ['no labels in a list', { labels: [] }, /empty/],
  ['no labels in an object', { labels: {} }, /empty/],
  ['labels that are a string', { labels: 'a' }, /list of names/],
  ['a label without values', { labels: { a: [] } }, /at least one value/],
  ['a value that is no string', { labels: { a: [1] } }, /strings/],
  ['a value twice', { labels: { a: ['x', 'x'] } }, /"x" twice/],
  ['two values that are one as Unicode', { labels: { a: ['\ud800', '\udc00'] } }, /twice/],
  ['too many closed series', { labels: many(3, 101) }, /1030301 series/],
  ['a bound without labels', { maxSeries: 5 }, /maxSeries/],
  ['a bound on a closed family', { labels: { a: ['x'] }, maxSeries: 5 }, /maxSeries/],
  ['a bound of 0', { labels: ['a'], maxSeries: 0 }, /from 1 to 1000000/],
  ['a bound of 1.5', { labels: ['a'], maxSeries: 1.5 }, /whole number/],
  ['an unknown option', { labls: ['a'] }, /"labls"; accepted are help, unit/],
  ['buckets of a counter', { buckets: [1] }, /unknown option "buckets"/],
  ['options that are no object', 'help', /an object/],
  ['a help that is no string', { help: 3 }, /help is a string, not 3/],
  ['a unit with a space', { unit: 'a b' }, /"a b" is not a unit/],
  ['a unit of 64 characters', { unit: 'x'.repeat(64) }, /up to 63/],
  ['a flag that is no boolean', { diagnostic: 1 }, /diagnostic is true or false, not 1/],
  ['a deprecation without words', { deprecated: true }, /deprecated is a string/],
])('%s is refused', (_, options, message) => {
  const refused = refusal(options);
  expect(refused.code).toBe('NANOMETER_INVALID_DEFINITION');
  expect(refused.message).toMatch(message);
  expect(refused.message).toContain('counter "refused"');
});

test('an aggregate is one of four', () => {
  expect(refusal({ aggregate: 'mean' }, 'gauge').message).toMatch(
    /sum, max, min, last, not "mean"/,
  );
});

test.each<[string, unknown, RegExp]>([
  ['no bound', { buckets: [] }, /1 to 2047/],
  ['too many', { buckets: Array.from({ length: 2048 }, (_, i) => i) }, /2048 bounds/],
  ['one that descends', { buckets: [1, 3, 2] }, /2 does not ascend/],
  ['one twice', { buckets: [1, 1] }, /does not ascend/],
  ['a negative one', { buckets: [-1, 1] }, /-1 is not a finite number/],
  ['NaN', { buckets: [NaN] }, /NaN/],
  ['an infinite one', { buckets: [1, Infinity] }, /Infinity/],
  ['a string', { buckets: ['1'] }, /"1"/],
  ['an unknown set', { buckets: 'latencies' }, /"latencies"/],
  ['latency of something that is no time', { unit: 'By', buckets: 'latency' }, /unit of time/],
  ['none, for a unit without usual ones', { unit: '{job}' }, /give the option buckets/],
  ['a scale of 21', { buckets: { exponential: { scale: 21 } } }, /from -10 to 20/],
  ['a scale of 1.5', { buckets: { exponential: { scale: 1.5 } } }, /whole number/],
  ['a range upside down', { buckets: { exponential: { scale: 1, min: 2, max: 1 } } }, /min < max/],
  ['a range from 0', { buckets: { exponential: { scale: 1, min: 0 } } }, /0 < min/],
  ['an unknown key', { buckets: { exponential: { scale: 1, low: 2 } } }, /"low"/],
  ['too fine a scale', { buckets: { exponential: { scale: 12 } } }, /lower the scale/],
])('buckets with %s are refused', (_, options, message) => {
  const refused = refusal(options, 'histogram');
  expect(refused.code).toBe('NANOMETER_INVALID_DEFINITION');
  expect(refused.message).toMatch(message);
});

test('what was refused is not defined, and its name is free', () => {
  expect(metrics()).not.toContain('refused');
  meter.counter('refused');
  expect(metrics()).toContain('refused');
});

test('makers of bounds refuse what makes none', () => {
  expect(thrown(() => exponential(0, 2, 3)).code).toBe('NANOMETER_INVALID_DEFINITION');
  expect(thrown(() => exponential(1, 1, 3)).message).toMatch(/factor above 1/);
  expect(thrown(() => exponential(1, 10, 400)).message).toMatch(/Infinity/);
  expect(thrown(() => linear(-1, 1, 3)).message).toMatch(/start of 0 or above/);
  expect(thrown(() => linear(0, 1, 2048)).message).toMatch(/2047/);
  expect(thrown(() => linear(1e300, 1, 3)).message).toMatch(/does not ascend/);
  expect(exponential(1, 2, 4)).toEqual([1, 2, 4, 8]);
  expect(linear(0, 5, 3)).toEqual([0, 5, 10]);
});

test('reserved metrics are left out until they are enabled, and lose nothing', () => {
  const reserved = meter.counter('kept.back', { reserved: true });
  reserved.inc();
  expect(metrics()).not.toContain('kept.back');
  expect(meter.enable('kept.back')).toBe(true);
  reserved.inc();
  expect(meter.snapshot().value('kept.back')).toBe(2);
  expect(meter.enable('no.such')).toBe(false);
});

test('diagnostic metrics record at that level only', () => {
  const counter = meter.counter('detail', { diagnostic: true });
  const histogram = meter.histogram('detail.time', { diagnostic: true });
  counter.inc();
  histogram.record(1);
  meter.level = 'diagnostic';
  counter.inc();
  histogram.record(1);
  meter.level = 'production';
  counter.inc();
  expect(meter.snapshot().value('detail')).toBe(1);
  expect(meter.snapshot().histogram('detail.time').count).toBe(1);
});

test('deprecated metrics go on working', () => {
  meter.counter('old', { deprecated: 'Use new.' }).inc();
  expect(meter.snapshot().value('old')).toBe(1);
});

test('errors are told by their brand, whatever realm they are of', () => {
  expect(NanometerError.is(new NanometerError('NANOMETER_CLOSED', 'x'))).toBe(true);
  expect(NanometerError.is({ [Symbol.for('nanometer.error')]: true })).toBe(true);
  expect(NanometerError.is(new Error('x'))).toBe(false);
  expect(NanometerError.is(null)).toBe(false);
});

function many(labels: number, values: number): Record<string, string[]> {
  const list = Array.from({ length: values }, (_, i) => String(i));
  return Object.fromEntries(Array.from({ length: labels }, (_, i) => [`l${String(i)}`, list]));
}
