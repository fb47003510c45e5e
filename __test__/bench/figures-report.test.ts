/** Reports of made-up runs: numbers that were computed on paper. */
import { reportOf } from '../../dist/bench/figures/report-of';
import { inTurn, measuredOf, PLAN, roundOf } from './figures-made-up';

const measured = measuredOf(inTurn(24, PLAN.variants, () => 10_000));
const report = reportOf(measured);

test('figures are of production where it was run, else of the first level', () => {
  expect(report.variant).toBe('production');
  const plan = { ...PLAN, variants: ['off', 'diagnostic'] as const };
  expect(reportOf(measuredOf([], { plan })).variant).toBe('off');
});

test('throughput is in elements and bytes a second, and counts what ended', () => {
  expect(report.throughput).toEqual({
    elementsPerSecond: { value: 10_000, low: 10_000, high: 10_000 },
    bytesPerSecond: { value: 640_000, low: 640_000, high: 640_000 },
    elements: 8 * 2_500,
    failed: 0,
  });
});

test('latency is of all rounds of the level together', () => {
  const { distribution, p50Ns, maxNs, of } = report.latency;
  expect(of).toBe('element');
  expect(distribution.count).toBe(8 * 200);
  // From 90 to 110 µs, evenly; buckets are 1.1% wide.
  expect(p50Ns! / 100_000).toBeCloseTo(1, 1);
  expect(maxNs! / 110_000).toBeCloseTo(1, 1);
});

test('components have their shares, in the order of the pipeline', () => {
  const one = { invocations: 20_000, errors: 0, firstError: null };
  expect(report.components).toEqual([
    { ...one, id: 'parse', share: 0.25, meanNs: 1_000, p50Ns: 1_000, p99Ns: 2_000 },
    { ...one, id: 'write', share: 0.75, meanNs: 3_000, p50Ns: 3_000, p99Ns: 6_000 },
  ]);
});

test('a queue has as many waiting as arrive in the time that one waits', () => {
  // 10,000 a second, each 500 ns: Little's law.
  expect(report.streams).toEqual([
    {
      id: 'parse->write',
      meanDepth: 0.005,
      peakDepth: 4,
      meanWaitNs: 500,
      p99WaitNs: 1_000,
      backpressure: { events: 16, share: 0.1 },
    },
  ]);
});

test('buffers are those of pools, and copies have their reasons', () => {
  expect(report.buffers).toEqual({
    allocations: 800,
    poolHits: 720,
    fallbacks: 80,
    copies: 80,
    copiedBytes: 8_000,
    copiesByReason: { PayloadRead: 80, CrossComponent: 0 },
  });
});

test('event loops and memory are those of all workers', () => {
  const two = reportOf({ ...measured, plan: { ...PLAN, workers: 2 } });
  expect(two.scheduling).toMatchObject({ utilization: 0.8, idleShare: 0.2, wakeupsPerSecond: 500 });
  expect(two.memory).toMatchObject({ collections: 24, collectionMs: 20, collectionShare: 0.005 });
  expect(two.memory.rssMeanBytes).toBeCloseTo(90e6);
});

test('the harness has a cost for an element and for a component', () => {
  expect(report.harness).toEqual({ nsPerElement: 200, nsPerComponent: 100 });
  expect(reportOf({ ...measured, harness: [] }).harness).toBeNull();
});

test('the environment is told without the name of the machine', () => {
  const { machine, cores, node } = report.environment;
  expect(machine).toMatch(/^[0-9a-f]{16}$/);
  expect(cores).toBeGreaterThan(0);
  expect(node).toBe(process.versions.node);
  expect(reportOf(measured).environment).toEqual(report.environment);
});

test('levels that record nothing leave sections empty', () => {
  const plan = { ...PLAN, variants: ['off'] as const };
  const off = reportOf(
    measuredOf(
      inTurn(8, plan.variants, () => 10_000),
      { plan },
    ),
  );
  expect(off).toMatchObject({ components: [], streams: [], buffers: null, overhead: [] });
});

test.each([
  ['no round', []],
  ['rounds without an element', inTurn(9, PLAN.variants, () => 0.001)],
  ['one round', [roundOf(0, 'production', 1_000)]],
  [
    'rounds of which some have no element',
    inTurn(24, PLAN.variants, (_, i) => (i % 2 ? 1e4 : 0.001)),
  ],
])('%s make a report in which every number is one', (_, rounds) => {
  const made = reportOf(measuredOf(rounds, { harness: [], endedEarly: 'interrupted' }));
  // JSON has no NaN, no Infinity and nothing that is not there.
  expect(JSON.parse(JSON.stringify(made))).toEqual(made);
});
