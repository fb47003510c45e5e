/** Event loops and memory of a variant's rounds. */
import type { Round } from '../measured';
import type { ReportMemory, ReportScheduling } from '../report';
import { mostOf, shareOf, totalOf } from './share';
import { medianOf } from './statistics';

/** @param workers - threads whose event loops the rounds' figures are of, together */
export function schedulingOf(rounds: readonly Round[], workers: number): ReportScheduling {
  const activeNs = totalOf(rounds, ({ scheduling }) => scheduling.activeNs);
  const idleNs = totalOf(rounds, ({ scheduling }) => scheduling.idleNs);
  const threadNs = totalOf(rounds, ({ durationNs }) => durationNs) * workers;
  const delays = rounds.map(({ scheduling }) => scheduling.loopDelay);
  return {
    utilization: shareOf(activeNs, activeNs + idleNs),
    wakeupsPerSecond: shareOf(
      totalOf(rounds, ({ scheduling }) => scheduling.wakeups) * 1e9,
      threadNs,
    ),
    idleShare: shareOf(idleNs, activeNs + idleNs),
    loopDelay: {
      p50Ns: medianOf(delays.map(({ p50Ns }) => p50Ns)) ?? 0,
      p99Ns: medianOf(delays.map(({ p99Ns }) => p99Ns)) ?? 0,
      maxNs: mostOf(delays, ({ maxNs }) => maxNs),
    },
  };
}

/** @param workers - threads whose collections the rounds' figures are of, together */
export function memoryOf(rounds: readonly Round[], workers: number): ReportMemory {
  const durationNs = totalOf(rounds, (round) => round.durationNs);
  const collectionNs = totalOf(rounds, ({ memory }) => memory.collectionNs);
  return {
    rssPeakBytes: mostOf(rounds, ({ memory }) => memory.rssPeakBytes),
    rssMeanBytes: shareOf(
      totalOf(rounds, (round) => round.memory.rssMeanBytes * round.durationNs),
      durationNs,
    ),
    heapUsedPeakBytes: mostOf(rounds, ({ memory }) => memory.heapUsedBytes),
    externalPeakBytes: mostOf(rounds, ({ memory }) => memory.externalBytes),
    collections: totalOf(rounds, ({ memory }) => memory.collections),
    collectionMs: collectionNs / 1e6,
    collectionShare: shareOf(collectionNs, durationNs * workers),
  };
}
