/** A flat catalog as one array: by index, at one instant, with differences. */
import { defineCatalog, type FlatStats, type Meter } from 'nanometer';
import { flowscope, session, torvyn } from 'nanometer/catalogs';
import { Worker } from 'node:worker_threads';
import { Fixture } from '../support/fixture';
import { quietMeter, thrown } from '../support/meter';
import { BACKEND } from '../support/surroundings';

const gaps = defineCatalog({
  name: 'gaps',
  metrics: {
    'x.counted': { index: 1, kind: 'counter', help: 'Counted.' },
    'x.read': { index: 4, kind: 'gauge', help: 'Read.' },
    'x.peak': { index: 5, kind: 'gauge', aggregate: 'max', help: 'Peak.' },
  },
});

let meter: Meter;

beforeEach(() => {
  meter = quietMeter({ level: 'diagnostic' });
});

afterEach(() => meter.close());

test('the 99 values of a session are those of a snapshot', () => {
  const stats = meter.catalog(session);
  session.metrics.forEach(({ index }) => stats.at(index as number)!.add(index * 1.5 + 1));
  const values = stats.values();
  const snapshot = meter.snapshot();
  expect(values).toHaveLength(99);
  expect([...values]).toEqual(session.metrics.map(({ name }) => snapshot.value(name)));
  expect(values[98]).toBe(148);
});

test('an array that is given is filled and answered; what is longer keeps its end', () => {
  const stats = meter.catalog(session);
  stats.net.bytes_sent.add(1500);
  const into = new Float64Array(101).fill(-1);
  expect(stats.values(into)).toBe(into);
  expect([into[0], into[1], into[98], into[99], into[100]]).toEqual([0, 1500, 0, -1, -1]);
  expect(stats.since(into, into)).toBe(into);
  expect([into[1], into[99]]).toEqual([0, -1]);
});

test('a difference has counters as they grew and gauges as they are', () => {
  const stats = meter.catalog(session);
  stats.net.bytes_sent.add(1000);
  stats.net.num_connections.set(5);
  const before = stats.values();
  stats.net.bytes_sent.add(500);
  stats.net.num_connections.set(3);
  const delta = stats.since(before);
  expect([delta[1], delta[2], delta[0]]).toEqual([500, 3, 0]);
  expect([before[1], before[2]]).toEqual([1000, 5]);
  // A counter that is below what it was has begun again.
  before[1] = 2000;
  expect(stats.since(before)[1]).toBe(1500);
});

test('gaps are NaN', () => {
  const stats = meter.catalog(gaps);
  stats.x.counted.add(2);
  stats.x.read.set(-4);
  stats.x.peak.max(9);
  const before = stats.values(new Float64Array(6).fill(7));
  expect([...before]).toEqual([NaN, 2, NaN, NaN, -4, 9]);
  stats.x.counted.add(1);
  expect([...stats.since(before, new Float64Array(6).fill(7))]).toEqual([NaN, 1, NaN, NaN, -4, 9]);
});

test('each set of constant labels has values of its own', () => {
  const a = meter.catalog(session, { labels: { torrent: 'a' } });
  const b = meter.catalog(session, { labels: { torrent: 'b' } });
  a.net.bytes_recv.add(1);
  b.net.bytes_recv.add(2);
  expect([a.values()[0], b.values()[0]]).toEqual([1, 2]);
  expect(meter.snapshot().value('net.bytes_recv', { torrent: 'b' })).toBe(2);
});

test('values of several threads are one', async () => {
  const stats = meter.catalog(session);
  stats.net.bytes_recv.add(1);
  stats.dispatch.tx_high_water.max(7);
  const program = `
    const { open } = require(${JSON.stringify(require.resolve('nanometer'))});
    const { session } = require(${JSON.stringify(require.resolve('nanometer/catalogs'))});
    const meter = open({ service: ${JSON.stringify(meter.service)}, stateDir: false, inspection: false });
    const stats = meter.catalog(session);
    stats.net.bytes_recv.add(41);
    stats.dispatch.tx_high_water.max(5);
    require('node:worker_threads').parentPort.postMessage(stats.values());
  `;
  const worker = new Worker(program, { eval: true });
  const seen = await new Promise<Float64Array>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  expect([seen[0], seen[83]]).toEqual([42, 7]);
  await worker.terminate();
  expect(stats.values()[0]).toBe(42);
});

test('filling an array that is given allocates nothing', async () => {
  const program = Fixture.start('catalog-values.cjs', {
    execArgv: ['--expose-gc', '--max-semi-space-size=64'],
  });
  const { values, since, fresh } = await program.next<Record<string, number>>();
  program.hangUp();
  // In JavaScript V8 boxes numbers until it has optimised the merge; an array it is not.
  const most = BACKEND === 'native' ? 1 : 99 * 8;
  expect(values).toBeLessThan(most);
  expect(since).toBeLessThan(most);
  // The judge sees an array that is allocated: its two objects, if not its bytes.
  expect(fresh).toBeGreaterThan(100);
});

describe('what is refused', () => {
  const flat = (stats: unknown) => stats as FlatStats;

  test.each([torvyn, flowscope])('the values of a catalog that is not flat', (catalog) => {
    const stats = flat(meter.catalog(catalog as typeof torvyn));
    for (const call of [() => stats.values(), () => stats.since(new Float64Array(99))]) {
      const { code, message } = thrown(call);
      expect(code).toBe('NANOMETER_INVALID_OPTION');
      expect(message).toMatch(/each metric is one counter or gauge/);
    }
  });

  test('an array that is too short, or none', () => {
    const stats = meter.catalog(session);
    expect(thrown(() => stats.values(new Float64Array(98))).message).toMatch(/98 places; 99 are/);
    expect(thrown(() => stats.values([] as never)).message).toMatch(/Float64Array, not an array/);
    expect(thrown(() => stats.since(undefined as never)).message).toMatch(
      /before is a Float64Array/,
    );
    expect(thrown(() => stats.since(stats.values(), new Float64Array(3))).code).toBe(
      'NANOMETER_INVALID_OPTION',
    );
  });
});
