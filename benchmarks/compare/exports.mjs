/**
 * What exports 10,000 histogram series, or 10,000 spans, by OTLP when it is told to and not before.
 * Metrics are those of `libraries.mjs`. A process has one of them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { eachSeries, eachValue, nanometerSeries, openNanometer, SERIES } from './libraries.mjs';
import { metricExporter, PROTOCOLS, spanExporter } from './otlp.mjs';
import { BOUNDS_NS, LATENCIES_NS } from './workload.mjs';

/** Spans of an export. */
export const SPANS = 10_000;

// Nothing goes before it is told to.
const NEVER_MS = 2 ** 31 - 1;
const PATIENCE_MS = 60_000;
// Promoted at once: a part of what an export ring holds.
const BURST = 200;
const LEAST_WAIT_MS = 5;

/**
 * @typedef {object} Way
 * @property {string} name
 * @property {string} library
 * @property {string} protocol
 * @property {number} [batch] Spans of a request, all when left out.
 *
 * @typedef {object} Exporting
 * @property {() => Promise<void>} prepare Makes what is exported next; not measured.
 * @property {() => Promise<void>} send Resolves when the receiver has taken all.
 * @property {() => Promise<void>} close
 */

const BOTH = ['nanometer', 'OpenTelemetry'].flatMap((library) =>
  PROTOCOLS.map((protocol) => ({ name: `${library}: ${protocol}`, library, protocol })),
);

/** By signal, the ways that are compared. @type {Record<string, Way[]>} */
export const WAYS = {
  metrics: BOTH,
  traces: [
    ...BOTH,
    // Those of its BatchSpanProcessor, which leaves the loop a turn between two requests.
    ...PROTOCOLS.map((protocol) => ({
      name: `OpenTelemetry: ${protocol}, 512 a request`,
      library: 'OpenTelemetry',
      protocol,
      batch: 512,
    })),
  ],
};

const MAKERS = {
  nanometer: { metrics: nanometerMetrics, traces: nanometerSpans },
  OpenTelemetry: { metrics: openTelemetryMetrics, traces: openTelemetrySpans },
};

/**
 * @param {'metrics' | 'traces'} signal
 * @param {string} name One of its ways.
 * @param {string} endpoint
 * @returns {Promise<Exporting>}
 */
export async function exporting(signal, name, endpoint) {
  const way = WAYS[signal].find((each) => each.name === name);
  return MAKERS[way.library][signal]({ ...way, endpoint });
}

/** The series in a meter of OpenTelemetry's; answers the histogram, and the attributes of each. */
export function openTelemetrySeries(meter) {
  const histogram = meter.createHistogram('bench.latency', {
    description: 'Latency.',
    unit: 'ns',
    advice: { explicitBucketBoundaries: BOUNDS_NS },
  });
  const attributes = [];
  eachSeries((labels, place) => {
    eachValue(LATENCIES_NS, place, (value) => histogram.record(value, labels));
    attributes.push(labels);
  });
  return { histogram, attributes };
}

/** Metrics of OpenTelemetry's SDK with room for the series. */
export const CARDINALITY = { cardinalityLimits: { default: SERIES + 1 } };

/** Spans of ours, three attributes each, all of them promoted. */
export const ALL_PROMOTED = { sampleRate: 1, maxPromotionsPerSecond: null };

/** One that says of itself what a request would. */
export function describe(span, number) {
  span.setAttribute('order.id', number);
  span.setAttribute('route', '/orders/{id}');
  span.setAttribute('is.cached', true);
  span.end();
}

function nanometerMetrics({ protocol, endpoint }) {
  const meter = openNanometer('nanometer', {
    otlp: { endpoint, protocol, intervalMs: NEVER_MS, traces: false },
  });
  nanometerSeries(meter);
  return { async prepare() {}, send: () => flush(meter), close: () => meter.close() };
}

function nanometerSpans({ protocol, endpoint }) {
  const meter = openNanometer('nanometer', {
    tracing: ALL_PROMOTED,
    otlp: {
      ...{ endpoint, protocol, delayMs: NEVER_MS, metrics: false },
      traces: { maxBatch: 2 * SPANS },
      queue: { maxSpans: 2 * SPANS },
    },
  });
  return {
    async prepare() {
      const queued = () => meter.exporters()[0].signals.traces.queued;
      for (let count = 0; count < SPANS; count += BURST) {
        for (let i = 0; i < BURST; i += 1) describe(meter.span('bench'), count + i);
        while (queued() < count + BURST) await sleep(LEAST_WAIT_MS);
      }
    },
    send: () => flush(meter),
    close: () => meter.close(),
  };
}

async function flush(meter) {
  const { outcome, exporters } = await meter.flush({ timeoutMs: PATIENCE_MS });
  if (outcome !== 'success') throw new Error(`flush(): ${JSON.stringify(exporters)}`);
}

async function openTelemetryMetrics({ protocol, endpoint }) {
  const { MeterProvider, PeriodicExportingMetricReader } =
    await import('@opentelemetry/sdk-metrics');
  const reader = new PeriodicExportingMetricReader({
    exporter: await metricExporter(protocol, endpoint),
    exportIntervalMillis: NEVER_MS,
    ...CARDINALITY,
  });
  const provider = new MeterProvider({ readers: [reader] });
  openTelemetrySeries(provider.getMeter('benchmarks'));
  return {
    async prepare() {},
    send: () => provider.forceFlush(),
    close: () => provider.shutdown(),
  };
}

async function openTelemetrySpans({ protocol, endpoint, batch = SPANS }) {
  const { AlwaysOnSampler, BasicTracerProvider } = await import('@opentelemetry/sdk-trace-base');
  const exporter = await spanExporter(protocol, endpoint);
  let ended = [];
  const provider = new BasicTracerProvider({
    sampler: new AlwaysOnSampler(),
    spanProcessors: [
      {
        onStart() {},
        onEnd: (span) => ended.push(span),
        async forceFlush() {},
        async shutdown() {},
      },
    ],
  });
  const tracer = provider.getTracer('benchmarks');
  return {
    async prepare() {
      for (let i = 0; i < SPANS; i += 1) describe(tracer.startSpan('bench', {}, ROOT_CONTEXT), i);
    },
    async send() {
      const spans = ended;
      ended = [];
      for (let from = 0; from < spans.length; from += batch) {
        await exported(exporter, spans.slice(from, from + batch));
      }
    },
    close: () => exporter.shutdown(),
  };
}

function exported(exporter, spans) {
  return new Promise((resolve, reject) => {
    exporter.export(spans, ({ code, error }) => {
      if (code === 0) resolve();
      else reject(error ?? new Error('the export failed'));
    });
  });
}
