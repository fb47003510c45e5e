/** Opens the libraries for the benchmarks that hold many series: scrape, memory, open. */
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BOUNDS_SECONDS, LATENCIES_NS, LATENCIES_SECONDS } from './workload.mjs';

const require = createRequire(import.meta.url);

/** Names of the libraries, as the command lines of the subjects take them. */
export const LIBRARIES = [
  'nanometer',
  'nanometer-javascript',
  'prom-client',
  '@prometheus-io/client',
];

/** Series that the scrape and memory questions are about, and what each has recorded. */
export const SERIES = 10_000;
const RECORDED = 3;

/**
 * @typedef {object} Held
 * @property {() => void} fill Makes the 10,000 histogram series and records into each.
 * @property {() => Promise<string>} listen Where the metrics are answered over HTTP.
 * @property {() => number} segment Bytes of memory that the collector knows nothing of.
 * @property {() => Promise<void>} close
 */

/**
 * @param {string} library One of `LIBRARIES`.
 * @returns {Held}
 */
export function hold(library) {
  return library.startsWith('nanometer') ? ours(library) : promClient(require(library));
}

/** Opens nanometer as a service would, with a state directory that goes when the process ends. */
export function openNanometer(library, options = {}) {
  const stateDir = mkdtempSync(join(tmpdir(), 'nanometer-bench-'));
  process.on('exit', () => rmSync(stateDir, { recursive: true, force: true }));
  const { open } = library === 'nanometer-javascript' ? javascriptBackend() : require('nanometer');
  return open({ service: library, stateDir, inspection: false, ...options });
}

/** The package's catalogs, which only its own meters take. */
export function catalogsOf(library) {
  return library === 'nanometer-javascript'
    ? javascriptBackend().catalogs
    : require('nanometer/catalogs');
}

let javascript;

/**
 * The package over its JavaScript backend, with its catalogs, as modules of their own: so one
 * process can race it against the native one.
 */
export function javascriptBackend() {
  javascript ??= loadJavascript();
  return javascript;
}

function loadJavascript() {
  const native = Object.keys(require.cache).filter(isOurs);
  const kept = native.map((file) => [file, require.cache[file]]);
  for (const file of native) delete require.cache[file];
  const before = process.env.NANOMETER_BACKEND;
  process.env.NANOMETER_BACKEND = 'javascript';
  try {
    const nanometer = require('nanometer');
    // A worker that this process starts must not find the variable; this process must not either.
    return {
      ...nanometer,
      open: withBackend('javascript', nanometer.open),
      catalogs: require('nanometer/catalogs'),
    };
  } finally {
    restoreBackend(before);
    for (const file of Object.keys(require.cache).filter(isOurs)) delete require.cache[file];
    for (const [file, module] of kept) require.cache[file] = module;
  }
}

function withBackend(backend, open) {
  return (options) => {
    const before = process.env.NANOMETER_BACKEND;
    process.env.NANOMETER_BACKEND = backend;
    try {
      return open(options);
    } finally {
      restoreBackend(before);
    }
  };
}

function restoreBackend(value) {
  if (value === undefined) delete process.env.NANOMETER_BACKEND;
  else process.env.NANOMETER_BACKEND = value;
}

const DIST = dirname(require.resolve('nanometer'));

function isOurs(file) {
  return file.startsWith(DIST);
}

function ours(library) {
  const meter = openNanometer(library, {
    inspection: { host: '127.0.0.1', port: 0, socket: false },
  });
  return {
    fill: () => void nanometerSeries(meter),
    listen: async () => `${meter.inspection.url}/metrics`,
    segment: () => meter.snapshot().value('nanometer.segment.size'),
    close: () => meter.close(),
  };
}

/** Makes the series in a meter of ours and records into each; answers their handles. */
export function nanometerSeries(meter) {
  const family = meter.histogram('bench.latency', {
    help: 'Latency.',
    unit: 'ns',
    buckets: 'latency',
    labels: ['route', 'method', 'tenant'],
    maxSeries: SERIES,
  });
  const handles = [];
  eachSeries((labels, place) => {
    const histogram = family.with(labels);
    eachValue(LATENCIES_NS, place, (value) => histogram.record(value));
    handles.push(histogram);
  });
  return handles;
}

function promClient(library) {
  const registry = new library.Registry();
  let server;
  return {
    fill() {
      const histogram = new library.Histogram({
        name: 'bench_latency_seconds',
        help: 'Latency.',
        labelNames: ['route', 'method', 'tenant'],
        buckets: BOUNDS_SECONDS,
        registers: [registry],
      });
      eachSeries((labels, place) => {
        eachValue(LATENCIES_SECONDS, place, (value) => histogram.observe(labels, value));
      });
    },
    async listen() {
      server = http.createServer(async (request, response) => {
        response.setHeader('content-type', registry.contentType);
        response.end(await registry.metrics());
      });
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${server.address().port}/metrics`;
    },
    segment: () => 0,
    close: () => new Promise((resolve) => (server ? server.close(resolve) : resolve())),
  };
}

/** Calls a function with the labels of each series, and its number. */
export function eachSeries(use) {
  for (let place = 0; place < SERIES; place += 1) {
    use(
      {
        route: `/route/${place % 10}`,
        method: `method-${Math.floor(place / 10) % 10}`,
        tenant: `tenant-${Math.floor(place / 100)}`,
      },
      place,
    );
  }
}

/** Calls a function with what a series records. */
export function eachValue(latencies, place, use) {
  for (let i = 0; i < RECORDED; i += 1) use(latencies[(place + i) & 1023]);
}
