/** Values that no metric takes (F60): refused without a throw, counted, and the state unchanged. */
import { open } from 'nanometer';

const meter = open({ service: 'values', stateDir: false, inspection: false });
const rejected = () => meter.snapshot().value('nanometer.values_rejected') ?? NaN;

const NO_NUMBERS: [string, unknown][] = [
  ['a string', '1'],
  ['a bigint', 1n],
  ['a huge bigint', 2n ** 64n],
  ['null', null],
  ['undefined', undefined],
  ['an object', {}],
  ['an array of one number', [1]],
  ['true', true],
  ['a symbol', Symbol('one')],
  ['an object whose valueOf throws', { valueOf: () => { throw new Error('thrown'); } }],
  ['a boxed number', Object(1)],
  ['a date', new Date(1)],
  ['a function', () => 1],
]; // prettier-ignore
const NOT_FINITE: [string, unknown][] = [
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
];
const NEGATIVE: [string, unknown][] = [
  ['-1', -1],
  ['the smallest negative number', -Number.MIN_VALUE],
];

const counter = meter.counter('values.counter', { help: 'A counter.' });
const inFamily = meter
  .counter('values.family', { help: 'A family.', labels: { k: ['v'] } })
  .with({ k: 'v' });
const gauges = (['sum', 'max', 'min', 'last'] as const).map((aggregate) =>
  meter.gauge(`values.${aggregate}`, { help: 'A gauge.', aggregate }),
);
const histogram = meter.histogram('values.histogram', { help: 'A histogram.', buckets: [1, 2] });

describe('a counter', () => {
  test.each([...NO_NUMBERS, ...NOT_FINITE, ...NEGATIVE])('refuses %s', (_, value) => {
    for (const handle of [counter, inFamily]) expectRefusal(() => handle.add(value as number));
  });

  test('takes 0 and -0, which change nothing', () => {
    expectAcceptance(() => {
      counter.add(0);
      counter.add(-0);
    });
  });

  test('counts whole numbers exactly up to 2^53', () => {
    const exact = meter.counter('values.exact', { help: 'Exact.' });
    exact.add(2 ** 53 - 2);
    exact.inc();
    expect(meter.snapshot().value('values.exact')).toBe(Number.MAX_SAFE_INTEGER);
    exact.inc();
    expect(meter.snapshot().value('values.exact')).toBe(2 ** 53);
  });

  test('stays finite: what would overflow is refused', () => {
    const huge = meter.counter('values.huge', { help: 'Huge.' });
    huge.add(1e308);
    expectRefusal(() => huge.add(1e308));
    expect(meter.snapshot().value('values.huge')).toBe(1e308);
  });
});

describe('a gauge', () => {
  test.each([...NO_NUMBERS, ...NOT_FINITE])('refuses %s', (_, value) => {
    for (const gauge of gauges) {
      expectRefusal(() => gauge.set(value as number));
      expectRefusal(() => gauge.add(value as number));
      expectRefusal(() => gauge.max(value as number));
      expectRefusal(() => gauge.min(value as number));
    }
  });

  test('stays finite: what would overflow is refused', () => {
    const huge = meter.gauge('values.huge_gauge', { help: 'Huge.' });
    huge.set(-1e308);
    expectRefusal(() => huge.add(-1e308));
    expect(meter.snapshot().value('values.huge_gauge')).toBe(-1e308);
  });
});

describe('a histogram', () => {
  test.each([...NO_NUMBERS, ...NOT_FINITE, ...NEGATIVE])('refuses %s', (_, value) => {
    expectRefusal(() => histogram.record(value as number));
  });

  test('takes -0 as 0, and 1e308 twice without losing its count', () => {
    const wide = meter.histogram('values.wide', { help: 'Wide.', buckets: [0, 1] });
    wide.record(-0);
    wide.record(1e308);
    wide.record(1e308);
    const { count, counts, min } = meter.snapshot().histogram('values.wide');
    expect([count, counts.reduce((sum, one) => sum + one, 0)]).toEqual([count, count]);
    expect(counts[0]).toBe(1);
    expect(min).toBe(0);
  });
});

/** All that is recorded, nanometer's own metrics apart. */
function state(): string {
  const { metrics } = meter.snapshot().toJSON();
  return JSON.stringify(metrics.filter(({ name }) => name.startsWith('values.')));
}

function expectRefusal(recording: () => void): void {
  const before = { state: state(), rejected: rejected() };
  expect(recording).not.toThrow();
  expect(state()).toBe(before.state);
  expect(rejected()).toBe(before.rejected + 1);
}

function expectAcceptance(recording: () => void): void {
  const before = { state: state(), rejected: rejected() };
  expect(recording).not.toThrow();
  expect({ state: state(), rejected: rejected() }).toEqual(before);
}
