/** Writes `benchmarks/README.md` from the results that are kept. Nobody edits that file by hand. */
import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { BUDGETS } from './budgets.mjs';
import { digits, kept, percent } from './harness/report.mjs';

const FILE = new URL('./README.md', import.meta.url);
const QUESTIONS = [
  'recording',
  'off',
  'allocation',
  'scrape',
  'memory',
  'workers',
  'service',
  'rust',
];
const GROUPS = ['floor', 'counter', 'labelled counter', 'gauge', 'histogram', 'clock', 'timer'];

/** Makes the file anew. */
export async function writeReadme() {
  const results = Object.fromEntries(QUESTIONS.map((question) => [question, kept(question)]));
  const sections = [introduction(), machines(results), budgets(results)];
  for (const question of QUESTIONS) {
    if (results[question]) sections.push(SECTIONS[question](results[question]));
  }
  const text = sections.join('\n\n');
  const options = await resolveConfig(FILE.pathname);
  writeFileSync(FILE, await format(text, { ...options, parser: 'markdown' }));
}

function introduction() {
  return `# Benchmarks

Made by \`npm run bench\`; do not edit. \`npm run bench -- recording scrape\` asks some of the questions only.

A figure says little on another machine, so what is claimed is a ratio: candidates run in turn, round by round, in one process where they can, and a ratio is taken inside each round before the median over the rounds is taken. Noise is half the distance between the quartiles over the median. Every loop takes 16 handles in turn, and what it counted is checked afterwards.`;
}

function machines(results) {
  const seen = new Map();
  for (const [question, result] of Object.entries(results)) {
    if (!result) continue;
    const { cpu, cpus, memoryGiB, system, node, v8, date } = result.machine;
    const line = `${cpu}, ${cpus} processors, ${memoryGiB} GiB, ${system}; Node ${node} (V8 ${v8}); ${date}`;
    seen.set(line, [...(seen.get(line) ?? []), question]);
  }
  const busy = Math.max(...Object.values(results).map((result) => result?.machine.load ?? 0));
  return [
    '## Machine',
    ...[...seen].map(([line, questions]) => `- ${line} (${questions.join(', ')})`),
    `\nThe highest load when a question began was ${busy} runnable tasks a processor; the benchmarks that ran just before are part of it.`,
  ].join('\n');
}

const VERDICTS = new Map([
  [true, 'yes'],
  [false, '**no**'],
  [null, 'cannot tell'],
]);

function budgets(results) {
  const rows = BUDGETS.flatMap(({ what, limit, question, judge }) => {
    if (!results[question]) return [];
    const { measured, met } = judge(results[question]);
    return [[what, limit, measured, VERDICTS.get(met)]];
  });
  const count = (met) => rows.filter((row) => row[3] === VERDICTS.get(met)).length;
  return [
    '## Budgets',
    `${count(true)} of ${rows.length} hold, ${count(false)} do not, and of ${count(null)} this run cannot tell: the noise reaches over the budget.`,
    table(['', 'budget', 'measured', 'holds'], rows),
  ].join('\n\n');
}

