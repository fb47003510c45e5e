/** The budgets of the package, as questions to the results: what was measured, and whether it holds. */
import { EXPORT_BUDGETS } from './export-budgets.mjs';
import { digits, percent } from './harness/report.mjs';
import {
  adds,
  clockless,
  faster,
  inTraffic,
  lost,
  most,
  recording,
  row,
  shareAdded,
  slower,
  stopped,
} from './judges.mjs';
import { TRACING_BUDGETS } from './tracing-budgets.mjs';

const OURS = 'nanometer';

const ELEMENT = {
  bare: 'three bare calls',
  off: 'nanometer, off: begin(), 3 × run(), end()',
  production: 'nanometer, production: begin(), 3 × run(), end()',
  untraced: 'nanometer, no tracing, production: begin(), 3 × run(), end()',
  diagnostic: 'nanometer, diagnostic: begin(), 3 × run(), end()',
};
const PIPELINE = {
  bare: 'stream.promises.pipeline',
  off: 'nanometer, off: flow.pipeline()',
  production: 'nanometer, production: flow.pipeline()',
};

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
    what: 'bytes that a recording call allocates (a timer by `start()`, which is a function, elements, pools, texts of events and `meter.span()` aside)',
    limit: '0',
    question: 'allocation',
    judge: most(recording, 'bytes', 0),
  },
  {
    what: 'native calls of a recording call (the clock aside)',
    limit: '0',
    question: 'allocation',
    judge: most(clockless, 'crossings', 0),
  },
  {
    what: 'bytes of an element through three components, `begin()` to `end()`',
    limit: '48, the element',
    question: 'allocation',
    judge: most(
      ({ name }) => name === 'nanometer, production: begin(), 3 × run(), end()',
      'bytes',
      48,
    ),
  },
  {
    what: 'bytes of what a component records of an element, its span included',
    limit: '0',
    question: 'allocation',
    judge: most(({ name }) => /^nanometer, production: (run|start)\(/.test(name), 'bytes', 0),
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
  {
    what: 'an element through three components at production, four spans recorded, beyond the work',
    limit: 'at most 250 ns',
    question: 'element',
    judge: adds(ELEMENT.production, ELEMENT.bare, 250),
  },
  {
    what: 'the same with `tracing: false`',
    limit: 'at most 200 ns',
    question: 'element',
    judge: adds(ELEMENT.untraced, ELEMENT.bare, 200),
  },
  {
    what: 'the same at off',
    limit: 'at most 10 ns',
    question: 'element',
    judge: adds(ELEMENT.off, ELEMENT.bare, 10),
  },
  {
    what: 'the same at diagnostic',
    limit: 'at most 2 µs',
    question: 'element',
    judge: adds(ELEMENT.diagnostic, ELEMENT.bare, 2_000),
  },
  {
    what: 'the same at production against OpenTelemetry: 3 spans, 4 counters, 4 histograms',
    limit: '25x faster',
    question: 'element',
    judge: faster(ELEMENT.production, 'OpenTelemetry: 3 spans, 4 counters, 4 histograms', 25),
  },
  ...TRACING_BUDGETS,
  {
    what: '`flow.pipeline()` of three stages at production, for each small object',
    limit: 'adds at most 300 ns',
    question: 'pipeline',
    judge: inTraffic('objects', adds(PIPELINE.production, PIPELINE.bare, 300)),
  },
  {
    what: 'the same at off',
    limit: 'adds at most 30 ns',
    question: 'pipeline',
    judge: inTraffic('objects', adds(PIPELINE.off, PIPELINE.bare, 30)),
  },
  {
    what: '`flow.pipeline()` at production where a stage works 20 µs an object, wall time',
    limit: 'adds at most 1%',
    question: 'pipeline',
    judge: inTraffic('worked objects', shareAdded(PIPELINE.production, PIPELINE.bare, 0.01)),
  },
  {
    what: '`flow.pipeline()` at production for bytes in 64 KiB chunks, wall time',
    limit: 'adds at most 1%',
    question: 'pipeline',
    judge: inTraffic('chunks', shareAdded(PIPELINE.production, PIPELINE.bare, 0.01)),
  },
  ...EXPORT_BUDGETS,
];
