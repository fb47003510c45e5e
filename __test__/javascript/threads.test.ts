/** What threads of the JavaScript backend agree on through the memory that they share. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

// Jest's process.env is a copy, which workers do not inherit.
process.env['NANOMETER_BACKEND'] = 'javascript';
const ENVIRONMENT = { ...process.env };

import { type Meter, open } from 'nanometer';
import { Hand } from '../support/hand';
import { until } from '../support/surroundings';

const PACKAGE = join(__dirname, '../../dist/index.js');
const QUIET = { stateDir: false, inspection: false } as const;

let meter: Meter;
let service = '';

beforeEach(() => {
  service = `threads-${expect.getState().currentTestName ?? ''}`;
  meter = open({ service, ...QUIET });
});

afterEach(async () => {
  await meter.close();
});

test('two threads that define a name differently conflict, whichever is first', async () => {
  const hand = await Hand.start(service);
  meter.counter('mine', { help: 'One.' });
  const refused = await hand.run<{ code: string; message: string }>(
    `meter.counter('mine', { help: 'Other.' })`,
  );
  expect(refused.code).toBe('NANOMETER_CONFLICT');
  expect(refused.message).toContain('One.');
  expect(refused.message).toContain('Other.');

  await hand.run(`meter.gauge('theirs'), 1`);
  expect(() => meter.counter('theirs')).toThrow(
    expect.objectContaining({ code: 'NANOMETER_CONFLICT' }),
  );
});

test('a level set in any thread stops and starts the others, a busy one too', async () => {
  const hand = await Hand.start(service);
  await hand.run(`globalThis.spins = meter.counter('spins'); 1`);
  const stage = new Int32Array(new SharedArrayBuffer(4));
  hand.worker.postMessage(stage);
  await once(hand.worker, 'message');
  // Spins without a turn of its loop, from one stage to the next.
  const spinning = hand.run<string>(`{
    const value = () => meter.snapshot().value('spins');
    const recorded = () => { const before = value(); spins.inc(); return value() > before; };
    while (!recorded());
    Atomics.store(stage, 0, 1);
    while (recorded());
    Atomics.store(stage, 0, 2);
    while (!recorded());
    'all stages'; }`);
  await until('it records', () => Atomics.load(stage, 0) === 1);
  meter.level = 'off';
  await until('it no longer records', () => Atomics.load(stage, 0) === 2);
  meter.level = 'production';
  expect(await spinning).toBe('all stages');

  await hand.run(`meter.level = 'off'; 1`);
  const counter = meter.counter('mine');
  counter.inc();
  expect(meter.level).toBe('off');
  expect(meter.snapshot().value('mine')).toBe(0);
});

test('a lease that a thread took ends though the thread has ended', async () => {
  const hand = await Hand.start(service);
  await hand.run(`meter.setLevel('diagnostic', { forMs: 50 }), 1`);
  await hand.end();
  expect(['diagnostic', 'production']).toContain(meter.level);
  await until('the lease ends', () => meter.level === 'production');
});

test('what threads count in one series adds up, and stays when they end', async () => {
  const hands = await Promise.all([Hand.start(service), Hand.start(service)]);
  const family = meter.counter('sold', { labels: ['sku'] });
  family.with({ sku: 'a' }).add(1);
  for (const hand of hands) {
    await hand.run(`meter.counter('sold', { labels: ['sku'] }).with({ sku: 'a' }).add(10); 1`);
  }
  expect(meter.snapshot().value('sold', { sku: 'a' })).toBe(21);
  expect(await hands[0]?.run(`meter.snapshot().value('sold', { sku: 'a' })`)).toBe(21);
  await Promise.all(hands.map((hand) => hand.end()));
  expect(meter.snapshot().value('sold', { sku: 'a' })).toBe(21);
  expect(meter.snapshot().value('nanometer.lanes.live')).toBe(1);
  expect(meter.snapshot().value('nanometer.lanes.retired')).toBe(2);
});

test('a thread takes over a lane that another has left, counts and all, but no reading', async () => {
  const first = await Hand.start(service);
  await first.run(
    `meter.counter('kept').add(5); meter.gauge('depth').set(7); meter.gauge('sum').add(3); 1`,
  );
  const readings = () => ['kept', 'depth', 'sum'].map((name) => meter.snapshot().value(name));
  expect(readings()).toEqual([5, 7, 3]);
  const size = meter.snapshot().value('nanometer.segment.size');
  await first.end();
  expect(readings()).toEqual([5, 0, 3]);
  const second = await Hand.start(service);
  await second.run(`meter.counter('kept').add(1); meter.gauge('sum').add(1); 1`);
  expect(readings()).toEqual([6, 0, 4]);
  expect(meter.snapshot().value('nanometer.segment.size')).toBe(size);
  expect(meter.snapshot().value('nanometer.lanes.retired')).toBe(0);
});

test('the bound of an open family holds for all threads together, and nothing is lost', async () => {
  const hand = await Hand.start(service);
  const family = meter.counter('open', { labels: ['k'], maxSeries: 2 });
  for (const k of ['a', 'b']) family.with({ k }).inc();
  await hand.run(`
    { const family = meter.counter('open', { labels: ['k'], maxSeries: 2 });
      for (const k of ['c', 'd', 'e']) family.with({ k }).inc(); } 1`);
  const series = meter.snapshot().metrics.find(({ name }) => name === 'open')?.series ?? [];
  expect(series.map(({ labels }) => labels)).toEqual([
    { k: 'a' },
    { k: 'b' },
    { otel_metric_overflow: 'true' },
  ]);
  expect(series.map((one) => 'value' in one && one.value)).toEqual([1, 1, 3]);
});

test('a removed series stays while another thread holds it, and goes with that thread', async () => {
  const hand = await Hand.start(service);
  const family = meter.counter('jobs', { labels: ['id'] });
  family.with({ id: '1' }).inc();
  await hand.run(`meter.counter('jobs', { labels: ['id'] }).with({ id: '1' }).inc(); 1`);
  expect(family.remove({ id: '1' })).toBe(false);
  expect(meter.snapshot().value('jobs', { id: '1' })).toBe(2);
  await hand.end();
  expect(meter.snapshot().value('jobs', { id: '1' })).toBeUndefined();
  family.with({ id: '2' }).inc();
  expect(meter.snapshot().value('jobs', { id: '2' })).toBe(1);
});

test('a series that a thread removes and binds again begins at zero', () => {
  const family = meter.histogram('again', { labels: ['id'], buckets: [1, 2], unit: '1' });
  for (let round = 0; round < 3; round++) {
    family.with({ id: 'x' }).record(1);
    expect(meter.snapshot().histogram('again', { id: 'x' }).count).toBe(1);
    expect(family.remove({ id: 'x' })).toBe(true);
    expect(meter.snapshot().metrics.find(({ name }) => name === 'again')?.series).toEqual([]);
  }
});

test('series that come and go take no more memory', () => {
  const family = meter.counter('churn', { labels: ['id'], maxSeries: 10 });
  const churn = (rounds: number): number | undefined => {
    for (let id = 0; id < rounds; id++) {
      family.with({ id: `${id}` }).inc();
      family.remove({ id: `${id}` });
    }
    return meter.snapshot().value('nanometer.segment.size');
  };
  const size = churn(10);
  expect(churn(5_000)).toBe(size);
});

test('a worker that opens first has a meter of its own, and says so', async () => {
  service += ' alone';
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    process.on('warning', ({ code }) => parentPort.postMessage(code));
    const { open } = require(${JSON.stringify(PACKAGE)});
    const meter = open({ service: workerData, stateDir: false, inspection: false });
    meter.counter('lonely').inc();
    parentPort.on('message', () => undefined);`;
  const worker = new Worker(source, { eval: true, workerData: service, env: ENVIRONMENT });
  expect(await once(worker, 'message')).toEqual(['NANOMETER_WORKER_FIRST']);
  const mine = open({ service, ...QUIET });
  expect(mine.snapshot().value('lonely')).toBeUndefined();
  await mine.close();
  await worker.terminate();
});
