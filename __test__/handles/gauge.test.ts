/** What each way to record does to a gauge, by its aggregate. */
import { mockClock } from 'nanometer';
import { quietMeter } from '../support/meter';

const clock = mockClock(0);
const meter = quietMeter({ clock });
const value = (name: string) => meter.snapshot().value(name);

test.each(['sum', 'max', 'min', 'last'] as const)(
  'set, add, inc and dec of a %s gauge',
  (aggregate) => {
    const name = `g.${aggregate}`;
    const gauge = meter.gauge(name, { aggregate });
    gauge.set(4);
    expect(value(name)).toBe(4);
    gauge.add(-1.5);
    expect(value(name)).toBe(2.5);
    gauge.inc();
    gauge.inc();
    gauge.dec();
    expect(value(name)).toBe(3.5);
    gauge.set(-7);
    expect(value(name)).toBe(-7);
  },
);

test.each(['sum', 'max', 'min', 'last'] as const)(
  'max and min of a %s gauge keep the extreme of what was given since it was set',
  (aggregate) => {
    const name = `extreme.${aggregate}`;
    const gauge = meter.gauge(name, { aggregate });
    gauge.set(5);
    gauge.max(3);
    expect(value(name)).toBe(5);
    gauge.max(9);
    expect(value(name)).toBe(9);
    gauge.min(12);
    expect(value(name)).toBe(9);
    gauge.min(-2);
    expect(value(name)).toBe(-2);
  },
);

test.each(['max', 'min', 'last'] as const)(
  'the first reading of a %s gauge is taken as it is, also by max and min',
  (aggregate) => {
    const low = meter.gauge(`first.low.${aggregate}`, { aggregate });
    low.max(-5);
    expect(value(`first.low.${aggregate}`)).toBe(-5);
    const high = meter.gauge(`first.high.${aggregate}`, { aggregate });
    high.min(5);
    expect(value(`first.high.${aggregate}`)).toBe(5);
  },
);

test.each(['sum', 'max', 'min', 'last'] as const)(
  'adding alone is a reading of a %s gauge',
  (aggregate) => {
    meter.gauge(`added.${aggregate}`, { aggregate }).add(-3);
    expect(value(`added.${aggregate}`)).toBe(-3);
  },
);

test('a sum gauge begins at 0, and what was added to it counts for max and min', () => {
  const gauge = meter.gauge('begins');
  gauge.max(-5);
  expect(value('begins')).toBe(0);
  const added = meter.gauge('added');
  added.add(4);
  added.max(2);
  expect(value('added')).toBe(4);
});

test('a gauge that nothing was recorded into is 0, whatever its aggregate', () => {
  for (const aggregate of ['sum', 'max', 'min', 'last'] as const) {
    meter.gauge(`idle.${aggregate}`, { aggregate });
    expect(value(`idle.${aggregate}`)).toBe(0);
  }
});

test('a last gauge is set also by a clock that stands at 0', () => {
  const gauge = meter.gauge('at.zero', { aggregate: 'last' });
  gauge.set(3);
  expect(value('at.zero')).toBe(3);
});

test('a gauge records nothing while the level is off', () => {
  const gauge = meter.gauge('silent');
  meter.level = 'off';
  gauge.set(1);
  gauge.add(1);
  gauge.max(1);
  gauge.min(-1);
  meter.level = 'production';
  expect(value('silent')).toBe(0);
});
