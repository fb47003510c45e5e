/** States and running times that several threads set: what each leaves when it ends. */
import { randomUUID } from 'node:crypto';
import { open, type Meter } from 'nanometer';
import { Hand } from '../support/hand';

const STATES = ['idle', 'running', 'done', 'broken'] as const;
const DEFINED = `globalThis.state = meter.state('job', {
  labels: ['id'], states: ['idle', 'running', 'done', 'broken'], final: ['done', 'broken'],
}); globalThis.time = meter.stopwatch('time', { labels: ['id'] }); 1`;

let meter: Meter;

beforeEach(() => {
  meter = open({ service: `readings ${randomUUID()}`, stateDir: false, inspection: false });
});

afterEach(() => meter.close());

async function worker(): Promise<Hand> {
  const hand = await Hand.start(meter.service);
  expect(await hand.run(DEFINED)).toBe(1);
  return hand;
}

const set = (hand: Hand, id: string, state: string): Promise<unknown> =>
  hand.run(`state.with({ id: '${id}' }).set('${state}'); 1`);
const stateOf = (id: string): string | undefined => meter.snapshot().state('job', { id });
const timeOf = (id: string): number | undefined => meter.snapshot().value('time', { id });
const lanes = (): unknown[] =>
  ['live', 'retired'].map((which) => meter.snapshot().value(`nanometer.lanes.${which}`));

function ownStates() {
  return meter.state('job', { labels: ['id'], states: STATES, final: ['done', 'broken'] });
}

test('the state that was set last is shown, whichever thread set it', async () => {
  const [hand, mine] = [await worker(), ownStates().with({ id: 'a' })];
  expect(stateOf('a')).toBe('idle');
  await set(hand, 'a', 'running');
  expect(stateOf('a')).toBe('running');
  mine.set('idle');
  expect(stateOf('a')).toBe('idle');
  await set(hand, 'a', 'running');
  expect(stateOf('a')).toBe('running');
  expect(meter.snapshot().value('job', { id: 'a' })).toBe(1);
});

test('what is at work in one thread goes before what is over in another', async () => {
  const [first, second] = [await worker(), await worker()];
  await set(first, 'a', 'running');
  await set(second, 'a', 'done');
  expect(stateOf('a')).toBe('running');
  await set(first, 'a', 'broken');
  expect(stateOf('a')).toBe('broken');
  await set(second, 'a', 'done');
  expect(stateOf('a')).toBe('done');
});

test('a thread that ends takes the state of its work with it, and leaves what is over', async () => {
  const hand = await worker();
  const mine = ownStates();
  mine.with({ id: 'shared' }).set('done');
  for (const [id, state] of [
    ['working', 'running'],
    ['over', 'broken'],
    ['shared', 'running'],
  ] as const) {
    await set(hand, id, state);
  }
  expect(['working', 'over', 'shared'].map(stateOf)).toEqual(['running', 'broken', 'running']);
  await hand.end();
  expect(lanes()).toEqual([1, 1]);
  expect(['working', 'over', 'shared'].map(stateOf)).toEqual(['idle', 'broken', 'done']);
});

test('a thread that takes the lane over finds no state of work, and leaves what is over', async () => {
  const first = await worker();
  await set(first, 'working', 'running');
  await set(first, 'over', 'broken');
  await first.end();
  const second = await worker();
  expect(lanes()).toEqual([2, 0]);
  expect(['working', 'over'].map(stateOf)).toEqual(['idle', 'broken']);
  await set(second, 'working', 'done');
  await set(second, 'over', 'running');
  expect(['working', 'over'].map(stateOf)).toEqual(['done', 'running']);
  await second.end();
  expect(['working', 'over'].map(stateOf)).toEqual(['done', 'idle']);
});

test('a running time grows while its thread lives; the longest is shown', async () => {
  const hand = await worker();
  const before = meter.now();
  await hand.run(`time.with({ id: 'a' }).start(); 1`);
  const started = meter.now();
  const mine = meter.stopwatch('time', { labels: ['id'] }).with({ id: 'a' });
  mine.start();
  const asked = meter.now();
  const shown = timeOf('a')!;
  const answered = meter.now();
  // Clocks of two threads may be a little apart.
  const apart = 1e5;
  expect(shown).toBeGreaterThanOrEqual(asked - started - apart);
  expect(shown).toBeLessThanOrEqual(answered - before + apart);
  expect(timeOf('a')).toBeGreaterThan(shown);

  await hand.end();
  // What is left is this thread's, which began later.
  const least = meter.now() - asked;
  const left = timeOf('a')!;
  expect(left).toBeGreaterThanOrEqual(least);
  expect(left).toBeLessThanOrEqual(meter.now() - started);
});

test('a time that has stopped stays when its thread has ended and its lane is taken over', async () => {
  const first = await worker();
  await first.run(`for (const id of ['stopped', 'running']) time.with({ id }).start(); 1`);
  await first.run(`time.with({ id: 'stopped' }).stop(); 1`);
  const stopped = timeOf('stopped')!;
  expect(stopped).toBeGreaterThan(0);
  expect(timeOf('stopped')).toBe(stopped);
  expect(timeOf('running')).toBeGreaterThan(0);
  await first.end();
  expect([timeOf('stopped'), timeOf('running')]).toEqual([stopped, 0]);
  const second = await worker();
  expect(lanes()).toEqual([2, 0]);
  expect([timeOf('stopped'), timeOf('running')]).toEqual([stopped, 0]);
  // The second thread goes on from there: it is the same stopwatch.
  await second.run(`time.with({ id: 'stopped' }).start(); 1`);
  expect(timeOf('stopped')).toBeGreaterThan(stopped);
});
