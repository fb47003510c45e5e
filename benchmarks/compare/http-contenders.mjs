/**
 * What may observe a server of `node:http`, each begun as its users begin it, before `node:http` is
 * loaded. Exporters count spans and drop them. A process has one of them.
 */
import { datadog } from './datadog.mjs';
import { openNanometer } from './libraries.mjs';

/**
 * @typedef {object} Contender
 * @property {(server: import('node:http').Server) => void} observe
 * @property {() => number} spans How many spans it has made, or kept where it does not count others.
 */

/** By their names in the tables, what begins them; null where they cannot be installed. */
export const CONTENDERS = {
  'not observed': () => ({ observe: () => {}, spans: () => 0 }),
  'nanometer, production': () => nanometer('production', false),
  'nanometer, production, AsyncLocalStorage': () => nanometer('production', true),
  'nanometer, diagnostic': () => nanometer('diagnostic', false),
  'nanometer, diagnostic, AsyncLocalStorage': () => nanometer('diagnostic', true),
  'OpenTelemetry, 1% sampled': () => openTelemetry(0.01),
  'OpenTelemetry, all sampled': () => openTelemetry(1),
  'dd-trace': datadogHttp,
};

function nanometer(level, context) {
  const meter = openNanometer('nanometer', { level });
  return {
    observe: (server) => meter.http(server, { context, route: ({ url }) => routeOf(url) }),
    spans: () => meter.snapshot().value('nanometer.spans_recorded'),
  };
}

async function openTelemetry(ratio) {
  const { context, metrics, trace } = await import('@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
  const { HttpInstrumentation } = await import('@opentelemetry/instrumentation-http');
  const { MeterProvider } = await import('@opentelemetry/sdk-metrics');
  const sdk = await import('@opentelemetry/sdk-trace-base');
  let exported = 0;
  const exporter = {
    export(spans, done) {
      exported += spans.length;
      done({ code: 0 });
    },
    async forceFlush() {},
    async shutdown() {},
  };
  const root = ratio === 1 ? new sdk.AlwaysOnSampler() : new sdk.TraceIdRatioBasedSampler(ratio);
  const provider = new sdk.BasicTracerProvider({
    sampler: new sdk.ParentBasedSampler({ root }),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter, { scheduledDelayMillis: 100 })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  metrics.setGlobalMeterProvider(new MeterProvider());
  new HttpInstrumentation().enable();
  return { observe: () => {}, spans: () => exported };
}

function datadogHttp() {
  const begun = datadog();
  return begun && { observe: () => {}, spans: begun.exported };
}

function routeOf(url) {
  return url === '/hello' ? url : '/orders/{id}';
}
