/** What a reader is warned of: each once, and of nothing where nothing is wrong. */
import { reportOf } from '../../dist/bench/figures/report-of';
import { warningsOf } from '../../dist/bench/figures/warnings';
import type { Measured, Round } from '../../dist/bench/measured';
import type { ReportEnvironment } from '../../dist/bench/report';
import { inTurn, measuredOf, PLAN } from './figures-made-up';

const clean = measuredOf(inTurn(36, PLAN.variants, () => 1e5));

/** A machine on which nothing is wrong, whichever runs the tests. */
const QUIET: Partial<ReportEnvironment> = {
  governor: 'performance',
  clockSource: 'tsc',
  load: 0.1,
  cores: 4,
};

/** Codes of the warnings of a run somewhere. */
function codes(more: Partial<Measured>, where: Partial<ReportEnvironment> = {}): string[] {
  const measured = { ...clean, ...more };
  const report = reportOf(measured);
  const environment = { ...report.environment, ...QUIET, ...where };
  return warningsOf({ ...report, environment }, measured).map(({ code }) => code);
}

/** The rounds of the clean run, with something else about them. */
function rounds(change: (round: Round, index: number) => Partial<Round>): Pick<Measured, 'rounds'> {
  return { rounds: clean.rounds.map((round, index) => ({ ...round, ...change(round, index) })) };
}

const OPEN = { ...PLAN, ratePerSecond: 1e5 };

test('of a clean run nobody is warned', () => {
  expect(codes({})).toEqual([]);
});

test.each<[code: string, more: Partial<Measured>, where?: Partial<ReportEnvironment>]>([
  ['interrupted', { endedEarly: 'interrupted' }],
  ['source-ended', { endedEarly: 'source' }],
  ['errors', { errors: [{ component: 'write', errors: 3, first: 'Error: no' }] }],
  ['errors', rounds(() => ({ failed: 1 }))],
  ['short', { rounds: clean.rounds.slice(0, 12) }],
  ['short', { rounds: inTurn(36, PLAN.variants, () => 100), harness: [] }],
  ['noisy', { rounds: inTurn(36, PLAN.variants, (_, i) => (i % 2 ? 1e5 : 0.8e5)) }],
  ['noisy', rounds((_, i) => ({ referenceNs: i % 2 ? 1e6 : 1.5e6 }))],
  ['saturated', { plan: { ...OPEN, ratePerSecond: 1.1e5 } }],
  ['saturated', { plan: OPEN, ...rounds((_, i) => ({ backlogPeak: i * 1_000 })) }],
  ['throttled', rounds((_, i) => ({ referenceNs: 1e6 * (1 + i / 100) }))],
  ['harness', { harness: [{ variant: 'production', nsPerElement: 1_000 }] }],
  ['clock-source', {}, { clockSource: 'hpet' }],
  ['governor', {}, { governor: 'powersave' }],
  ['load', {}, { load: 3 }],
  // Rest parameters: a third one that a row has not would be jest's callback.
])('%s is told', (...[code, more, where]) => {
  expect(codes(more, where)).toEqual([code]);
});

test('a stall in an open loop is no saturation', () => {
  const stalled = rounds((_, i) => ({ backlogPeak: i === 30 ? 20_000 : 0 }));
  expect(codes({ plan: OPEN, ...stalled })).toEqual([]);
});

test('a warning of errors names the component and its first error', () => {
  const errors = [{ component: 'write', errors: 3, first: 'RangeError: too far' }];
  const { warnings } = reportOf({ ...clean, errors });
  expect(warnings.find(({ code }) => code === 'errors')!.message).toContain(
    'write 3); the first of write: RangeError: too far',
  );
});

test('what is no fault is a note', () => {
  const pipeline = { ...clean.pipeline, latencyOf: 'order' as const };
  expect(reportOf({ ...clean, pipeline }).notes.map(({ code }) => code)).toEqual([
    'closed-loop',
    'latency-order',
  ]);
  expect(reportOf({ ...clean, plan: OPEN }).notes).toEqual([]);
});
