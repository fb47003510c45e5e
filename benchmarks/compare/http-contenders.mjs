/**
 * What may observe a server of `node:http`, each begun as its users begin it, before `node:http` is
 * loaded. Exporters count spans and drop them. A process has one of them, and turns it from one of its
 * ways to another while it runs, where it has several.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { datadog } from './datadog.mjs';
import { openNanometer } from './libraries.mjs';

/**
 * @typedef {object} Contender
 * @property {(server: import('node:http').Server) => void} observe
 * @property {(way: string) => void} turn To that way.
 * @property {() => number | Promise<number>} spans How many spans it has made, or kept where it does
 *   not count others: also those that a batch held back.
 *
 * @typedef {object} Contending
 * @property {string[]} ways By their names in the tables. The first one is what the others are beside:
 *   there, another server of the process is asked, which nobody observes.
 * @property {() => Contender | null | Promise<Contender>} begin Null where it cannot be installed.
 */

/** The levels of nanometer's ways; on the server that nobody observes, it makes no difference. */
const LEVELS = {
  'not observed': 'production',
  'nanometer, off': 'off',
  'nanometer, production': 'production',
  'nanometer, diagnostic': 'diagnostic',
};
const LEVELS_WITH_CONTEXT = {
  'not observed, after an AsyncLocalStorage': 'off',
  'nanometer, production, AsyncLocalStorage': 'production',
  'nanometer, diagnostic, AsyncLocalStorage': 'diagnostic',
};

/** By a name, what a process has. @type {Record<string, Contending>} */
export const CONTENDERS = {
  nanometer: { ways: Object.keys(LEVELS), begin: () => nanometer(LEVELS, false) },
  'nanometer, AsyncLocalStorage': {
    ways: Object.keys(LEVELS_WITH_CONTEXT),
    begin: () => nanometer(LEVELS_WITH_CONTEXT, true),
  },
  nobody: only('not observed, a process of its own', () => ({ spans: () => 0 })),
  'OpenTelemetry, 1% sampled': only('OpenTelemetry, 1% sampled', () => openTelemetry(0.01)),
  'OpenTelemetry, all sampled': only('OpenTelemetry, all sampled', () => openTelemetry(1)),
  'dd-trace': only('dd-trace', datadogHttp),
};

/** One that observes all servers of its process, in one way. */
function only(way, begin) {
  const complete = async () => {
    const begun = await begin();
    return begun && { observe: () => {}, turn: () => {}, ...begun };
  };
  return { ways: [way], begin: complete };
}

function nanometer(levels, context) {
  const meter = openNanometer('nanometer', { level: 'off' });
  const storage = context ? firstEntered() : null;
  return {
    observe: (server) => meter.http(server, { context, route: ({ url }) => routeOf(url) }),
    turn(way) {
      meter.level = levels[way];
      storage?.current?.disable();
    },
    spans: () => meter.snapshot().value('nanometer.spans_recorded'),
  };
}

/**
 * The storage that is entered first, once it is. One that is in use makes each await of Node 20 and 22
 * dearer until it is disabled, and nanometer's is in use for good.
 */
function firstEntered() {
  const found = { current: null };
  const { enterWith } = AsyncLocalStorage.prototype;
  AsyncLocalStorage.prototype.enterWith = function (store) {
    found.current = this;
    AsyncLocalStorage.prototype.enterWith = enterWith;
    return this.enterWith(store);
  };
  return found;
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
  const spans = async () => {
    await provider.forceFlush();
    return exported;
  };
  return { spans };
}

function datadogHttp() {
  const begun = datadog();
  return begun && { spans: begun.exported };
}

function routeOf(url) {
  return url === '/hello' ? url : '/orders/{id}';
}
