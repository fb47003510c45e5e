/**
 * What does an HTTP service lose when it is observed: nothing, nanometer with and without an
 * AsyncLocalStorage at two levels, OpenTelemetry's instrumentation, dd-trace? Each has a process of its
 * own, and they are put under load in turn, a fixed number of requests each, round by round.
 */
import { CONTENDERS } from './compare/http-contenders.mjs';
import { machine } from './harness/machine.mjs';
import { Subject } from './harness/child.mjs';
import { nodes } from './harness/nodes.mjs';
import { share, timingOf, turned } from './harness/race.mjs';
import { digits, keep, percent, print, progress } from './harness/report.mjs';

const SERVER = new URL('./subjects/http-server.mjs', import.meta.url);
const LOAD = new URL('./subjects/http-load.mjs', import.meta.url);
const CONTROL = 'not observed';
const ALL = Object.keys(CONTENDERS);
// What decides whether `meter.http()` uses an AsyncLocalStorage by itself.
const BY_NODE = [
  CONTROL,
  'nanometer, production',
  'nanometer, production, AsyncLocalStorage',
  'OpenTelemetry, 1% sampled',
];
const WARM_UP_ROUNDS = 3;
// Requests of a contender in a round, some 150 ms: many short rounds drift less than few long ones.
const AMOUNTS = { hello: 2_400, orders: 1_200 };

const where = machine();
const load = await Subject.start(LOAD);
const own = process.version;
const jobs = [
  { service: 'orders', names: ALL, rounds: 12 },
  { service: 'hello', names: ALL, rounds: 6 },
  ...nodes()
    .filter(({ version }) => version !== own)
    .map((node) => ({ ...node, service: 'orders', names: BY_NODE, rounds: 6 })),
];
const tables = [];
for (const [place, { service, names, rounds, path, version = own }] of jobs.entries()) {
  progress(place, jobs.length, `${service}, Node ${version}`);
  const rows = await underLoad(service, names, rounds, path);
  tables.push({ service, node: version, rows });
  print(
    `${service}, Node ${version}`,
    ['', 'responses/s', 'noise', 'change', '±', 'CPU µs each', 'change', '±'],
    rows.map(({ name, ns, spread, throughput, cpuMicros, cpu }) => [
      name,
      digits(ns),
      percent(spread),
      percent(throughput.change),
      percent(throughput.error),
      digits(cpuMicros),
      percent(cpu.change),
      percent(cpu.error),
    ]),
  );
}
await load.stop();
keep('http', { question: 'http', machine: where, tables });

async function underLoad(service, names, rounds, execPath) {
  const entries = await Promise.all(
    names.map(async (name) => ({
      name,
      subject: await Subject.start(SERVER, { execPath, args: [name] }),
      rates: [],
      cpus: [],
    })),
  );
  const there = entries.filter(({ subject }) => subject.ready.url !== null);
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const { subject, rates, cpus } of turned(there, round + WARM_UP_ROUNDS)) {
      const before = await subject.ask({});
      const amount = AMOUNTS[service];
      const { perSecond } = await load.ask({ url: subject.ready.url, service, amount });
      const after = await subject.ask({});
      if (round < 0) continue;
      rates.push(perSecond);
      cpus.push((after.cpuMicros - before.cpuMicros) / amount);
    }
  }
  for (const entry of there) await check(entry);
  await Promise.all(entries.map(({ subject }) => subject.stop()));
  const rates = there.map(({ name, rates }) => timingOf({ name, group: service }, rates));
  const cpus = there.map(({ name, cpus }) => timingOf({ name, group: service }, cpus));
  return rates.map((timing, place) => ({
    ...timing,
    throughput: share(rates, timing.name, CONTROL),
    cpuMicros: cpus[place].ns,
    cpu: share(cpus, timing.name, CONTROL),
  }));
}

/** A contender that made no spans was not there, however quick. */
async function check({ name, subject }) {
  const { answered, spans } = await subject.ask({});
  const isAll = !name.includes('1%');
  if (name !== CONTROL && (isAll ? spans < answered * 0.99 : spans < answered * 0.005)) {
    throw new Error(`${name}: ${spans} spans of ${answered} answers`);
  }
}
