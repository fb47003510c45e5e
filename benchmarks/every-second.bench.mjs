/**
 * What does a service lose that exports 10,000 histogram series and 1,000 spans by OTLP every second:
 * how long is its event loop late, and how much processor time does its process take?
 *
 * Each service is a process of its own that is begun anew in each round, in turn, and none runs while
 * another is measured; all send to one receiver, another process. The controls are the same service
 * without exports, and one whose requests do nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { IDLE, NAMES, protocolOf, unexported } from './compare/every-second.mjs';
import { SERIES } from './compare/libraries.mjs';
import { Subject } from './harness/child.mjs';
import { machine } from './harness/machine.mjs';
import { excess, median, timingOf, turned } from './harness/race.mjs';
import { digits, keep, percent, print, progress } from './harness/report.mjs';

const RECEIVER = new URL('./subjects/otlp-receiver.mjs', import.meta.url);
const SERVICE = new URL('./subjects/every-second.mjs', import.meta.url);
const ROUNDS = 5;
const WARM_UP_MS = 3_000;
const LOOP_MS = 6_000;
// Apart, since those who watch the loop take processor time.
const CPU_MS = 5_000;
const SPANS_A_SECOND = 1_000;
// Less than that, and it is not what it says.
const LEAST_DELIVERED = 0.5;
// By detector, what is told of it.
const LATE = [
  ['monitor', 'p50Ms'],
  ['monitor', 'p99Ms'],
  ['monitor', 'longestMs'],
  ['waits', 'p99Ms'],
  ['waits', 'longestMs'],
];

const where = machine();
const receiver = await Subject.start(RECEIVER);
const entries = NAMES.map((name) => ({ name, rounds: [] }));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [place, entry] of turned(entries, round).entries()) {
    progress(round * entries.length + place, ROUNDS * entries.length, entry.name);
    entry.rounds.push(await measure(entry.name));
  }
}
await receiver.stop();

const cpus = timings((each) => each.share);
const late = LATE.map(([detector, figure]) => timings((each) => each[detector][figure]));
const rows = entries.map(({ name, rounds }, place) => ({
  name,
  cpu: median(rounds.map(({ share }) => share)),
  cpuRounds: cpus[place].rounds,
  // What is left without the requests.
  exportCpu: protocolOf(name) && beyond(cpus, name, unexported(name.split(': ')[0])).value,
  late: Object.fromEntries(
    LATE.map(([detector, figure], which) => [
      `${detector}.${figure}`,
      { ms: late[which][place].ns, beyondIdle: beyond(late[which], name, IDLE) },
    ]),
  ),
  delivered: protocolOf(name) && median(rounds.map(({ delivered }) => delivered)),
}));
print(
  `Exports every second (medians of ${ROUNDS}, milliseconds)`,
  ['', 'p50', 'p99', 'longest', 'all moments, p99', 'CPU', 'of the exports', 'delivered'],
  rows.map(({ name, cpu, exportCpu, late, delivered }) => [
    name,
    digits(late['monitor.p50Ms'].ms),
    digits(late['monitor.p99Ms'].ms),
    digits(late['monitor.longestMs'].ms),
    digits(late['waits.p99Ms'].ms),
    percent(cpu),
    exportCpu === null ? '' : percent(exportCpu),
    delivered === null ? '' : percent(delivered),
  ]),
);
keep('every-second', { question: 'every-second', machine: where, rounds: ROUNDS, rows });

async function measure(name) {
  const protocol = protocolOf(name);
  const args = [name, ...(protocol ? [receiver.ready[protocol]] : [])];
  const service = await Subject.start(SERVICE, { args });
  await sleep(WARM_UP_MS);
  const before = await arrived();
  const late = await service.ask({ task: 'loop', ms: LOOP_MS });
  const cpu = await service.ask({ task: 'cpu', ms: CPU_MS });
  const after = await arrived();
  await service.stop();
  const delivered = deliveredShare(before, after);
  if (protocol && delivered < LEAST_DELIVERED) {
    throw new Error(`${name}: ${percent(delivered)} of what was due arrived`);
  }
  return { ...late, ...cpu, delivered };
}

async function arrived() {
  return { ...structuredClone(await receiver.ask({})), at: performance.now() };
}

/** Of what was due, of metrics and spans the one that came less. */
function deliveredShare(before, after) {
  const seconds = (after.at - before.at) / 1000;
  const shares = [
    (after.metrics.items - before.metrics.items) / (SERIES * seconds),
    (after.traces.items - before.traces.items) / (SPANS_A_SECOND * seconds),
  ];
  return Math.min(...shares);
}

function timings(figureOf) {
  return entries.map(({ name, rounds }) => timingOf({ name, group: 'late' }, rounds.map(figureOf)));
}

function beyond(figures, name, control) {
  const { ns: value, error } = excess(figures, name, control);
  return { value, error };
}
