/**
 * The second demo: a pipeline over every JavaScript file of this project's own `node_modules`, watched
 * by nanometer while it works.
 *
 *     find -> read -> parse -> count -> report
 *
 * The stages (stages.mjs) know nothing of nanometer: `flow.pipeline` counts and times each of them,
 * and sees where one holds another up. A worker thread (watch.mjs) reads the meter and draws.
 *
 * `npm run demo:pipeline -- --seconds 10` stops looking for files after ten seconds.
 */
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { bytes, whole } from '../figures.mjs';
import { tree } from '../tree.mjs';
import { COMPONENTS, FLOW, openMeter, worked } from './metrics.mjs';
import { table } from './picture.mjs';
import { Report } from './report.mjs';
import { count, find, parse, read } from './stages.mjs';
import { readings } from './view.mjs';

const DEFAULT_SECONDS = 20;

const seconds = readSeconds();
const root = fileURLToPath(new URL('../../node_modules', import.meta.url));
const path = join(mkdtempSync(join(tmpdir(), 'nanometer-pipeline-')), 'identifiers.txt');
// At this level the run's trace has each time that one stage held another up.
const meter = openMeter({ inspection: { port: 0 }, level: 'diagnostic' });
const flow = meter.flow(FLOW, COMPONENTS);
const report = new Report(path);
const watcher = startWatcher();

const before = meter.snapshot();
const startedMs = performance.now();
watcher.postMessage({ watch: true });
await flow.pipeline({
  find: find(root, startedMs + seconds * 1000),
  read,
  parse: parse(worked(meter)),
  count: count(),
  report: report.stream(),
});
const tookMs = performance.now() - startedMs;
watcher.postMessage({ watch: false });
tell(summary());
watcher.postMessage({ finish: true });
await once(watcher, 'exit');
await meter.close();

function summary() {
  const delta = meter.snapshot().since(before);
  const view = readings(delta);
  const files = delta.flow(FLOW).elements;
  return [
    '',
    'Summary',
    `  files        ${whole(files)} counted by nanometer, ${whole(report.files)} in the report; ${whole(view.unparsed)} of them could not be parsed`,
    `  parsed       ${bytes(view.bytes)} in ${(tookMs / 1000).toFixed(1)} s, ${bytes((view.bytes / tookMs) * 1000)}/s`,
    `  identifiers  ${whole(report.identifiers)}, of which ${whole(report.distinct)} differ`,
    `  flow         ${flow.state}`,
    `  report       ${path}`,
    '',
    table(view, isatty(1)),
    '',
    ...traced(),
  ].join('\n');
}

/** The run's own trace: how long each stage was at work in it, and the longest times it was held up. */
function traced() {
  const [trace] = meter.traces({ flow: FLOW, limit: 1 });
  if (!trace) return [];
  const lines = tree(trace).split('\n');
  return [`The run, trace ${trace.traceId}`, ...lines.map((line) => `  ${line}`)];
}

function startWatcher() {
  const url = meter.inspection?.url;
  const addresses = [
    url ? `flow ${url}/flows/${FLOW}` : 'flow: no port could be bound',
    `report ${path}`,
  ];
  const worker = new Worker(new URL('./watch.mjs', import.meta.url), {
    workerData: { isTerminal: isatty(1), backend: meter.backend, addresses },
  });
  worker.on('error', (error) => {
    throw error;
  });
  const title = `nanometer pipeline demo, ${meter.backend} backend, for at most ${seconds} s`;
  worker.postMessage({ print: [title, ...addresses.map((line) => `  ${line}`)].join('\n') });
  return worker;
}

function tell(text) {
  watcher.postMessage({ print: text });
}

function readSeconds() {
  const { values } = parseArgs({ options: { seconds: { type: 'string' } } });
  const given = values.seconds === undefined ? DEFAULT_SECONDS : Number(values.seconds);
  if (given >= 1 && given <= 3_600) return given;
  process.stderr.write(`--seconds takes a number from 1 to 3600, not ${values.seconds}\n`);
  return process.exit(2);
}
