/** How much slower a machine was in one run than in another. */
import type { Report } from '../report';

/** Of the fixed piece of work beside each round: 0.1 is 10% slower; `null` where it is not known. */
export function driftBetween(before: Report, after: Report): number | null {
  const { referenceNs: earlier } = before.noise;
  const { referenceNs: later } = after.noise;
  return earlier && later ? later / earlier - 1 : null;
}
