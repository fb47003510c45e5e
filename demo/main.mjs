/**
 * The demo: an order gateway under load, watched by nanometer.
 *
 *     main thread     the service (service.mjs), and what happens when (this file)
 *     worker thread   pricing (pricing.mjs): part of each order's work
 *     worker thread   the watcher (watch.mjs): reads the meter, scrapes /metrics, draws
 *     own process     autocannon (load.mjs)
 *
 * `npm run demo -- --seconds 15` bounds it; `--otlp http://localhost:4318` exports it too, by the
 * protocol that OTEL_EXPORTER_OTLP_PROTOCOL names.
 */
import { once } from 'node:events';
import { isatty } from 'node:tty';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { NanometerError } from 'nanometer';
import { compare } from './compare.mjs';
import { change, milliseconds, percent, whole } from './figures.mjs';
import { Load } from './load.mjs';
import { exported, otlpOptions } from './exported.mjs';
import { openMeter } from './metrics.mjs';
import { now } from './scraper.mjs';
import { Service } from './service.mjs';
import { tree } from './tree.mjs';

const DEFAULT_SECONDS = 20;
// A second of standing still, two rounds of comparison, and something to see before.
const LEAST_SECONDS = 6;
const BLOCK_MS = 1_000;
// The scatter of fewer pairs says little about the scatter.
const PAIRS_THAT_TELL = 6;
// The last seconds of a thread, of which the watcher looks for the slowest order: 4 MiB.
const REMEMBERED_SPANS = 32_768;
// Of the time that is not spent standing still.
const COMPARE_SHARE = 0.45;

const { seconds, otlp } = readArguments();
const meter = openOrLeave();
const service = new Service(meter);
const load = new Load();
const url = await service.start();
const watcher = startWatcher();

const beforeLoad = meter.snapshot();
await load.start(url);
const deadline = performance.now() + seconds * 1000;
watcher.postMessage({ phase: 'under load', watch: true });
const compareMs = (seconds * 1000 - BLOCK_MS) * COMPARE_SHARE;
await pause(deadline - performance.now() - compareMs - BLOCK_MS);

const blocked = await block();
await pause(deadline - performance.now() - compareMs);
const watched = await askWatcher();
const live = meter.snapshot().since(beforeLoad);
const { responses, errors } = await load.mark();

watcher.postMessage({ watch: false });
const comparison = await compare(meter, load, deadline - performance.now(), (pairs) =>
  tell(`comparing off and production in ${pairs} pairs of rounds …`),
);
await load.stop();
const delivered = otlp === undefined ? [] : await exported(meter);
tell(summary());
watcher.postMessage({ finish: true });
await once(watcher, 'exit');
await service.stop();
await meter.close();

/** Stands still for a second, and asks the watcher what it saw meanwhile. */
async function block() {
  watcher.postMessage({ phase: "the service's loop is blocked on purpose" });
  const fromMs = now();
  service.block(BLOCK_MS);
  const toMs = now();
  watcher.postMessage({ phase: 'under load', blocked: { fromMs, toMs } });
  if (!meter.inspection?.url) return null;
  const [seen] = await once(watcher, 'message');
  return seen;
}

function summary() {
  const requests = live.metrics
    .find(({ name }) => name === 'gateway.requests')
    .series.reduce((sum, { value }) => sum + value, 0);
  const latency = live.histogram('gateway.latency');
  const [p50, p99, p999] = [0.5, 0.99, 0.999].map((q) => milliseconds(latency.quantile(q)));
  return [
    '',
    'Summary',
    `  backend      ${describeBackend()}`,
    `  load         ${whole(responses)} responses received by autocannon, ${whole(requests)} counted by nanometer` +
      ` (up to ${Load.connections} were on their way), ${whole(errors)} connection errors`,
    `  latency      p50 ${p50}   p99 ${p99}   p99.9 ${p999}`,
    `  scrapes      ${whole(watched.answered)} answered, the slowest in ${milliseconds(watched.worstMs * 1e6)}`,
    ...(blocked ? [`  blocked      ${blocked.blockedText}${waited()}`] : []),
    ...compared(comparison),
    ...delivered,
    ...slowest(watched.slowestOrder),
  ].join('\n');
}

