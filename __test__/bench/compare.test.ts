/** Runs compared on a machine as noisy as one can be: made up, so that the truth is known. */
import * as fc from 'fast-check';
import { compare } from '../../dist/bench/baseline/compare';
import { parseThresholds } from '../../dist/bench/baseline/thresholds';
import { randomFrom } from '../../dist/bench/figures/random';
import { reportOf } from '../../dist/bench/figures/report-of';
import type { ComparisonLine, Report } from '../../dist/bench/report';
import { measuredOf, PLAN, roundOf } from './figures-made-up';
import { noiseFrom } from './figures-noise';

const THRESHOLDS = parseThresholds('throughput=-5%,p99=+10%,busy=+10%');

/** What a machine does to a run. */
interface Machine {
  /** The standard deviation of rounds. */
  readonly noise: number;
  /** Of runs, of which no round tells. */
  readonly unseen: number;
  /** How much slower it is all the time. */
  readonly drift: number;
  /** How much of that the fixed piece of work shows. */
  readonly shown: number;
}

/** A run of the program on such a machine. @param cost - 2 is twice as slow */
function runOf(seed: number, rounds: number, cost: number, machine: Machine): Report {
  const { series, normal } = noiseFrom(randomFrom(seed));
  const { noise, unseen, drift, shown } = machine;
  const run = cost * (1 + drift) * Math.exp(unseen * normal());
  // Each is like the one before: what disturbs a machine lasts longer than a round.
  const made = series(rounds, 0.6).map((each, index) => {
    const rate = 5_000 / (run * Math.exp(noise * each));
    const round = roundOf(index, 'production', rate);
    const referenceNs = 1e6 * (1 + drift * shown) * Math.exp(0.02 * normal());
    const scheduling = { ...round.scheduling, activeNs: round.durationNs };
    return { ...round, referenceNs, scheduling };
  });
  return reportOf(measuredOf(made, { plan: { ...PLAN, variants: ['production'], seed } }));
}

const QUIET: Machine = { noise: 0.005, unseen: 0.002, drift: 0, shown: 1 };

/** Noisy, and 20% slower in one of two runs. */
const noisy = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  rounds: fc.integer({ min: 12, max: 20 }),
  noise: fc.double({ min: 0, max: 0.06, noNaN: true }),
  unseen: fc.constant(0.02),
  drift: fc.constantFrom(0, 0.2),
  shown: fc.double({ min: 0.8, max: 1.1, noNaN: true }),
  isLaterSlower: fc.boolean(),
});

function linesOf(
  cost: number,
  made: typeof noisy extends fc.Arbitrary<infer T> ? T : never,
): readonly ComparisonLine[] {
  const { seed, rounds, isLaterSlower, ...machine } = made;
  const still = { ...machine, drift: 0 };
  const before = runOf(seed, rounds, 1, isLaterSlower ? still : machine);
  const after = runOf(seed + 1e6, rounds, cost, isLaterSlower ? machine : still);
  return compare(before, after, THRESHOLDS, 'main').lines;
}

// The seed makes the runs the same each time: what is rare is not a test that fails now and then.
const RUNS = { numRuns: 14, seed: 7 };

test('an unchanged program is no regression, whatever the machine does', () => {
  fc.assert(
    fc.property(noisy, (made) => linesOf(1, made).every(({ isRegression }) => !isRegression)),
    RUNS,
  );
});

test('a program that is twice as slow is one, whatever the machine does', () => {
  fc.assert(
    fc.property(noisy, (made) => {
      const regressed = linesOf(2, made).filter(({ isRegression }) => isRegression);
      expect(regressed.map(({ metric }) => metric)).toEqual(['throughput', 'p99', 'busy']);
    }),
    RUNS,
  );
});

const before = runOf(1, 24, 1, QUIET);
const judged = (cost: number): Record<string, string> =>
  Object.fromEntries(
    compare(before, runOf(2, 24, cost, QUIET), THRESHOLDS, 'main').lines.map((line) => [
      line.metric,
      line.isRegression ? 'regression' : line.judgement,
    ]),
  );

