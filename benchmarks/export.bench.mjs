/**
 * What does one export by OTLP cost, of 10,000 histogram series (3 labels, 25 bounds) and of 10,000
 * spans (3 attributes): how long does it take, how much processor time and memory, how many bytes,
 * and for how long does it stop the event loop?
 *
 * Each way is a process of its own, and all send to one receiver, another process, which counts what
 * came. The control is the same loop while a process beside it exports the metrics: what an export
 * costs any loop of a machine with few processors, whoever exports.
 */
import { SPANS, WAYS } from './compare/exports.mjs';
import { SERIES } from './compare/libraries.mjs';
import { EXPORT_COLUMNS, exportFigures } from './export-sections.mjs';
import { Subject } from './harness/child.mjs';
import { machine } from './harness/machine.mjs';
import { median, turned } from './harness/race.mjs';
import { keep, print, progress } from './harness/report.mjs';

const RECEIVER = new URL('./subjects/otlp-receiver.mjs', import.meta.url);
const EXPORTER = new URL('./subjects/export.mjs', import.meta.url);
const ITEMS = { metrics: SERIES, traces: SPANS };
const BYSTANDER = { signal: 'metrics', name: 'nanometer: http/protobuf' };
const ROUNDS = 6;
// Code is compiled, buffers grow.
const WARM_UP_ROUNDS = 2;
// Times and processor time are taken where no detector competes for processors.
const DETECTORS = ['monitor', 'spin'];

const where = machine();
const receiver = await Subject.start(RECEIVER);
const bystander = await start(BYSTANDER.signal, BYSTANDER);
const tables = [];
for (const [signal, ways] of Object.entries(WAYS)) {
  const rows = await compare(signal, ways);
  tables.push({ signal, items: ITEMS[signal], rows });
  print(
    `${ITEMS[signal]} ${signal === 'metrics' ? 'histogram series' : 'spans'} (medians of ${ROUNDS}, milliseconds)`,
    ['', ...EXPORT_COLUMNS],
    rows.map((row) => [row.name, ...exportFigures(row)]),
  );
}
await Promise.all([bystander.subject.stop(), receiver.stop()]);
keep('export', { question: 'export', machine: where, exports: ROUNDS, tables });

async function start(signal, { name, protocol = name.split(': ')[1] }) {
  const subject = await Subject.start(EXPORTER, {
    args: [signal, name, receiver.ready[protocol]],
    execArgv: ['--expose-gc'],
  });
  const times = () => Object.fromEntries(DETECTORS.map((detector) => [detector, []]));
  return { signal, name, subject, walls: [], cpus: [], longest: times(), controls: times() };
}

async function compare(signal, ways) {
  const entries = [];
  for (const way of ways) entries.push(await start(signal, way));
  const steps = (WARM_UP_ROUNDS + ROUNDS) * (1 + DETECTORS.length);
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    for (const [place, detector] of ['quiet', ...DETECTORS].entries()) {
      const step = (round + WARM_UP_ROUNDS) * (1 + DETECTORS.length) + place;
      progress(step, steps, `${signal}, ${detector}`);
      await Promise.all(entries.map(({ subject }) => subject.ask({ task: 'prepare' })));
      for (const entry of turned(entries, round + WARM_UP_ROUNDS)) {
        const taken = await measure(entry, detector);
        if (round >= 0) note(entry, detector, taken);
      }
    }
  }
  for (const entry of entries) entry.memory = await entry.subject.ask({ task: 'memory' });
  await Promise.all(entries.map(({ subject }) => subject.stop()));
  return entries.map(summary);
}

async function measure(entry, detector) {
  const { subject, signal } = entry;
  const before = structuredClone((await receiver.ask({}))[signal]);
  const taken = await subject.ask({ task: 'export', detector });
  const after = (await receiver.ask({}))[signal];
  check(entry, after.items - before.items);
  entry.bytes = after.bytes - before.bytes;
  entry.requests = after.requests - before.requests;
  if (detector === 'quiet') return taken;
  await subject.ask({ task: 'watch', detector });
  await bystander.subject.ask({ task: 'export', detector: 'quiet' });
  const control = await subject.ask({ task: 'told', detector });
  return { ...taken, controlMs: control.longestMs };
}

/** Ours exports a few metrics of its own besides. */
function check({ name, signal }, items) {
  const isAll = signal === 'traces' ? items === SPANS : items >= SERIES && items < SERIES * 1.02;
  if (!isAll) throw new Error(`${name}: ${items} of ${ITEMS[signal]} arrived`);
}

function note({ walls, cpus, longest, controls }, detector, taken) {
  if (detector === 'quiet') {
    walls.push(taken.wallMs);
    cpus.push(taken.cpuMs);
  } else {
    longest[detector].push(taken.longestMs);
    controls[detector].push(taken.controlMs);
  }
}

function summary({ name, walls, cpus, longest, controls, bytes, requests, memory }) {
  return {
    name,
    wallMs: median(walls),
    cpuMs: median(cpus),
    cpuRounds: cpus,
    ...Object.fromEntries(
      DETECTORS.flatMap((detector) => [
        [`${detector}Ms`, median(longest[detector])],
        [`${detector}WorstMs`, Math.max(...longest[detector])],
        [`${detector}ControlMs`, median(controls[detector])],
        // Each against the control right behind it.
        [
          `${detector}AddedMs`,
          median(longest[detector].map((ms, i) => ms - controls[detector][i])),
        ],
      ]),
    ),
    bytes,
    requests,
    ...memory,
  };
}
