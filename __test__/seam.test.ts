/** What is asked of whichever backend owns the memory, below the public API. */
import { randomUUID } from 'node:crypto';
import type { SnapshotData } from 'nanometer';
import type { BackendMeter } from '../dist/backend/backend';
import { chooseBackend } from '../dist/backend/choose';
import { define, type Asked } from '../dist/definition/define';
import { CELLS_PER_BLOCK, GATE, GAUGE_STAMP, GAUGE_VALUE } from '../dist/generated/layout';
import { resolveOptions } from '../dist/open/options';
import { thrown } from './support/meter';

const MAX_SERIES = 3;
const NO_FAMILY = 4_294_967_295;
const IN_HEADER = 1;

let meter: BackendMeter;

beforeEach(() => {
  const service = `seam ${randomUUID()}`;
  meter = chooseBackend().open(
    resolveOptions({ service, stateDir: false, inspection: false }).resolved,
  );
});

afterEach(() => meter.close());

const place = (asked: Asked, name: string, options: object = {}) =>
  meter.define(define(asked, name, options, MAX_SERIES));

function store(position: number, ...values: number[]): void {
  meter.block(Math.floor(position / CELLS_PER_BLOCK)).set(values, position % CELLS_PER_BLOCK);
}

function read(...pairs: number[]): number[] {
  const into = new Float64Array(pairs.length / 2).fill(-1);
  meter.readValues(Uint32Array.from(pairs), into);
  return [...into];
}

const snapshot = () => JSON.parse(meter.snapshot()) as SnapshotData;
const seriesOf = (name: string) =>
  snapshot().metrics.find((metric) => metric.name === name)?.series;

describe('readValues()', () => {
  test('gives what a snapshot says, of every kind that is one number', () => {
    const counter = place('counter', 'counter');
    const states = place('state', 'state', { states: ['a', 'b', 'c'] });
    const gauges = (['sum', 'max', 'min', 'last'] as const).map((aggregate) => ({
      name: `gauge.${aggregate}`,
      ...place('gauge', `gauge.${aggregate}`, { aggregate }),
    }));
    const stopped = place('stopwatch', 'stopped');
    const reserved = place('counter', 'reserved', { reserved: true });
    store(counter.position, 12.5);
    store(states.position, 2, 17);
    gauges.forEach(({ position }, i) => {
      store(position, i + 0.25, 5);
    });
    store(stopped.position, 123_456, -1);
    store(reserved.position, 4);

    const all = [counter, states, ...gauges, stopped, reserved];
    const values = read(...all.flatMap(({ family, position }) => [family, position]));
    expect(values).toEqual([12.5, 2, 0.25, 1.25, 2.25, 3.25, 123_456, 4]);
    const names = ['counter', 'state', ...gauges.map(({ name }) => name), 'stopped'];
    expect(names.map((name) => seriesOf(name)?.[0])).toEqual(
      names.map((_, i) => expect.objectContaining({ labels: {}, value: values[i] }) as unknown),
    );
  });

  test('finds series of families, bound before and after, and their overflow', () => {
    const open = place('counter', 'open', { labels: ['id'] });
    const closed = place('gauge', 'closed', { labels: { k: ['x', 'y'] } });
    const first = meter.bind(open.family, ['a']);
    const y = meter.bind(closed.family, ['y']);
    store(first, 1);
    store(y, 7, 1);
    store(open.position, 30);
    const pairs = [open.family, first, closed.family, y, open.family, open.position];
    expect(read(...pairs)).toEqual([1, 7, 30]);
    const second = meter.bind(open.family, ['b']);
    store(second, 2);
    expect(read(...pairs, open.family, second)).toEqual([1, 7, 30, 2]);
  });

  test('a running time is the time of the moment', () => {
    const { clock } = chooseBackend();
    const { family, position } = place('stopwatch', 'running');
    clock.tick();
    const start = clock.cell[0]!;
    store(position, start, 1);
    const [value] = read(family, position);
    clock.tick();
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(clock.cell[0]! - start + 1e5);
    expect(read(family, position)[0]).toBeGreaterThan(value!);
  });

  test('what is no single value is NaN, and the rest of the array is left alone', () => {
    const counter = place('counter', 'counter');
    const histogram = place('histogram', 'histogram');
    const derived = place('derived', 'derived', {
      derive: { numerator: 'counter', denominator: 'counter' },
    });
    const into = new Float64Array(6).fill(-1);
    const pairs = [counter, histogram, derived].flatMap(({ family, position }) => [
      family,
      position,
    ]);
    meter.readValues(Uint32Array.from([...pairs, NO_FAMILY, 8, counter.family, IN_HEADER]), into);
    expect([...into]).toEqual([0, NaN, NaN, NaN, NaN, -1]);
  });

  test.each([
    ['a pair that is not whole', 3, 2],
    ['an array that is too short', 4, 1],
  ])('refuses %s', (_, pairs, length) => {
    const { code } = thrown(() => {
      meter.readValues(new Uint32Array(pairs), new Float64Array(length));
    });
    expect(code).toBe('NANOMETER_INVALID_OPTION');
  });
});

