/**
 * nanometer's handles, over either backend. Import it once for each backend, with a query of its
 * own behind the path, so that no loop sees both.
 */
import { OPERATIONS } from '../harness/race.mjs';
import { HANDLES, LABEL_SETS, LATENCIES_NS, ROUTES, STATUSES, expect } from './workload.mjs';

/**
 * @param {string} title The package's name in the tables.
 * @param {import('nanometer').Meter} meter At level production.
 * @returns {import('../harness/race.mjs').Candidate[]}
 */
export function nanometer(title, meter) {
  const candidates = [
    inc(meter),
    add(meter),
    boundInc(meter),
    withInc(meter),
    gaugeSet(meter),
    gaugeAdd(meter),
    gaugeMax(meter),
    record(meter),
    boundRecord(meter),
    exponential(meter),
  ];
  return candidates.map((candidate) => ({ ...candidate, name: `${title}: ${candidate.name}` }));
}

/** What reads the clock, which is the one crossing into native code. */
export function timers(title, meter) {
  return [now(meter), recordSince(meter), startStop(meter), time(meter)].map((candidate) => ({
    ...candidate,
    name: `${title}: ${candidate.name}`,
  }));
}

function inc(meter) {
  const counters = many((i) => meter.counter(`bench.inc.${i}`, { help: 'Raced.' }));
  let calls = 0;
  return {
    name: 'counter.inc()',
    group: 'counter',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) counters[i & 15].inc();
    },
    check: () => expect(sum(meter, 'bench.inc.'), calls * OPERATIONS),
  };
}

function add(meter) {
  const counters = many((i) => meter.counter(`bench.add.${i}`, { help: 'Raced.' }));
  let calls = 0;
  return {
    name: 'counter.add(3)',
    group: 'counter',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) counters[i & 15].add(3);
    },
    check: () => expect(sum(meter, 'bench.add.'), calls * OPERATIONS * 3),
  };
}

function boundInc(meter) {
  const family = meter.counter('bench.bound', { help: 'Raced.', labels: CLOSED });
  const counters = LABEL_SETS.map((labels) => family.with(labels));
  let calls = 0;
  return {
    name: 'labelled, bound: inc()',
    group: 'labelled counter',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) counters[i & 15].inc();
    },
    check: () => expect(sum(meter, 'bench.bound'), calls * OPERATIONS),
  };
}

function withInc(meter) {
  const family = meter.counter('bench.with', { help: 'Raced.', labels: ['route', 'status'] });
  let calls = 0;
  return {
    name: 'with({ route, status }).inc()',
    group: 'labelled counter',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) family.with(LABEL_SETS[i & 15]).inc();
    },
    check: () => expect(sum(meter, 'bench.with'), calls * OPERATIONS),
  };
}

function gaugeSet(meter) {
  const gauges = many((i) => meter.gauge(`bench.set.${i}`, { help: 'Raced.', aggregate: 'sum' }));
  return {
    name: 'gauge.set(value)',
    group: 'gauge',
    call() {
      for (let i = 0; i < OPERATIONS; i += 1) gauges[i & 15].set(i);
    },
    check: () => expect(sum(meter, 'bench.set.'), setTotal()),
  };
}

function gaugeAdd(meter) {
  const gauges = many((i) => meter.gauge(`bench.depth.${i}`, { help: 'Raced.', aggregate: 'sum' }));
  let calls = 0;
  return {
    name: 'gauge.add(1)',
    group: 'gauge',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) gauges[i & 15].add(1);
    },
    check: () => expect(sum(meter, 'bench.depth.'), calls * OPERATIONS),
  };
}

function gaugeMax(meter) {
  const gauges = many((i) => meter.gauge(`bench.peak.${i}`, { help: 'Raced.', aggregate: 'max' }));
  return {
    name: 'gauge.max(value)',
    group: 'gauge',
    call() {
      for (let i = 0; i < OPERATIONS; i += 1) gauges[i & 15].max(i);
    },
    check: () => expect(sum(meter, 'bench.peak.'), setTotal()),
  };
}

