/** The sections of `README.md`, one a question. */
import { EXPORT_SECTIONS } from './export-sections.mjs';
import { digits, percent } from './harness/report.mjs';
import { code, section, table, timing } from './markdown.mjs';
import { PIPELINE_COLUMNS, pipelineRow } from './pipeline-figures.mjs';

const GROUPS = ['floor', 'counter', 'labelled counter', 'gauge', 'histogram', 'clock', 'timer'];

/** For each question, in the order in which they are shown, a section from its result. */
export const SECTIONS = {
  recording: ({ rows }) =>
    section(
      'Recording',
      'Nanoseconds a call. The floor is a store into a plain typed array; `C++ addon` is the alternative design, a Node-API call for every record; `nanometer-javascript` is the same package over its JavaScript backend.',
      ...GROUPS.map((group) => {
        const inGroup = rows.filter((row) => row.group === group);
        return table([group, 'ns', 'noise', 'to the floor'], inGroup.map(toFloor));
      }),
    ),
  off: ({ rows }) =>
    section(
      'Level off',
      'The same calls while the level is off: one load and one branch.',
      table(['', 'ns', 'noise', 'to the floor'], rows.map(toFloor)),
    ),
  element: ({ groups, rows }) =>
    section(
      'An element through a flow',
      "One element through a flow of three components, whose functions count a call and nothing else: nanoseconds, and what that is beyond the control, the same functions called bare. What reading the clock takes of it, seven times, stands beside it. OpenTelemetry's spans are sampled, recorded, and dropped as they end, the least that they can cost; both stand beside themselves without spans. Ours records four spans, of the element and of each component, and promotes one element in a hundred, a hundred a second at most; besides it records in-flight elements, and both queues between the components with their depth and waiting time, which the rivals do not.",
      ...groups.map((group) =>
        beyondTable(
          group,
          rows.filter((row) => row.group === group),
        ),
      ),
    ),
  span: ({ groups, rows }) =>
    section(
      'Spans',
      'Nanoseconds a span, or three of them where they are nested, with both readings of the clock, in bursts of 1,024 (nested: 256 times three) that are exported before the next one begins; exporters count and drop. A span of a flow by itself is what tracing adds to `start()` and `end()`, and the two readings that these make anyhow. Ours are all recorded and one trace in a hundred is promoted, unless it says otherwise; OpenTelemetry keeps nothing of those that are not sampled.',
      ...groups.map((group) =>
        table([group, 'ns', 'noise'], rows.filter((row) => row.group === group).map(timing)),
      ),
    ),
  context: ({ titles, nodes }) =>
    section(
      'The context of traces',
      "Out of headers, into headers, and through a program, nanoseconds, on each Node: where an AsyncLocalStorage is in use, awaits of Node 20 and 22 are dearer for everyone, and from Node 24 on running something in one is. That is why `meter.http()` makes a request's span the active one by itself from Node 24 on only.",
      ...Object.entries(titles).map(([group, title]) => contextTable(group, title, nodes)),
    ),
  http: ({ tables }) =>
    section(
      'HTTP',
      'Servers of `node:http` that a process of its own asks, over 16 connections, as quickly as they answer: medians over rounds. Changes are taken within each round, against the row above that is not observed. The first two groups each are one process, in which two servers take turns, one that nanometer observes at the levels named and one that it does not; that is closer than two processes of the same program are to each other. Where an AsyncLocalStorage is in use, it is disabled while the other server has its turn, which leaves some of what it costs an await of Node 20 and 22. Rivals observe all servers of a process, so that each has its own, beside one of nobody. `orders` parses an order of 20 lines, prices each by an awaited call and signs the receipt; `hello` answers at once, as no service does. Processor time is that of all threads of the process. Exporters count and drop; at diagnostic nanometer promotes each trace, a hundred a second at most.',
      ...tables.map(httpTable),
    ),
  pipelines: ({ pipelines }) =>
    section(
      'Levels of whole pipelines',
      'What `nanometer bench` reports of its own pipeline (`--self`: orders of 40 lines parsed, priced and signed) and of both examples: rounds of 250 ms that take turns, each against what `off` would have been at its time; medians with 95% bootstrap intervals. Budgets are 1% and 500 ns an element at production, 5% and 2 µs at diagnostic; a budget that lies within an interval is undecided. `none` has no flow at all, OpenTelemetry samples 1% and exports nothing.',
      ...pipelines.map(({ name, costs }) =>
        table([name, ...PIPELINE_COLUMNS], costs.map(pipelineRow)),
      ),
    ),
  exemplar: ({ groups, rows }) =>
    section(
      'Exemplars',
      'What it costs to remember for whom something was recorded (`tracing: { exemplars: true }`), nanoseconds a call; the control is the same call without the option, whose handles know nothing of exemplars.',
      ...groups.map((group) =>
        beyondTable(
          group,
          rows.filter((row) => row.group === group),
        ),
      ),
    ),
  pipeline: ({ groups }) =>
    section(
      'Pipelines',
      '`flow.pipeline()` of a source, a transform and a sink against `stream.promises.pipeline` with the same three, nanoseconds for each object or chunk, making the streams included; the rivals are the bare pipeline with the work of each stage in their hands.',
      ...groups.map(({ title, items, rows }) =>
        table(
          [`${title}, ${items} a pipeline`, 'ns', 'noise', 'beyond', 'of the control', '±'],
          rows.map((row) => [
            ...timing(row),
            digits(row.beyond.ns),
            percent(row.share.change),
            percent(row.share.error),
          ]),
        ),
      ),
    ),
  catalog: ({ groups, rows }) =>
    section(
      'Catalogs',
      'The catalog `session`, 99 counters and gauges: four of its counters written in turn, and all of it read into an array, as it is or less an earlier reading. Nanoseconds a call.',
      ...groups.map((group) =>
        table([group, 'ns', 'noise'], rows.filter((row) => row.group === group).map(timing)),
      ),
    ),
  events: ({ rows }) =>
    section(
      'Events',
      'An event of three attributes, nanoseconds. The object with the attributes is made by the caller and is part of it, as in all of them; `JSON.stringify` is the text and nothing else.',
      table(['', 'ns', 'noise'], rows.map(timing)),
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
  ...EXPORT_SECTIONS,
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

/** One row a candidate, one column a Node. */
function contextTable(group, title, nodes) {
  const names = new Set(
    nodes.flatMap(({ rows }) => rows.filter((row) => row.group === group).map(({ name }) => name)),
  );
  const cell = (rows, name) => {
    const row = rows.find((each) => each.name === name && each.group === group);
    return row ? digits(row.ns) : '';
  };
  return table(
    [title, ...nodes.map(({ node }) => node)],
    [...names].map((name) => [code(name), ...nodes.map(({ rows }) => cell(rows, name))]),
  );
}

function httpTable({ service, node, rows }) {
  return table(
    [`${service}, Node ${node}`, 'responses/s', 'change', '±', 'CPU µs each', 'change', '±'],
    rows.map(({ name, ns, throughput, cpuMicros, cpu }) => [
      name,
      digits(ns),
      percent(throughput.change),
      percent(throughput.error),
      digits(cpuMicros),
      percent(cpu.change),
      percent(cpu.error),
    ]),
  );
}

function toFloor(row) {
  return [...timing(row), `${digits(row.toFloor)}x`];
}

function beyondTable(group, rows) {
  return table(
    [group, 'ns', 'noise', 'beyond', '±'],
    rows.map((row) => [...timing(row), digits(row.beyond.ns), digits(row.beyond.error)]),
  );
}
