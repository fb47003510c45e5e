/**
 * Recording with and without exemplars. Import it once for each meter, with a query of its own behind
 * the path, so that no loop sees two kinds of handles.
 */
import { OPERATIONS } from '../harness/race.mjs';
import { HANDLES, LATENCIES_NS, expect } from './workload.mjs';

/**
 * @param {string} title What is said of the meter in the table.
 * @param {import('nanometer').Meter} meter
 * @param {import('nanometer').Span | null} span What the loops are part of; `null`: of nothing.
 * @returns {import('../harness/race.mjs').Candidate[]}
 */
export function exemplars(title, meter, span) {
  const within = span === null ? (loop) => loop() : (loop) => meter.active(span, loop);
  return [inc(meter, within), record(meter, within)].map((candidate) => ({
    ...candidate,
    name: `${candidate.name}, ${title}`,
  }));
}

function inc(meter, within) {
  const counters = many((i) => meter.counter(`bench.inc.${i}`));
  let calls = 0;
  const loop = () => {
    for (let i = 0; i < OPERATIONS; i += 1) counters[i & 15].inc();
  };
  return {
    name: 'counter.inc()',
    group: 'counter',
    call() {
      calls += 1;
      within(loop);
    },
    check: () =>
      expect(
        total(meter, 'bench.inc.', ({ value }) => value),
        calls * OPERATIONS,
      ),
  };
}

function record(meter, within) {
  const histograms = many((i) => meter.histogram(`bench.record.${i}`));
  let calls = 0;
  const loop = () => {
    for (let i = 0; i < OPERATIONS; i += 1) histograms[i & 15].record(LATENCIES_NS[i]);
  };
  const countOf = ({ histogram }) => histogram.count;
  return {
    name: 'histogram.record(value)',
    group: 'histogram',
    call() {
      calls += 1;
      within(loop);
    },
    check: () => expect(total(meter, 'bench.record.', countOf), calls * OPERATIONS),
  };
}

function many(make) {
  return Array.from({ length: HANDLES }, (_, i) => make(i));
}

function total(meter, prefix, valueOf) {
  const { metrics } = meter.snapshot().toJSON();
  return metrics
    .filter(({ name }) => name.startsWith(prefix))
    .reduce((sum, { series }) => sum + valueOf(series[0]), 0);
}
