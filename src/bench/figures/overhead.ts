/**
 * What a variant costs. A round is compared with the rounds of the other variant just before and after
 * it, so that a machine that grows slower during a run makes neither look dearer than it is.
 */
import type { Round } from '../measured';
import type { Variant } from '../plan';
import type { Estimate, ReportOverhead } from '../report';
import { estimateOf, FEWEST_SAMPLES } from './estimate';
import { busyOf, rateOf } from './samples';

type Budget = NonNullable<ReportOverhead['budget']>;

/** Document 000's: of throughput, and nanoseconds an element. */
const BUDGETS: Partial<Record<Variant, Budget>> = {
  production: { throughputLost: 0.01, nsPerElement: 500 },
  diagnostic: { throughputLost: 0.05, nsPerElement: 2_000 },
};

/** What others are compared with, where it was run. */
const REFERENCES: readonly Variant[] = ['off', 'none'];

/** The overhead of each variant against each reference that was run. */
export function overheadOf(
  rounds: readonly Round[],
  variants: readonly Variant[],
  seed: number,
): ReportOverhead[] {
  const distinct = [...new Set(variants)];
  return REFERENCES.filter((reference) => distinct.includes(reference)).flatMap((against) =>
    distinct
      .filter((variant) => variant !== against && !(against === 'off' && variant === 'none'))
      .flatMap((variant) => overheadAgainst(rounds, variant, against, seed) ?? []),
  );
}

function overheadAgainst(
  rounds: readonly Round[],
  variant: Variant,
  against: Variant,
  seed: number,
): ReportOverhead | null {
  const pairs = pairsOf(rounds, variant, against);
  const throughputLost = estimateOf(
    pairs.map(({ round, beside }) => 1 - rateOf(round) / meanOf(beside, rateOf)),
    seed,
  );
  const nsPerElement = estimateOf(
    pairs.map(({ round, beside }) => busyOf(round) - meanOf(beside, busyOf)),
    seed,
  );
  if (throughputLost === null || nsPerElement === null) return null;
  const budget = against === 'off' ? (BUDGETS[variant] ?? null) : null;
  const verdict =
    budget && verdictOf(throughputLost, nsPerElement, budget, pairs.length >= FEWEST_SAMPLES);
  return { variant, against, throughputLost, nsPerElement, budget, verdict };
}

interface Pair {
  readonly round: Round;
  readonly beside: readonly Round[];
}

/** Rounds of a variant, each with the nearest of the other one: two, or one at an end of the run. */
function pairsOf(rounds: readonly Round[], variant: Variant, against: Variant): Pair[] {
  const ended = rounds.filter((round) => round.elements > 0);
  return ended.flatMap((round, at) => {
    if (round.variant !== variant) return [];
    const isOther = (other: Round): boolean => other.variant === against;
    const beside = [ended.slice(0, at).findLast(isOther), ended.slice(at + 1).find(isOther)].filter(
      (other) => other !== undefined,
    );
    return beside.length === 0 ? [] : [{ round, beside }];
  });
}

function meanOf(rounds: readonly Round[], figure: (round: Round) => number): number {
  return rounds.reduce((total, round) => total + figure(round), 0) / rounds.length;
}

/** Both limits hold, or either does not: where an interval has a limit in it, neither is known. */
function verdictOf(
  throughputLost: Estimate,
  nsPerElement: Estimate,
  budget: Budget,
  isEnough: boolean,
): 'within' | 'beyond' | 'undecided' {
  if (!isEnough) return 'undecided';
  if (throughputLost.low > budget.throughputLost || nsPerElement.low > budget.nsPerElement) {
    return 'beyond';
  }
  const isWithin =
    throughputLost.high <= budget.throughputLost && nsPerElement.high <= budget.nsPerElement;
  return isWithin ? 'within' : 'undecided';
}
