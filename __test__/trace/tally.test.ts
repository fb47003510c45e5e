/** Who records a tally: a native scribe while it has one, else JavaScript; never both. */
import type { NativeScribe } from '../../dist/backend/backend';
import { GATE } from '../../dist/generated/layout';
import { Counter } from '../../dist/handles/counter';
import { stage, START } from '../../dist/trace/stage';
import { Tally } from '../../dist/trace/tally';
import { mockClock } from 'nanometer';
import { counterAt, histogramAt } from './support/handles';
import { block } from './support/memory';

const CLOCK = mockClock(500);

/** A scribe that writes down what it is told, and has room for so many tallies. */
function scribe(room: number) {
  const told: unknown[] = [];
  const native: NativeScribe = {
    number: 1,
    addTally: (bounds, slowNs) => {
      told.push(['add', Array.from(bounds), slowNs]);
      return room === 0 ? 0 : 5;
    },
    placeTally: (tally, isHistogram, _, index) => told.push(['place', tally, isHistogram, index]),
    removeTally: (tally) => told.push(['remove', tally]),
  };
  return { native, told };
}

function tallied() {
  const { cells } = block();
  cells[GATE] = 1;
  const counter = counterAt(cells, 8);
  return { cells, counter, tally: new Tally(counter, histogramAt(cells, 9, [10], CLOCK), 100) };
}

test('a scribe is told where a tally has its cells, until that is taken back', () => {
  const { cells, counter, tally } = tallied();
  const { native, told } = scribe(1);
  tally.handOver(native);
  expect(tally.isOwn).toBe(false);
  Counter.redirect(counter, cells, 20);
  tally.takeBack();
  tally.takeBack();
  Counter.redirect(counter, cells, 21);
  expect(told).toEqual([
    ['add', [10, Infinity], 100],
    ['place', 5, false, 8],
    ['place', 5, true, 9],
    ['place', 5, false, 20],
    ['remove', 5],
  ]);
  expect([tally.order, tally.isOwn]).toEqual([0, true]);
  stage[START] = 0;
  expect(tally.record(CLOCK.cell)).not.toBe(0);
  expect(cells[21]).toBe(1);
});

test('a tally for which a scribe has no room is recorded in JavaScript', () => {
  const { cells, tally } = tallied();
  const { native, told } = scribe(0);
  tally.handOver(native);
  tally.takeBack();
  expect(told).toHaveLength(1);
  expect([tally.order, tally.isOwn]).toEqual([0, true]);
  tally.record(CLOCK.cell);
  expect(cells[8]).toBe(1);
});
