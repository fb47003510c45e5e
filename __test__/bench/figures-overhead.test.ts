/** What levels cost: from made-up rounds whose levels cost what is said here. */
import { overheadOf } from '../../dist/bench/figures/overhead';
import { randomFrom } from '../../dist/bench/figures/random';
import type { Round } from '../../dist/bench/measured';
import type { Variant } from '../../dist/bench/plan';
import { inTurn, roundOf } from './figures-made-up';
import { noiseFrom } from './figures-noise';

const LEVELS: readonly Variant[] = ['off', 'production', 'diagnostic'];

/** Rounds whose event loop is at work all the time, at a rate of 10,000/s less what is lost. */
function rounds(
  count: number,
  lost: Partial<Record<Variant, number>>,
  drift = 0,
  noise = 0,
): Round[] {
  const { normal } = noiseFrom(randomFrom(3));
  return inTurn(count, LEVELS, (variant, index) => {
    const slower = 1 - (drift * index) / count;
    return 1e6 * (1 - (lost[variant] ?? 0)) * slower * Math.exp(noise * normal());
  }).map((round) => ({
    ...round,
    scheduling: { ...round.scheduling, activeNs: round.durationNs },
  }));
}

test('what a level costs is found, in throughput and in nanoseconds', () => {
  const [production, diagnostic] = overheadOf(
    rounds(60, { production: 0.02, diagnostic: 0.2 }, 0, 0.002),
    LEVELS,
    1,
  );
  expect(production!.throughputLost.value).toBeCloseTo(0.02, 2);
  expect(production!.throughputLost.low).toBeLessThan(0.02);
  expect(production!.throughputLost.high).toBeGreaterThan(0.02);
  expect(production).toMatchObject({ variant: 'production', against: 'off', verdict: 'beyond' });
  // 1,000 ns an element without, 1,250 ns with a fifth lost.
  expect(diagnostic!.nsPerElement.value / 250).toBeCloseTo(1, 1);
});

test('a machine that grows slower all the time makes no level dearer', () => {
  const [production] = overheadOf(rounds(60, {}, 0.3), LEVELS, 1);
  expect(Math.abs(production!.throughputLost.value)).toBeLessThan(0.001);
});

test('an interval with the budget in it decides nothing', () => {
  const verdicts = (lost: number, noise: number): (string | null)[] =>
    overheadOf(rounds(90, { production: lost }, 0, noise), LEVELS, 1).map(({ verdict }) => verdict);
  expect(verdicts(0, 0.001)[0]).toBe('within');
  expect(verdicts(0.05, 0.001)[0]).toBe('beyond');
  expect(verdicts(0.01, 0.02)[0]).toBe('undecided');
});

test('few rounds decide nothing', () => {
  expect(overheadOf(rounds(6, { production: 0.5 }), LEVELS, 1)[0]!.verdict).toBe('undecided');
});

test('against a pipeline without any flow there is an overhead and no budget', () => {
  const variants: readonly Variant[] = ['none', 'off', 'production'];
  const made = inTurn(30, variants, (variant) => (variant === 'none' ? 1.1e6 : 1e6));
  expect(
    overheadOf(made, variants, 1).map(({ variant, against, budget }) => [variant, against, budget]),
  ).toEqual([
    ['production', 'off', { throughputLost: 0.01, nsPerElement: 500 }],
    ['off', 'none', null],
    ['production', 'none', null],
  ]);
});

test('without rounds to compare there is none', () => {
  expect(overheadOf([roundOf(0, 'off', 1e4)], LEVELS, 1)).toEqual([]);
  expect(overheadOf([roundOf(0, 'production', 1e4)], ['production'], 1)).toEqual([]);
});
