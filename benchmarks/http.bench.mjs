/**
 * What does an HTTP service lose when it is observed? Processes drift apart by more than what is asked
 * for here, even where they do the same. So nanometer's levels, and a server that it does not observe,
 * take turns within one process, in many short rounds; what observes all of a process has one of its
 * own, beside one that nobody observes.
 */
import { CONTENDERS } from './compare/http-contenders.mjs';
import { machine } from './harness/machine.mjs';
import { Subject } from './harness/child.mjs';
import { nodes } from './harness/nodes.mjs';
import { share, timingOf, turned } from './harness/race.mjs';
import { digits, keep, percent, print, progress } from './harness/report.mjs';

const SERVER = new URL('./subjects/http-server.mjs', import.meta.url);
const LOAD = new URL('./subjects/http-load.mjs', import.meta.url);
const RIVALS = ['nobody', 'OpenTelemetry, 1% sampled', 'OpenTelemetry, all sampled', 'dd-trace'];
const PRODUCTION = ({ ways }) => ways.filter((way) => !/off|diagnostic|all/.test(way));
const ALL = ({ ways }) => ways;
// Requests of a way in a round, and what comes before them so that all has settled: some 100 ms.
const AMOUNTS = {
  hello: { lead: 200, amount: 2_000 },
  orders: { lead: 60, amount: 600 },
};
// Of `hello`, of each way, so that what observes is compiled as it is in a service that runs for long:
// after 17,000 requests of `orders`, V8 had not optimized all of it.
const WARM_UP_AMOUNT = 30_000;
const WARM_UP_ROUNDS = 4;

const where = machine();
const load = await Subject.start(LOAD);
const own = process.version;
const jobs = [
  { service: 'orders', waysOf: ALL, rivals: RIVALS, rounds: 60 },
  { service: 'hello', waysOf: ALL, rivals: RIVALS, rounds: 60 },
  // What decides whether `meter.http()` uses an AsyncLocalStorage by itself.
  ...nodes()
    .filter(({ version }) => version !== own)
    .map((node) => ({
      ...node,
      service: 'orders',
      waysOf: PRODUCTION,
      rivals: RIVALS.slice(0, 2),
      rounds: 40,
    })),
];
const tables = [];
for (const [place, { service, waysOf, rivals, rounds, path, version = own }] of jobs.entries()) {
  progress(place, jobs.length, `${service}, Node ${version}`);
  const run = (names, rounds) => underLoad({ service, names, waysOf, rounds, path });
  const rows = [
    ...(await run(['nanometer'], rounds)),
    ...(await run(['nanometer, AsyncLocalStorage'], rounds / 2)),
    ...(await run(rivals, rounds / 5)),
  ];
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

/** Rows of what those processes do, all beside the first way of the first one. */
async function underLoad({ service, names, waysOf, rounds, path: execPath }) {
  const begun = await Promise.all(
    names.map(async (name) => {
      const subject = await Subject.start(SERVER, { execPath, args: [name] });
      const ways = subject.ready.url === null ? [] : waysOf(CONTENDERS[name]);
      return { subject, ways };
    }),
  );
  const entries = begun.flatMap(({ subject, ways }) =>
    ways.map((name) => ({ name, subject, rates: [], cpus: [], answered: 0, spans: 0 })),
  );
  for (const { name, subject } of entries) {
    await subject.ask({ way: name });
    await load.ask({ url: urlOf(name, subject), service: 'hello', amount: WARM_UP_AMOUNT });
  }
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const entry of turned(entries, round + WARM_UP_ROUNDS)) {
      await visit(entry, service, round >= 0);
    }
  }
  await Promise.all(begun.map(({ subject }) => subject.stop()));
  entries.forEach(check);
  const rates = entries.map(({ name, rates }) => timingOf({ name, group: service }, rates));
  const cpus = entries.map(({ name, cpus }) => timingOf({ name, group: service }, cpus));
  const control = entries[0].name;
  return rates.map((timing, place) => ({
    ...timing,
    throughput: share(rates, timing.name, control),
    cpuMicros: cpus[place].ns,
    cpu: share(cpus, timing.name, control),
  }));
}

function urlOf(name, { ready }) {
  return name.startsWith('not observed') ? ready.otherUrl : ready.url;
}

async function visit(entry, service, isCounted) {
  const { name, subject, rates, cpus } = entry;
  const { lead, amount } = AMOUNTS[service];
  const url = urlOf(name, subject);
  await subject.ask({ way: name });
  await load.ask({ url, service, amount: lead });
  const before = await subject.ask({});
  const { perSecond } = await load.ask({ url, service, amount });
  const after = await subject.ask({});
  entry.answered += after.answered - before.answered;
  entry.spans += after.spans - before.spans;
  if (!isCounted) return;
  rates.push(perSecond);
  cpus.push((after.cpuMicros - before.cpuMicros) / amount);
}

/** A contender that made no spans was not there, however quick; nor was it off, if it made some. */
function check({ name, answered, spans }) {
  const isSampled = name.includes('1%');
  const isOff = /^not observed|, off$/.test(name);
  // dd-trace may hold the last ones back.
  const isRight = isOff ? spans === 0 : spans >= answered * (isSampled ? 0.005 : 0.9);
  if (!isRight) throw new Error(`${name}: ${spans} spans of ${answered} answers`);
}