test('on a quiet machine the same is the same, and what is not is better or worse', () => {
  expect(judged(1)).toMatchObject({ throughput: 'same', p50: 'same', p99: 'same', busy: 'same' });
  expect(judged(0.8)).toMatchObject({ throughput: 'better', p50: 'better', p99: 'better' });
  expect(judged(1.2)).toMatchObject({ throughput: 'regression', p50: 'worse', p99: 'regression' });
});

test('what is worse by less than its threshold is no regression', () => {
  expect(judged(1.08)).toMatchObject({ p99: 'worse', busy: 'worse' });
});

test('a line has both figures and the change between them', () => {
  const { lines, baseline, baselineStartedAt, isSameMachine } = compare(
    before,
    runOf(2, 24, 2, QUIET),
    {},
    'main',
  );
  expect([baseline, baselineStartedAt, isSameMachine]).toEqual(['main', before.startedAt, true]);
  expect(lines.map(({ metric }) => metric)).toEqual([
    'throughput',
    'p50',
    'p90',
    'p95',
    'p99',
    'p999',
    'max',
    'busy',
  ]);
  const [throughput, p50] = lines;
  expect(throughput!.before.value / 5_000).toBeCloseTo(1, 1);
  expect(throughput!.after.value / 2_500).toBeCloseTo(1, 1);
  expect(throughput).toMatchObject({ unit: 'elements/s', threshold: null, isRegression: false });
  expect(p50!.change.value).toBeCloseTo(1, 1);
  expect(p50!.change.low).toBeLessThan(1);
  expect(p50!.change.high).toBeGreaterThan(1);
});

test('two runs compared again give the same', () => {
  const after = runOf(3, 12, 1.1, QUIET);
  expect(compare(before, after, THRESHOLDS, 'x')).toEqual(compare(before, after, THRESHOLDS, 'x'));
});

test('too few rounds decide nothing, and what to do is said', () => {
  const { lines, warnings } = compare(
    runOf(1, 2, 1, QUIET),
    runOf(2, 2, 3, QUIET),
    THRESHOLDS,
    'main',
  );
  expect(new Set(lines.map(({ judgement }) => judgement))).toEqual(new Set(['undecided']));
  expect(warnings.find(({ code }) => code === 'undecided')!.message).toContain('longer --duration');
});

test.each<[string, (report: Report) => Partial<Report>, string]>([
  [
    'other-machine',
    ({ environment }) => ({ environment: { ...environment, machine: 'x' } }),
    'of another machine (',
  ],
  [
    'other-pipeline',
    ({ pipeline }) => ({ pipeline: { ...pipeline, components: ['parse'] } }),
    'components parse, was parse, write',
  ],
  [
    'other-load',
    ({ load }) => ({ load: { ...load, ratePerSecond: 100 } }),
    'ratePerSecond 100, was none',
  ],
  [
    'other-software',
    ({ environment }) => ({ environment: { ...environment, node: '99.0.0' } }),
    'node 99.0.0, was',
  ],
  [
    'drift',
    ({ noise }) => ({ noise: { ...noise, referenceNs: noise.referenceNs! * 1.2 } }),
    '20% slower',
  ],
  [
    'no-common-level',
    ({ levels }) => ({ levels: levels.map((level) => ({ ...level, variant: 'off' as const })) }),
    'the baseline has production',
  ],
])('%s is warned of', (code, change, message) => {
  const { warnings } = compare(before, { ...before, ...change(before) }, {}, 'main');
  expect(warnings.filter((warning) => warning.code !== 'undecided')).toEqual([
    { code, message: expect.stringContaining(message) },
  ]);
});

test('of a run compared with itself nobody is warned', () => {
  expect(
    compare(before, before, {}, 'main').warnings.filter(({ code }) => code !== 'undecided'),
  ).toEqual([]);
});

test('runs without an element have nothing to compare', () => {
  const empty = reportOf(measuredOf([]));
  expect(compare(empty, before, THRESHOLDS, 'main')).toMatchObject({ lines: [], drift: null });
  expect(compare(before, empty, THRESHOLDS, 'main').lines).toEqual([]);
});
