/**
 * Services that do the same thousand requests a second, each of which makes a span of three attributes
 * and records into one of 10,000 histogram series, and that export all of that every second, or do
 * not. A process is one of them.
 */
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { CARDINALITY, ALL_PROMOTED, describe, openTelemetrySeries } from './exports.mjs';
import { nanometerSeries, openNanometer, SERIES } from './libraries.mjs';
import { Reader } from './opentelemetry.mjs';
import { metricExporter, PROTOCOLS, spanExporter } from './otlp.mjs';
import { LATENCIES_NS } from './workload.mjs';

const EVERY_MS = 1_000;

/** The one whose requests do nothing at all. */
export const IDLE = 'idle';

/** The one that does all but export, of a library. */
export function unexported(library) {
  return `${library}: not exported`;
}

/** By their names in the tables, what begins them, with the endpoint of their protocol. */
const SERVICES = {
  [IDLE]: () => () => {},
  ...ofLibrary('nanometer', nanometer),
  ...ofLibrary('OpenTelemetry', openTelemetry),
};

/** Their names, and the protocol of each, `null` where it exports nothing. */
export const NAMES = Object.keys(SERVICES);

/** @returns {string | null} */
export function protocolOf(name) {
  return PROTOCOLS.find((protocol) => name.endsWith(`: ${protocol}`)) ?? null;
}

/** @returns {Promise<(number: number) => void>} What does a request. */
export async function begin(name, endpoint) {
  return SERVICES[name](protocolOf(name), endpoint);
}

function ofLibrary(library, make) {
  const names = [unexported(library), ...PROTOCOLS.map((protocol) => `${library}: ${protocol}`)];
  return Object.fromEntries(names.map((name) => [name, make]));
}

function nanometer(protocol, endpoint) {
  const exported = protocol && {
    otlp: { protocol, endpoint, intervalMs: EVERY_MS, delayMs: EVERY_MS },
  };
  const meter = openNanometer('nanometer', { tracing: ALL_PROMOTED, ...exported });
  const handles = nanometerSeries(meter);
  return (number) => {
    handles[number % SERIES].record(LATENCIES_NS[number & 1023]);
    describe(meter.span('bench'), number);
  };
}

async function openTelemetry(protocol, endpoint) {
  const { MeterProvider, PeriodicExportingMetricReader } =
    await import('@opentelemetry/sdk-metrics');
  const { AlwaysOnSampler, BasicTracerProvider, BatchSpanProcessor } =
    await import('@opentelemetry/sdk-trace-base');
  const readers = protocol && [
    new PeriodicExportingMetricReader({
      exporter: await metricExporter(protocol, endpoint),
      exportIntervalMillis: EVERY_MS,
      exportTimeoutMillis: EVERY_MS,
      ...CARDINALITY,
    }),
  ];
  const spanProcessors = protocol && [
    new BatchSpanProcessor(await spanExporter(protocol, endpoint), {
      scheduledDelayMillis: EVERY_MS,
    }),
  ];
  const meters = new MeterProvider({
    readers: readers ?? [new Reader({ cardinalitySelector: () => SERIES + 1 })],
  });
  const { histogram, attributes } = openTelemetrySeries(meters.getMeter('benchmarks'));
  const tracer = new BasicTracerProvider({
    sampler: new AlwaysOnSampler(),
    spanProcessors: spanProcessors ?? [],
  }).getTracer('benchmarks');
  return (number) => {
    histogram.record(LATENCIES_NS[number & 1023], attributes[number % SERIES]);
    describe(tracer.startSpan('bench', {}, ROOT_CONTEXT), number);
  };
}
