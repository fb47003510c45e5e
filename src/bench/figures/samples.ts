/** One figure of each round of a variant, in the order of the rounds. */
import { Distribution } from '../../snapshot/distribution';
import type { Round } from '../measured';
import type { ReportLevel } from '../report';
import { shareOf } from './share';

/** The samples of a report's level. */
export type Samples = ReportLevel['samples'];

/** Elements that ended in a second of a round. */
export function rateOf(round: Round): number {
  return shareOf(round.elements * 1e9, round.durationNs);
}

/** Event loop time an element, nanoseconds; NaN where none ended. */
export function busyOf(round: Round): number {
  return round.scheduling.activeNs / round.elements;
}

/** Samples of rounds. A round in which no element ended has a rate, 0, and no other figure. */
export function samplesOf(rounds: readonly Round[]): Samples {
  const ended = rounds.filter((round) => round.elements > 0);
  const latencies = ended
    .map((round) => new Distribution(round.latency))
    .filter((distribution) => distribution.count > 0);
  const at = (q: number): number[] => latencies.map((latency) => latency.quantile(q));
  return {
    elementsPerSecond: rounds.map(rateOf),
    p50Ns: at(0.5),
    p90Ns: at(0.9),
    p95Ns: at(0.95),
    p99Ns: at(0.99),
    p999Ns: at(0.999),
    maxNs: latencies.map((latency) => latency.max ?? latency.quantile(1)),
    busyNsPerElement: ended.map(busyOf),
  };
}
