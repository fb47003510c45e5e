/**
 * What a variant costs. A round is compared with the rounds of the other variant just before and after
 * it, the nearer of them counting more, so that a machine that grows slower during a run makes neither
 * look dearer than it is.
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
    pairs.map((pair) => 1 - rateOf(pair.round) / besideOf(pair, rateOf)),
    seed,
  );
  const nsPerElement = estimateOf(
    pairs.map((pair) => busyOf(pair.round) - besideOf(pair, busyOf)),
    seed,
  );
  if (throughputLost === null || nsPerElement === null) return null;
  const budget = against === 'off' ? (BUDGETS[variant] ?? null) : null;
  const verdict =
    budget && verdictOf(throughputLost, nsPerElement, budget, pairs.length >= FEWEST_SAMPLES);
  return { variant, against, throughputLost, nsPerElement, budget, verdict };
}

/** A round, and the nearest of the other variant; at an end of the run both are the same. */
interface Pair {
  readonly round: Round;
  readonly before: Round;
  readonly after: Round;
}

function pairsOf(rounds: readonly Round[], variant: Variant, against: Variant): Pair[] {
  const ended = rounds.filter((round) => round.elements > 0);
  return ended.flatMap((round, at) => {
    if (round.variant !== variant) return [];
    const isOther = (other: Round): boolean => other.variant === against;
    const earlier = ended.slice(0, at).findLast(isOther);
    const later = ended.slice(at + 1).find(isOther);
    const [before, after] = [earlier ?? later, later ?? earlier];
    return before === undefined || after === undefined ? [] : [{ round, before, after }];
  });
}

/** What the other variant's figure would have been at the time of the round. */
function besideOf({ round, before, after }: Pair, figure: (round: Round) => number): number {
  if (before === after) return figure(before);
  const passed = (round.startMs - before.startMs) / (after.startMs - before.startMs);
  return figure(before) + (figure(after) - figure(before)) * passed;
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