function slowest(trace) {
  if (!trace) return [];
  const lines = tree(trace).split('\n');
  return ['', `The slowest order of the last seconds under load, ${trace.traceId}`].concat(
    lines.map((line) => `  ${line}`),
  );
}

function compared({ throughput, cpu, perSecond, cpuMicros, pairs }) {
  const rates = `off ${whole(perSecond.off)}/s, production ${whole(perSecond.on)}/s`;
  if (pairs < PAIRS_THAT_TELL) {
    return [
      `  throughput   ${rates} (${pairs} pairs of rounds are too few to tell a change from chance: give it --seconds 20)`,
    ];
  }
  return [
    `  throughput   ${rates}: ${change(throughput.change)}, noise ±${percent(throughput.error)}`,
    `  processor    off ${cpuMicros.off.toFixed(1)} µs a response, production ${cpuMicros.on.toFixed(1)} µs: ` +
      `${change(cpu.change)}, noise ±${percent(cpu.error)}`,
    `               (${pairs} pairs of interleaved rounds; the noise is the standard error over them)`,
  ];
}

function waited() {
  if (meter.backend === 'native') return '';
  return '; this backend serves from the event loop, so scrapes wait while it is blocked';
}

function describeBackend() {
  if (meter.backend === 'native')
    return 'native: Rust threads read and serve what JavaScript wrote';
  return process.env.NANOMETER_BACKEND === 'javascript'
    ? 'JavaScript, as NANOMETER_BACKEND asks'
    : 'JavaScript, because the native binary did not load (see the warning): npm run build needs Rust';
}

function startWatcher() {
  const inspection = meter.inspection;
  const metricsUrl = inspection?.url ? `${inspection.url}/metrics` : null;
  const addresses = [
    `service ${url}`,
    metricsUrl ? `metrics ${metricsUrl}` : 'metrics: no port could be bound',
    ...(inspection?.socketPath ? [`socket ${inspection.socketPath}`] : []),
  ];
  const worker = new Worker(new URL('./watch.mjs', import.meta.url), {
    workerData: { isTerminal: isatty(1), backend: meter.backend, addresses, metricsUrl },
  });
  worker.on('error', (error) => {
    throw error;
  });
  worker.postMessage({
    print: [`nanometer demo, ${describeBackend()}`, ...addresses.map((line) => `  ${line}`)].join(
      '\n',
    ),
  });
  return worker;
}

async function askWatcher() {
  watcher.postMessage({ ask: 'totals' });
  const [totals] = await once(watcher, 'message');
  return totals;
}

function tell(text) {
  watcher.postMessage({ print: text });
}

/** The meter; where what is wrong is an argument, that is said and nothing more. */
function openOrLeave() {
  try {
    return openMeter({
      inspection: { host: '127.0.0.1', port: 0 },
      tracing: { flightSpans: REMEMBERED_SPANS },
      ...otlpOptions(otlp),
    });
  } catch (error) {
    if (NanometerError.is(error) && otlp !== undefined) return leave(error.message);
    throw error;
  }
}

function readArguments() {
  const { values } = parseArgs({
    options: { seconds: { type: 'string' }, otlp: { type: 'string' } },
  });
  const seconds = values.seconds === undefined ? DEFAULT_SECONDS : Number(values.seconds);
  if (seconds >= LEAST_SECONDS && seconds <= 3_600) return { seconds, otlp: values.otlp };
  return leave(`--seconds takes a number from ${LEAST_SECONDS} to 3600, not ${values.seconds}`);
}

function leave(why) {
  process.stderr.write(`${why}\n`);
  return process.exit(2);
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
