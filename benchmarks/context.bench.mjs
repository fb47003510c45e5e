/**
 * What does the context of a trace cost: out of headers, into headers, and through a program by
 * AsyncLocalStorage, on each Node that there is? Whether awaits become dearer for everyone where one is
 * in use decides whether `meter.http()` uses it by itself.
 */
import { machine } from './harness/machine.mjs';
import { answer, Subject } from './harness/child.mjs';
import { nodes } from './harness/nodes.mjs';
import { excess, timingOf, turned } from './harness/race.mjs';
import { digits, keep, percent, print, progress } from './harness/report.mjs';

const RACES = new URL('./subjects/context.mjs', import.meta.url);
const AWAITS = new URL('./subjects/await.mjs', import.meta.url);
const ROUNDS = 9;
const CONTROL = 'no AsyncLocalStorage';
const WAYS = {
  none: CONTROL,
  elsewhere: 'nanometer: meter.active() in use elsewhere',
  inside: 'nanometer: inside meter.active()',
  openTelemetry: 'OpenTelemetry: inside context.with()',
  datadogScope: 'dd-trace: inside scope().activate()',
};
const TITLES = {
  parse: 'read from headers',
  format: 'write into headers',
  run: 'run with a span active',
  ask: 'ask which is active',
  await: 'await of an async function',
};

const where = machine();
const found = nodes();
const results = [];
for (const [place, { path, version }] of found.entries()) {
  progress(place, found.length, version);
  const rows = [...(await answer(RACES, { execPath: path })), ...(await awaits(path))];
  results.push({ node: version, rows });
  for (const [group, title] of Object.entries(TITLES)) {
    print(
      `${title}, Node ${version} (ns)`,
      ['', 'ns', 'noise'],
      rows
        .filter((row) => row.group === group)
        .map((row) => [row.name, digits(row.ns), percent(row.spread)]),
    );
  }
}
keep('context', { question: 'context', machine: where, titles: TITLES, nodes: results });

/** Awaits in processes that are asked in turn, round by round. */
async function awaits(execPath) {
  const entries = await Promise.all(
    Object.entries(WAYS).map(async ([way, name]) => ({
      name,
      subject: await Subject.start(AWAITS, { execPath, args: [way] }),
      results: [],
    })),
  );
  const there = entries.filter(({ subject }) => subject.ready.isThere);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { subject, results } of turned(there, round)) results.push(await subject.ask({}));
  }
  await Promise.all(entries.map(({ subject }) => subject.stop()));
  const timings = there.map(({ name, results }) => timingOf({ name, group: 'await' }, results));
  return timings.map((timing) => ({ ...timing, beyond: excess(timings, timing.name, CONTROL) }));
}
