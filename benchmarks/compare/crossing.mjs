/** The alternative design: metrics that live in C++, one Node-API call a recording. */
import { OPERATIONS } from '../harness/race.mjs';
import { BOUNDS_NS, HANDLES, LATENCIES_NS, expect } from './workload.mjs';

/**
 * @param {object} addon `crossing-addon`'s exports.
 * @returns {import('../harness/race.mjs').Candidate[]}
 */
export function crossing(addon) {
  return [nothing(addon), increment(addon), counter(addon), histogram(addon)];
}

function nothing(addon) {
  return {
    name: 'C++ addon: a call that does nothing',
    group: 'floor',
    call() {
      for (let i = 0; i < OPERATIONS; i += 1) addon.nothing();
    },
  };
}

function increment(addon) {
  let calls = 0;
  return {
    name: 'C++ addon: increment(index, 1)',
    group: 'counter',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) addon.increment(i & 15, 1);
    },
    check: () => expect(addon.total(), calls * OPERATIONS),
  };
}

function counter(addon) {
  const counters = Array.from({ length: HANDLES }, () => new addon.Counter());
  let calls = 0;
  return {
    name: 'C++ addon: counter.inc()',
    group: 'counter',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) counters[i & 15].inc();
    },
    check() {
      const total = counters.reduce((sum, { value }) => sum + value, 0);
      return expect(total, calls * OPERATIONS);
    },
  };
}

function histogram(addon) {
  const histograms = Array.from({ length: HANDLES }, () => new addon.Histogram(BOUNDS_NS));
  let calls = 0;
  return {
    name: 'C++ addon: histogram.record(value)',
    group: 'histogram',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) histograms[i & 15].record(LATENCIES_NS[i]);
    },
    check() {
      const total = histograms.reduce((sum, { count }) => sum + count, 0);
      return expect(total, calls * OPERATIONS);
    },
  };
}
