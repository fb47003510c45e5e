/**
 * A worker thread that increments for a while, with all others, and says how often.
 * `workerData`: how to record, and two shared words: how many are ready, and whether to go.
 */
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { LABEL_SETS } from '../compare/workload.mjs';
import { OPERATIONS } from '../harness/race.mjs';

const { way, service, words, atomics, runMs } = workerData;
const require = createRequire(import.meta.url);
const recorder = { nanometer, 'Atomics.add': atomic, 'prom-client': promClient, messages }[way]();

for (let warm = 0; warm < 2000; warm += 1) recorder.loop(1);
const warmed = recorder.recorded();
Atomics.add(words, 0, 1);
Atomics.notify(words, 0);
Atomics.wait(words, 1, 0);

const started = performance.now();
do recorder.loop(recorder.burst);
while (performance.now() - started < runMs);
const elapsedMs = performance.now() - started;
parentPort.postMessage({
  done: true,
  elapsedMs,
  counted: recorder.recorded() - warmed,
  total: recorder.recorded(),
  export: await recorder.export(),
});

/** Our counters, two labels, 16 bound handles in turn: each worker writes its own lane of the process's meter. */
function nanometer() {
  const { open } = require('nanometer');
  const family = open({ service }).counter('bench.workers', {
    help: 'Counted in worker threads.',
    labels: ['route', 'status'],
  });
  const counters = LABEL_SETS.map((labels) => family.with(labels));
  let bursts = 0;
  return {
    burst: 64,
    loop(times) {
      for (let i = 0; i < times * OPERATIONS; i += 1) counters[i & 15].inc();
      bursts += times;
    },
    recorded: () => bursts * OPERATIONS,
    export: async () => null,
  };
}

/** One shared word that all add to. */
function atomic() {
  let bursts = 0;
  return {
    burst: 16,
    loop(times) {
      for (let i = 0; i < times * OPERATIONS; i += 1) Atomics.add(atomics, 0, 1n);
      bursts += times;
    },
    recorded: () => bursts * OPERATIONS,
    export: async () => null,
  };
}

/** A prom-client registry a worker, the same labels, sent to the main thread to be added up when it is scraped. */
function promClient() {
  const { Counter, Registry } = require('prom-client');
  const registry = new Registry();
  const counter = new Counter({
    name: 'bench_workers_total',
    help: 'Counted in worker threads.',
    labelNames: ['route', 'status'],
    registers: [registry],
  });
  let bursts = 0;
  return {
    burst: 16,
    loop(times) {
      for (let i = 0; i < times * OPERATIONS; i += 1) counter.inc(LABEL_SETS[i & 15]);
      bursts += times;
    },
    recorded: () => bursts * OPERATIONS,
    export: () => registry.getMetricsAsJSON(),
  };
}

/** A message for each increment, to the one registry on the main thread. */
function messages() {
  let sent = 0;
  return {
    burst: 1,
    loop(times) {
      for (let i = 0; i < times; i += 1) parentPort.postMessage(1);
      sent += times;
    },
    recorded: () => sent,
    export: async () => null,
  };
}
