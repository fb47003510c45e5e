/**
 * prom-client, and @prometheus-io/client, its successor under another name: one API, so one file.
 * Import it once for each library, with a query of its own behind the path: a loop that two
 * libraries share would be slowed for both by the types it has seen.
 */
import { OPERATIONS } from '../harness/race.mjs';
import { BOUNDS_SECONDS, LABEL_SETS, LATENCIES_SECONDS, expect } from './workload.mjs';

/**
 * @param {string} title The library's name in the tables.
 * @param {typeof import('prom-client')} library
 * @returns {import('../harness/race.mjs').Candidate[]}
 */
export function promClient(title, library) {
  const candidates = [
    inc(library),
    incLabels(library),
    incChild(library),
    observe(library),
    observeLabels(library),
    observeChild(library),
  ];
  return candidates.map((candidate) => ({ ...candidate, name: `${title}: ${candidate.name}` }));
}

function inc(library) {
  const counter = new library.Counter(definition(library, []));
  let calls = 0;
  return {
    name: 'inc()',
    group: 'counter',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) counter.inc();
    },
    check: async () => expect(await total(counter), calls * OPERATIONS),
  };
}

function incLabels(library) {
  const counter = new library.Counter(definition(library, ['route', 'status']));
  let calls = 0;
  return {
    name: 'inc({ route, status })',
    group: 'labelled counter',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) counter.inc(LABEL_SETS[i & 15]);
    },
    check: async () => expect(await total(counter), calls * OPERATIONS),
  };
}

function incChild(library) {
  const counter = new library.Counter(definition(library, ['route', 'status']));
  const children = LABEL_SETS.map((labels) => counter.labels(labels));
  let calls = 0;
  return {
    name: 'labels().inc()',
    group: 'labelled counter',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) children[i & 15].inc();
    },
    check: async () => expect(await total(counter), calls * OPERATIONS),
  };
}

function observe(library) {
  const histogram = new library.Histogram(definition(library, [], BOUNDS_SECONDS));
  let calls = 0;
  return {
    name: 'observe(value)',
    group: 'histogram',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) histogram.observe(LATENCIES_SECONDS[i]);
    },
    check: async () => expect(await total(histogram), calls * OPERATIONS),
  };
}

function observeLabels(library) {
  const labelNames = ['route', 'status'];
  const histogram = new library.Histogram(definition(library, labelNames, BOUNDS_SECONDS));
  let calls = 0;
  return {
    name: 'observe({ route, status }, value)',
    group: 'histogram',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1)
        histogram.observe(LABEL_SETS[i & 15], LATENCIES_SECONDS[i]);
    },
    check: async () => expect(await total(histogram), calls * OPERATIONS),
  };
}

function observeChild(library) {
  const labelNames = ['route', 'status'];
  const histogram = new library.Histogram(definition(library, labelNames, BOUNDS_SECONDS));
  const children = LABEL_SETS.map((labels) => histogram.labels(labels));
  let calls = 0;
  return {
    name: 'labels().observe(value)',
    group: 'histogram',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) children[i & 15].observe(LATENCIES_SECONDS[i]);
    },
    check: async () => expect(await total(histogram), calls * OPERATIONS),
  };
}

function definition(library, labelNames, buckets) {
  const registers = [new library.Registry()];
  return { name: 'recorded', help: 'A rival.', labelNames, registers, ...(buckets && { buckets }) };
}

async function total(metric) {
  const { type, values } = await metric.get();
  return values
    .filter(({ metricName }) => type === 'counter' || metricName.endsWith('_count'))
    .reduce((sum, { value }) => sum + value, 0);
}
