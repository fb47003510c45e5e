/** What Node itself offers: its native histogram and its three clocks. */
import { createHistogram, performance } from 'node:perf_hooks';
import { OPERATIONS } from '../harness/race.mjs';
import { HANDLES, LATENCIES_NS, expect } from './workload.mjs';

/** `perf_hooks` histograms, 16 in turn. */
export function perfHooks() {
  const histograms = Array.from({ length: HANDLES }, () => createHistogram());
  let calls = 0;
  return [
    {
      name: 'perf_hooks: record(value)',
      group: 'histogram',
      call() {
        calls += 1;
        for (let i = 0; i < OPERATIONS; i += 1) histograms[i & 15].record(LATENCIES_NS[i]);
      },
      check() {
        const total = histograms.reduce((sum, { count }) => sum + count, 0);
        return expect(total, calls * OPERATIONS);
      },
    },
  ];
}

/** The clocks; each sums what it reads, so that no reading can be left out. */
export function clocks() {
  return [performanceNow(), hrtime(), dateNow()];
}

function performanceNow() {
  let total = 0;
  return {
    name: 'performance.now()',
    group: 'clock',
    call() {
      // A local sum: one outside would be boxed anew at every addition.
      let sum = 0;
      for (let i = 0; i < OPERATIONS; i += 1) sum += performance.now();
      total += sum;
    },
    check: () => (total > 0 ? null : 'read no time'),
  };
}

function hrtime() {
  let last = 0n;
  return {
    name: 'process.hrtime.bigint()',
    group: 'clock',
    call() {
      for (let i = 0; i < OPERATIONS; i += 1) last = process.hrtime.bigint();
    },
    check: () => (last > 0n ? null : 'read no time'),
  };
}

function dateNow() {
  let total = 0;
  return {
    name: 'Date.now()',
    group: 'clock',
    call() {
      // A local sum: one outside would be boxed anew at every addition.
      let sum = 0;
      for (let i = 0; i < OPERATIONS; i += 1) sum += Date.now();
      total += sum;
    },
    check: () => (total > 0 ? null : 'read no time'),
  };
}
