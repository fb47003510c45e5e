/**
 * How many increments a second do 1, 2 and 4 worker threads count together? Ours go into one
 * meter, a lane a thread; prom-client has a registry a worker whose contents are sent to the main
 * thread, or one registry that a message an increment goes to; one shared word with `Atomics.add`
 * is what a lane spares us.
 */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { openNanometer } from './compare/libraries.mjs';
import { machine } from './harness/machine.mjs';
import { median } from './harness/race.mjs';
import { digits, keep, print, progress } from './harness/report.mjs';

const WAYS = ['nanometer', 'Atomics.add', 'prom-client', 'messages'];
const TITLES = {
  nanometer: 'nanometer: one meter, a lane a worker',
  'Atomics.add': 'Atomics.add on one shared word',
  'prom-client': 'prom-client: a registry a worker, added up at the end',
  messages: 'prom-client: one registry, a message an increment',
};
const WORKERS = [1, 2, 4];
const ROUNDS = 5;
const RUN_MS = 250;

const require = createRequire(import.meta.url);
const promClient = require('prom-client');
const where = machine();
const meter = openNanometer('nanometer');

const rates = new Map();
const jobs = WAYS.flatMap((way) => WORKERS.map((workers) => ({ way, workers })));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [place, { way, workers }] of jobs.entries()) {
    progress(round * jobs.length + place, ROUNDS * jobs.length, `${way}, ${workers}`);
    const key = `${way} ${workers}`;
    rates.set(key, [...(rates.get(key) ?? []), await run(way, workers)]);
  }
}

const rows = WAYS.map((way) => ({
  name: TITLES[way],
  way,
  perSecond: Object.fromEntries(
    WORKERS.map((workers) => [workers, median(rates.get(`${way} ${workers}`))]),
  ),
}));
print(
  'Increments a second, all workers together (millions)',
  ['', ...WORKERS.map((workers) => `${workers} worker${workers > 1 ? 's' : ''}`)],
  rows.map(({ name, perSecond }) => [
    name,
    ...WORKERS.map((workers) => digits(perSecond[workers] / 1e6)),
  ]),
);
keep('workers', { question: 'workers', machine: where, rounds: ROUNDS, rows });
await meter.close();

/** Increments a second until they are all in one place, where their sum is checked. */
async function run(way, count) {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const atomics = new BigInt64Array(new SharedArrayBuffer(8));
  const before = meter.snapshot();
  let received = 0;
  const workers = Array.from({ length: count }, () => {
    const workerData = { way, service: meter.service, words, atomics, runMs: RUN_MS };
    return new Worker(new URL('./subjects/worker.mjs', import.meta.url), { workerData });
  });
  const exits = workers.map((worker) => once(worker, 'exit'));
  const reports = workers.map(
    (worker) =>
      new Promise((resolve, reject) => {
        worker.on('error', reject);
        worker.on('message', (message) =>
          message.done ? resolve(message) : (received += message),
        );
      }),
  );
  while (Atomics.load(words, 0) < count) await new Promise((resolve) => setTimeout(resolve, 5));
  const started = performance.now();
  Atomics.store(words, 1, 1);
  Atomics.notify(words, 1);
  const answers = await Promise.all(reports);
  const total = await together(way, answers, { before, atomics, received: () => received });
  const seconds = (performance.now() - started) / 1000;
  await Promise.all(exits);

  const sent = answers.reduce((sum, answer) => sum + answer.total, 0);
  if (total !== sent) throw new Error(`${way}: ${total} counted where ${sent} were recorded`);
  return answers.reduce((sum, answer) => sum + answer.counted, 0) / seconds;
}

async function together(way, answers, { before, atomics, received }) {
  switch (way) {
    case 'nanometer':
      return sum(
        meter
          .snapshot()
          .since(before)
          .metrics.find(({ name }) => name === 'bench.workers').series,
      );
    case 'Atomics.add':
      return Number(Atomics.load(atomics, 0));
    case 'prom-client': {
      const registry = promClient.AggregatorRegistry.aggregate(
        answers.map((answer) => answer.export),
      );
      const { values } = await registry.getSingleMetric('bench_workers_total').get();
      return sum(values);
    }
    default:
      return received();
  }
}

function sum(series) {
  return series.reduce((total, { value }) => total + value, 0);
}
