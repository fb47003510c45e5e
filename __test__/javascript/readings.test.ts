/** How the readings of several lanes become one, told the long way round: filter, then fold. */
import fc from 'fast-check';
import { mergeReadings } from '../../dist/javascript/readings';

interface Reading {
  readonly isLive: boolean;
  readonly value: number;
  readonly stamp: number;
}

type Aggregate = 'sum' | 'max' | 'min' | 'last' | 'elapsed';

const NOW = 10_000;
const NAMES = ['a', 'b', 'c'];
const readings = fc.array(
  fc.record({
    isLive: fc.boolean(),
    value: fc.integer({ min: 0, max: NOW }),
    stamp: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 1, max: 1e6 }).map((at) => -1 / at),
    ),
  }),
  { maxLength: 8 },
);

test('every aggregate is what its definition says', () => {
  fc.assert(
    fc.property(readings, (lanes) => {
      const counted = lanes.filter(({ isLive, stamp }) => stamp < 0 || (stamp > 0 && isLive));
      const values = counted.map(({ value }) => value);
      const added = lanes.filter(({ stamp }) => stamp === 0).map(({ value }) => value);
      expect(merged('sum', lanes)).toBe(total([...values, ...added]));
      expect(merged('max', lanes)).toBe(values.length === 0 ? 0 : Math.max(...values));
      expect(merged('min', lanes)).toBe(values.length === 0 ? 0 : Math.min(...values));
      expect(merged('last', lanes)).toBe(latest(counted)?.value ?? 0);
      const times = counted.map(({ stamp, value }) => (stamp < 0 ? value : NOW - value));
      expect(merged('elapsed', lanes)).toBe(Math.max(0, ...times));
      const index = latest(counted)?.value ?? 0;
      expect(mergedState(lanes)).toBe(index < NAMES.length ? index : 0);
    }),
  );
});

test.each([1.5, -1, 3, NaN, Infinity])('a state of %d is the first', (value) => {
  expect(mergedState([{ isLive: true, value, stamp: 5 }])).toBe(0);
  expect(mergedState([{ isLive: true, value: 2, stamp: 5 }])).toBe(2);
});

test('a time whose start lies ahead is nothing, and not less', () => {
  expect(merged('elapsed', [{ isLive: true, value: NOW + 5, stamp: 1 }])).toBe(0);
});

function merged(aggregate: Aggregate, lanes: readonly Reading[]): number {
  return merge({ kind: 'gauge', aggregate, states: null }, lanes);
}

function mergedState(lanes: readonly Reading[]): number {
  return merge({ kind: 'state', aggregate: null, states: { names: NAMES, final: [] } }, lanes);
}

function merge(definition: object, lanes: readonly Reading[]): number {
  const position = 3;
  const parts = lanes.map(({ isLive, value, stamp }) => {
    const cells = new Float64Array(16);
    cells.set([value, stamp], position);
    return { position, lane: { isLive, cells: () => cells, cellWords: () => wordsOf(cells) } };
  });
  type Arguments = Parameters<typeof mergeReadings>;
  return mergeReadings(definition as Arguments[0], parts as unknown as Arguments[1], NOW);
}

function wordsOf(cells: Float64Array): Int32Array {
  return new Int32Array(cells.buffer);
}

function latest(lanes: readonly Reading[]): Reading | undefined {
  return lanes.reduce<Reading | undefined>(
    (last, lane) => (last === undefined || lane.stamp >= last.stamp ? lane : last),
    undefined,
  );
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
