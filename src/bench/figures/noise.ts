/** How much rounds differ that should not: robustly, so that one stall does not make a run noisy. */
import type { Round } from '../measured';
import type { Report } from '../report';
import { rateOf } from './samples';
import { medianOf, spreadOf } from './statistics';

/**
 * @param rounds - of one variant
 * @param all - of every variant: the fixed piece of work is the same beside each
 */
export function noiseOf(rounds: readonly Round[], all: readonly Round[]): Report['noise'] {
  const references = all.map((round) => round.referenceNs);
  return {
    throughput: spreadOf(rounds.map(rateOf)),
    reference: spreadOf(references),
    referenceNs: medianOf(references),
  };
}

/** How much slower the machine was in the last third of a run than in the first; 0 in a short run. */
export function slowingOf(all: readonly Round[]): number {
  const third = Math.floor(all.length / 3);
  const references = all.map((round) => round.referenceNs);
  const first = medianOf(references.slice(0, third));
  const last = medianOf(references.slice(-third || all.length));
  return first === null || last === null || first === 0 ? 0 : last / first - 1;
}
