/** The budgets of the package, as questions to the results: what was measured, and whether it holds. */
import { ratio } from './harness/race.mjs';
import { digits, percent } from './harness/report.mjs';

const OURS = 'nanometer';

/**
 * @typedef {object} Budget
 * @property {string} what
 * @property {string} limit As a person reads it.
 * @property {string} question Whose result it is judged by.
 * @property {(result: any) => { measured: string, met: boolean }} judge
 */

/** @type {Budget[]} */
export const BUDGETS = [
  {
    what: 'counter `inc()` against a bare typed array store',
    limit: 'at most 4.5x',
    question: 'recording',
    judge: slower('nanometer: counter.inc()', 'float64[i] += 1', 4.5),
  },
  {
    what: 'labelled counter, bound, against prom-client with two labels',
    limit: '40x faster',
    question: 'recording',
    judge: faster('nanometer: labelled, bound: inc()', 'prom-client: inc({ route, status })', 40),
  },
  {
    what: 'labelled counter, bound, against OpenTelemetry with two attributes',
    limit: '150x faster',
    question: 'recording',
    judge: faster(
      'nanometer: labelled, bound: inc()',
      'OpenTelemetry: add(1, { route, status })',
      150,
    ),
  },
  {
    what: 'histogram `record` against prom-client `observe`',
    limit: '25x faster',
    question: 'recording',
    judge: faster('nanometer: histogram.record(value)', 'prom-client: observe(value)', 25),
  },
  {
    what: 'histogram, bound, against OpenTelemetry with two attributes',
    limit: '120x faster',
    question: 'recording',
    judge: faster(
      'nanometer: labelled, bound: record(value)',
      'OpenTelemetry: record(value, { route, status })',
      120,
    ),
  },
  {
    what: 'histogram `record` against `perf_hooks`',
    limit: '3x faster',
    question: 'recording',
    judge: faster('nanometer: histogram.record(value)', 'perf_hooks: record(value)', 3),
  },
  {
    what: 'clock against `process.hrtime.bigint()`',
    limit: '1.6x faster',
    question: 'recording',
    judge: faster('nanometer: meter.now()', 'process.hrtime.bigint()', 1.6),
  },
  {
    what: 'counter `inc()` at level off against a bare typed array store',
    limit: 'at most 2.5x',
    question: 'off',
    judge: slower('off: counter.inc()', 'float64[i] += 1', 2.5),
  },
  {
    what: 'histogram `record` at level off against a bare typed array store',
    limit: 'at most 2.5x',
    question: 'off',
    judge: slower('off: histogram.record(value)', 'float64[i] += 1', 2.5),
  },
  {
    what: 'bytes that a recording call allocates (`start()` aside, which makes a function)',
    limit: '0',
    question: 'allocation',
    judge: ({ rows }) => {
      const most = Math.max(...recordingRows(rows).map(({ bytes }) => bytes));
      return { measured: `${most}`, met: most === 0 };
    },
  },
  {
    what: 'native calls of a recording call (the clock aside)',
    limit: '0',
    question: 'allocation',
    judge: ({ rows }) => {
      const clockless = recordingRows(rows).filter(({ name }) => !/now\(\)|time\(/.test(name));
      const most = Math.max(...clockless.map(({ crossings }) => crossings));
      return { measured: `${most}`, met: most === 0 };
    },
  },
  {
    what: 'event loop stopped by a scrape of 10,000 histogram series, turns of the loop',
    limit: 'at most 1 ms',
    question: 'scrape',
    judge: stopped('spin'),
  },
  {
    what: 'the same by `monitorEventLoopDelay`',
    limit: 'at most 1 ms',
    question: 'scrape',
    judge: stopped('monitor'),
  },
  {
    what: 'the scrape, wall time, against prom-client',
    limit: '10x faster',
    question: 'scrape',
    judge: (result) => {
      const times = row(result, 'prom-client').scrapeMs / row(result, OURS).scrapeMs;
      return { measured: `${digits(times)}x`, met: times >= 10 };
    },
  },
  {
    what: "segment memory for 10,000 histogram series against prom-client's heap",
    limit: 'at most 1/5',
    question: 'memory',
    judge: (result) => {
      const share = row(result, OURS).segmentBytes / row(result, 'prom-client').heapBytes;
      return { measured: `1/${digits(1 / share)}`, met: share <= 1 / 5 };
    },
  },
  {
    what: '`open()`, time',
    limit: 'at most 10 ms',
    question: 'memory',
    judge: ({ opens }) => {
      const { openMs } = opens.find(({ library }) => library === OURS);
      return { measured: `${digits(openMs)} ms`, met: openMs <= 10 };
    },
  },
  {
    what: '`open()`, RSS',
    limit: 'at most 8 MiB',
    question: 'memory',
    judge: ({ opens }) => {
      const mebibytes = opens.find(({ library }) => library === OURS).rssBytes / 2 ** 20;
      return { measured: `${digits(mebibytes)} MiB`, met: mebibytes <= 8 };
    },
  },
  {
    what: 'processor time of an idle process with the inspection server',
    limit: 'at most 0.1% of a core',
    question: 'memory',
    judge: ({ opens }) => {
      const { idleCpu } = opens.find(({ library }) => library === OURS);
      return { measured: percent(idleCpu), met: idleCpu <= 0.001 };
    },
  },
  {
    what: 'throughput that an HTTP service loses at production',
    limit: 'at most 1%',
    question: 'service',
    judge: lost('production', 0.01),
  },
  {
    what: 'throughput that an HTTP service loses at diagnostic',
    limit: 'at most 5%',
    question: 'service',
    judge: lost('diagnostic', 0.05),
  },
];

function faster(ours, theirs, times) {
  return ({ rows }) => {
    const measured = ratio(rows, theirs, ours);
    return { measured: `${digits(measured)}x`, met: measured >= times };
  };
}

function slower(ours, floor, times) {
  return ({ rows }) => {
    const measured = ratio(rows, ours, floor);
    return { measured: `${digits(measured)}x`, met: measured <= times };
  };
}

/** What a scrape adds to the longest turn that the loop takes while another process is scraped. */
function stopped(detector) {
  return (result) => {
    const ms = Math.max(0, row(result, OURS)[`${detector}AddedMs`]);
    return { measured: `${digits(ms)} ms`, met: ms <= 1 };
  };
}

/** Undecided (`null`) where twice the standard error reaches over the limit to either side. */
function lost(level, limit) {
  return ({ rows }) => {
    const { throughput } = rows.find((each) => each.level === level);
    const loss = -throughput.change;
    const most = loss + 2 * throughput.error;
    const least = loss - 2 * throughput.error;
    return {
      measured: `${percent(loss)} ± ${percent(throughput.error)}`,
      met: most <= limit ? true : least > limit ? false : null,
    };
  };
}

function recordingRows(rows) {
  return rows.filter(({ name }) => name.startsWith(`${OURS}: `) && !name.includes('start()'));
}

function row({ rows }, library) {
  return rows.find((each) => each.library === library);
}