describe('gates', () => {
  test('say the level: its number, and one less in a block for diagnostic metrics', () => {
    const blocks = [false, true].map((diagnostic) =>
      meter.block(
        Math.floor(place('counter', `c.${diagnostic}`, { diagnostic }).position / CELLS_PER_BLOCK),
      ),
    );
    const gates = (['off', 'production', 'diagnostic'] as const).map((level) => {
      meter.setLevel(level, null);
      return blocks.map((block) => block[GATE]);
    });
    expect(gates).toEqual([
      [0, -1],
      [1, 0],
      [2, 1],
    ]);
    const late = place('histogram', 'late', { labels: { k: [...'abcdefghij'] }, diagnostic: true });
    expect(meter.block(Math.floor(late.position / CELLS_PER_BLOCK))[GATE]).toBe(1);
  });
});

describe('derived metrics', () => {
  const derive = (numerator: string, labels?: readonly string[]) =>
    place('derived', `of.${numerator}`, {
      ...(labels && { labels }),
      derive: { numerator, denominator: 'not.there' },
    });

  test('are of counters and gauges with the same labels', () => {
    place('histogram', 'times', { labels: ['id'] });
    place('counter', 'count', { labels: ['key'] });
    const code = 'NANOMETER_INVALID_DEFINITION';
    expect(thrown(() => derive('times', ['id']))).toEqual({
      code,
      message: "metric 'of.times': 'times' cannot be derived from: only counters and gauges can",
    });
    expect(thrown(() => derive('count', ['id']))).toEqual({
      code,
      message:
        `metric 'of.count': 'count' has the labels ["key"] and it has ["id"]; ` +
        'they must be the same, in the same order',
    });
    expect(snapshot().metrics.filter(({ kind }) => kind === 'derived')).toEqual([]);
  });

  test('have no cells and no series of their own', () => {
    expect(derive('nothing').position).toBe(0);
    const { family, position } = derive('nothing.labelled', ['id']);
    expect(position).toBe(0);
    expect(meter.bind(family, ['a'])).toBe(-1);
    expect(seriesOf('of.nothing.labelled')).toEqual([]);
  });

  test('have none either where an operand came later and does not fit, or is not shown', () => {
    const derived = { derive: { numerator: 'above', denominator: 'below' } };
    const { family } = place('derived', 'quotient', derived);
    const above = place('counter', 'above');
    store(above.position, 6);
    const reserved = place('counter', 'below', { reserved: true });
    store(reserved.position, 4);
    expect(seriesOf('quotient')).toEqual([]);
    meter.enable('below');
    expect(seriesOf('quotient')).toEqual([{ labels: {}, value: 1.5 }]);
    expect(place('derived', 'quotient', derived).family).toBe(family);
    place('derived', 'misfit', { derive: { numerator: 'above', denominator: 'labelled' } });
    place('counter', 'labelled', { labels: ['id'] });
    expect(seriesOf('misfit')).toEqual([]);
  });
});

test('a state that its cell does not name is the first', () => {
  const { position } = place('state', 'state', { states: ['a', 'b'] });
  for (const [cell, value] of [
    [1, 1],
    [2, 0],
    [0.5, 0],
    [-1, 0],
    [NaN, 0],
  ] as const) {
    store(position + GAUGE_VALUE, cell);
    store(position + GAUGE_STAMP, 1);
    expect(seriesOf('state')).toEqual([{ labels: {}, value, state: value === 1 ? 'b' : 'a' }]);
  }
});
