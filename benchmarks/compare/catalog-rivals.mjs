/** The metrics of the catalog `session` as prom-client and OpenTelemetry have them. */
import { createRequire } from 'node:module';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { OPERATIONS } from '../harness/race.mjs';
import { BYTES } from './catalogs.mjs';
import { catalogsOf } from './libraries.mjs';
import { expect } from './workload.mjs';

/** Times that a pass reads the whole catalog. */
const READS = 64;

const { Counter, Gauge, Registry } = createRequire(import.meta.url)('prom-client');
const { metrics } = catalogsOf('nanometer').session;

class Reader extends MetricReader {
  async onShutdown() {}
  async onForceFlush() {}
}

/** @returns {import('../harness/race.mjs').Candidate[]} */
export function writeRivals() {
  return [writePromClient(), writeOpenTelemetry()];
}

/** Each reads all values into an array by index, and then less those of an earlier reading. */
export function readRivals() {
  return [
    ...readers('prom-client', 'getMetricsAsJSON()', promClient().read),
    ...readers('OpenTelemetry', 'collect()', openTelemetry().read),
  ];
}

function writePromClient() {
  const { handles, read } = promClient();
  const counters = byName(handles);
  let calls = 0;
  return {
    name: 'prom-client: net.bytes_sent.inc(1500)',
    group: 'write',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 4) {
        counters.bytesRecv.inc(BYTES);
        counters.bytesSent.inc(BYTES);
        counters.tcpBytesRecv.inc(BYTES);
        counters.tcpBytesSent.inc(BYTES);
      }
    },
    check: async () => expect(sum(await read(values())), calls * OPERATIONS * BYTES),
  };
}

function writeOpenTelemetry() {
  const { handles, read } = openTelemetry();
  const counters = byName(handles);
  let calls = 0;
  return {
    name: 'OpenTelemetry: net.bytes_sent.add(1500)',
    group: 'write',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += 4) {
        counters.bytesRecv.add(BYTES);
        counters.bytesSent.add(BYTES);
        counters.tcpBytesRecv.add(BYTES);
        counters.tcpBytesSent.add(BYTES);
      }
    },
    check: async () => expect(sum(await read(values())), calls * OPERATIONS * BYTES),
  };
}

function readers(title, call, read) {
  const before = values();
  const into = values();
  const candidate = (name, once) => ({
    name: `${title}: ${name}`,
    group: 'read',
    operations: READS,
    async pass() {
      for (let i = 0; i < READS; i += 1) await once();
    },
    check: () => expect(sum(into), 0),
  });
  return [
    candidate(`${call}, into an array`, () => read(into)),
    candidate(`${call}, less an earlier one`, async () => {
      await read(into);
      for (let i = 0; i < into.length; i += 1) {
        if (metrics[i].kind === 'counter') into[i] -= before[i];
      }
    }),
  ];
}

function promClient() {
  const registry = new Registry();
  const handles = metrics.map(({ name, kind, help }) => {
    const Kind = kind === 'counter' ? Counter : Gauge;
    return new Kind({ name: name.replaceAll('.', '_'), help, registers: [registry] });
  });
  return {
    handles,
    async read(into) {
      const found = await registry.getMetricsAsJSON();
      for (let i = 0; i < found.length; i += 1) into[i] = found[i].values[0].value;
      return into;
    },
  };
}

function openTelemetry() {
  const reader = new Reader();
  const meter = new MeterProvider({ readers: [reader] }).getMeter('benchmarks');
  const handles = metrics.map(({ name, kind, help: description }) => {
    const counter =
      kind === 'counter'
        ? meter.createCounter(name, { description })
        : meter.createUpDownCounter(name, { description });
    // It shows what has been recorded only.
    counter.add(0);
    return counter;
  });
  return {
    handles,
    async read(into) {
      const { resourceMetrics } = await reader.collect();
      const found = resourceMetrics.scopeMetrics[0].metrics;
      for (let i = 0; i < found.length; i += 1) into[i] = found[i].dataPoints[0].value;
      return into;
    },
  };
}

function byName(handles) {
  const handle = (wanted) => handles[metrics.findIndex(({ name }) => name === wanted)];
  return {
    bytesRecv: handle('net.bytes_recv'),
    bytesSent: handle('net.bytes_sent'),
    tcpBytesRecv: handle('net.tcp_bytes_recv'),
    tcpBytesSent: handle('net.tcp_bytes_sent'),
  };
}

function values() {
  return new Float64Array(metrics.length);
}

function sum(array) {
  return array.reduce((total, value) => total + value, 0);
}
