/** The OpenTelemetry metrics SDK, with a reader attached: without one it would record nothing. */
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { OPERATIONS } from '../harness/race.mjs';
import { BOUNDS_SECONDS, LABEL_SETS, LATENCIES_SECONDS, expect } from './workload.mjs';

/** Collects nothing of itself. */
export class Reader extends MetricReader {
  async onShutdown() {}
  async onForceFlush() {}
}

/** @returns {import('../harness/race.mjs').Candidate[]} */
export function openTelemetry() {
  const reader = new Reader();
  const meter = new MeterProvider({ readers: [reader] }).getMeter('benchmarks');
  return [
    add(meter, reader),
    addAttributes(meter, reader),
    record(meter, reader),
    recordAttributes(meter, reader),
  ].map((candidate) => ({ ...candidate, name: `OpenTelemetry: ${candidate.name}` }));
}

function add(meter, reader) {
  const counter = meter.createCounter('bare');
  let calls = 0;
  return {
    name: 'add(1)',
    group: 'counter',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) counter.add(1);
    },
    check: async () => expect(await total(reader, 'bare'), calls * OPERATIONS),
  };
}

function addAttributes(meter, reader) {
  const counter = meter.createCounter('labelled');
  let calls = 0;
  return {
    name: 'add(1, { route, status })',
    group: 'labelled counter',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) counter.add(1, LABEL_SETS[i & 15]);
    },
    check: async () => expect(await total(reader, 'labelled'), calls * OPERATIONS),
  };
}

function record(meter, reader) {
  const histogram = meter.createHistogram('bare.duration', {
    advice: { explicitBucketBoundaries: BOUNDS_SECONDS },
  });
  let calls = 0;
  return {
    name: 'record(value)',
    group: 'histogram',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1) histogram.record(LATENCIES_SECONDS[i]);
    },
    check: async () => expect(await total(reader, 'bare.duration'), calls * OPERATIONS),
  };
}

function recordAttributes(meter, reader) {
  const histogram = meter.createHistogram('labelled.duration', {
    advice: { explicitBucketBoundaries: BOUNDS_SECONDS },
  });
  let calls = 0;
  return {
    name: 'record(value, { route, status })',
    group: 'histogram',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 1)
        histogram.record(LATENCIES_SECONDS[i], LABEL_SETS[i & 15]);
    },
    check: async () => expect(await total(reader, 'labelled.duration'), calls * OPERATIONS),
  };
}

async function total(reader, name) {
  const { resourceMetrics } = await reader.collect();
  return resourceMetrics.scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .filter(({ descriptor }) => descriptor.name === name)
    .flatMap(({ dataPoints }) => dataPoints)
    .reduce((sum, { value }) => sum + (typeof value === 'number' ? value : value.count), 0);
}