const SECTIONS = {
  recording: ({ rows }) =>
    section(
      'Recording',
      'Nanoseconds a call. The floor is a store into a plain typed array; `C++ addon` is the alternative design, a Node-API call for every record; `nanometer-javascript` is the same package over its JavaScript backend.',
      ...GROUPS.map((group) => {
        const inGroup = rows.filter((row) => row.group === group);
        return table([group, 'ns', 'noise', 'to the floor'], inGroup.map(timing));
      }),
    ),
  off: ({ rows }) =>
    section(
      'Level off',
      'The same calls while the level is off: one load and one branch.',
      table(['', 'ns', 'noise', 'to the floor'], rows.map(timing)),
    ),
  allocation: ({ rows }) =>
    section(
      'Allocations and crossings',
      'Bytes that a call allocates and native calls that it makes, once it is compiled. `npm run check:allocations` compares ours with [allocations.json](allocations.json).',
      table(
        ['', 'bytes', 'crossings'],
        rows.map(({ name, bytes, crossings }) => [code(name), bytes, crossings]),
      ),
    ),
  scrape: ({ rows, scrapes }) =>
    section(
      'Scrape',
      `10,000 histogram series, 3 labels, 25 bounds. Medians of ${scrapes} scrapes from another process, milliseconds. How long the loop of the scraped process stood still is told by its own longest turn, and by \`monitorEventLoopDelay\` at a resolution of 1 ms (which never tells less than that). The control beside each is the same loop while another process is scraped: what a busy machine does to any loop.`,
      table(
        ['', 'scrape', 'slowest', 'longest turn', 'control', 'monitor', 'control', 'MB'],
        rows.map((row) => [
          row.library,
          ...[
            row.scrapeMs,
            row.scrapeWorstMs,
            row.spinMs,
            row.spinControlMs,
            row.monitorMs,
            row.monitorControlMs,
            row.bytes / 1e6,
          ].map(digits),
        ]),
      ),
    ),
  memory: ({ rows, opens, series }) =>
    section(
      'Memory',
      `${series} of the same series, each recorded into, MB; medians over processes of their own. Ours are in the segment, and the handles that record into them in the heap.`,
      table(
        ['', 'segment', 'heap', 'array buffers', 'RSS', 'RSS, peak with a scrape'],
        rows.map((row) => [
          row.library,
          ...[
            row.segmentBytes,
            row.heapBytes,
            row.arrayBufferBytes,
            row.rssBytes,
            row.peakRssBytes,
          ].map((bytes) => digits(bytes / 1e6)),
        ]),
      ),
      'What loading the package takes, what `open()` with the inspection server adds, and what an idle process then uses:',
      table(
        ['', 'load, ms', 'open, ms', 'RSS, MiB', 'idle, of a core'],
        opens.map((row) => [
          row.library,
          digits(row.loadMs),
          digits(row.openMs),
          digits(row.rssBytes / 2 ** 20),
          percent(row.idleCpu),
        ]),
      ),
    ),
  workers: ({ rows }) => {
    const counts = Object.keys(rows[0].perSecond);
    return section(
      'Workers',
      'Increments a second of labelled counters, millions, all worker threads together, until the sum is in one place.',
      table(
        ['', ...counts.map((count) => `${count} worker${count === '1' ? '' : 's'}`)],
        rows.map(({ name, perSecond }) => [
          name,
          ...counts.map((count) => digits(perSecond[count] / 1e6)),
        ]),
      ),
    );
  },
  service: ({ rows }) =>
    section(
      'A service',
      "The demo's order gateway under autocannon, against the same service with nanometer off, in pairs of rounds. Noise is the standard error over the pairs. Processor time is that of all threads of the service's process.",
      table(
        ['level', 'responses/s', 'off', 'change', 'noise', 'CPU µs each', 'off', 'change', 'noise'],
        rows.map(({ level, perSecond, throughput, cpuMicros, cpu }) => [
          level,
          digits(perSecond.on),
          digits(perSecond.off),
          percent(throughput.change),
          percent(throughput.error),
          digits(cpuMicros.on),
          digits(cpuMicros.off),
          percent(cpu.change),
          percent(cpu.error),
        ]),
      ),
    ),
  rust: ({ rows }) =>
    section(
      'In Rust',
      'Nanoseconds a call of the native lane, which many threads may write, beside the crates that Rust programs use (criterion, medians). A JavaScript handle has its cells to itself and needs no atomic instruction, which is why it may be quicker.',
      ...['counter', 'histogram'].map((group) =>
        table(
          [group, 'ns', 'noise'],
          rows
            .filter((row) => row.group === group)
            .map(({ name, ns, spread }) => [name, digits(ns), percent(spread)]),
        ),
      ),
    ),
};

function section(title, ...parts) {
  return [`## ${title}`, ...parts].join('\n\n');
}

function timing({ name, ns, spread, toFloor }) {
  return [code(name), digits(ns), percent(spread), `${digits(toFloor)}x`];
}

function code(name) {
  return name.replace(/^(.*?: )?(.*)$/, (_, library = '', call) => `${library}\`${call}\``);
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