function record(meter) {
  const histograms = many((i) => meter.histogram(`bench.latency.${i}`, LATENCY));
  let calls = 0;
  return {
    name: 'histogram.record(value)',
    group: 'histogram',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) histograms[i & 15].record(LATENCIES_NS[i]);
    },
    check: () => expect(sum(meter, 'bench.latency.'), calls * OPERATIONS),
  };
}

function boundRecord(meter) {
  const family = meter.histogram('bench.labelled', { ...LATENCY, labels: CLOSED });
  const histograms = LABEL_SETS.map((labels) => family.with(labels));
  let calls = 0;
  return {
    name: 'labelled, bound: record(value)',
    group: 'histogram',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) histograms[i & 15].record(LATENCIES_NS[i]);
    },
    check: () => expect(sum(meter, 'bench.labelled'), calls * OPERATIONS),
  };
}

function exponential(meter) {
  const buckets = { exponential: { scale: 4 } };
  const histograms = many((i) =>
    meter.histogram(`bench.exponential.${i}`, { help: 'Raced.', unit: 'ns', buckets }),
  );
  let calls = 0;
  return {
    name: 'exponential histogram.record(value)',
    group: 'histogram',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) histograms[i & 15].record(LATENCIES_NS[i]);
    },
    check: () => expect(sum(meter, 'bench.exponential.'), calls * OPERATIONS),
  };
}

function now(meter) {
  let total = 0;
  return {
    name: 'meter.now()',
    group: 'clock',
    call() {
      // A local sum: one outside would be boxed anew at every addition.
      let sum = 0;
      for (let i = 0; i < OPERATIONS; i += 1) sum += meter.now();
      total += sum;
    },
    check: () => (total > 0 ? null : 'read no time'),
  };
}

function recordSince(meter) {
  const histograms = many((i) => meter.histogram(`bench.since.${i}`, LATENCY));
  let calls = 0;
  return {
    name: 'now(), histogram.recordSince(start)',
    group: 'timer',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) histograms[i & 15].recordSince(meter.now());
    },
    check: () => expect(sum(meter, 'bench.since.'), calls * OPERATIONS),
  };
}

function startStop(meter) {
  const histograms = many((i) => meter.histogram(`bench.timer.${i}`, LATENCY));
  let calls = 0;
  return {
    name: 'histogram.start(), stop()',
    group: 'timer',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) {
        const stop = histograms[i & 15].start();
        stop();
      }
    },
    check: () => expect(sum(meter, 'bench.timer.'), calls * OPERATIONS),
  };
}

function time(meter) {
  const histograms = many((i) => meter.histogram(`bench.timed.${i}`, LATENCY));
  const work = () => 1;
  let calls = 0;
  return {
    name: 'histogram.time(fn)',
    group: 'timer',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) histograms[i & 15].time(work);
    },
    check: () => expect(sum(meter, 'bench.timed.'), calls * OPERATIONS),
  };
}

const CLOSED = { route: ROUTES, status: STATUSES };
const LATENCY = { help: 'Raced.', unit: 'ns', buckets: 'latency' };

function many(make) {
  return Array.from({ length: HANDLES }, (_, i) => make(i));
}

/** What the 16 gauges hold together after the last loop: each its highest i. */
function setTotal() {
  return many((i) => OPERATIONS - HANDLES + i).reduce((total, value) => total + value, 0);
}

/** Counter and gauge values and histogram counts of every series whose name begins so. */
function sum(meter, prefix) {
  return meter
    .snapshot()
    .toJSON()
    .metrics.filter(({ name }) => name.startsWith(prefix))
    .flatMap(({ series }) => series)
    .reduce((total, { value, histogram }) => total + (histogram?.count ?? value), 0);
}
