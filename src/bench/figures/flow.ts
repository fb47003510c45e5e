/** Components, streams and buffers of a variant's rounds, from what the flow recorded in each. */
import type { ComponentFigures, StreamFigures } from '../../snapshot/flow-figures';
import type { Measured, Round } from '../measured';
import type { ReportBuffers, ReportComponent, ReportStream } from '../report';
import { mostOf, shareOf, totalOf } from './share';
import { medianOf } from './statistics';

/** Components in the order of the pipeline; empty where no round recorded. */
export function componentsOf(measured: Measured, rounds: readonly Round[]): ReportComponent[] {
  const flows = rounds.flatMap((round) => round.flow ?? []);
  const byId = grouped(flows.flatMap((flow) => flow.components));
  const timeOf = (figures: readonly ComponentFigures[]): number =>
    totalOf(figures, ({ processingTime: { count, mean } }) => count * (mean ?? 0));
  const wholeNs = totalOf([...byId.values()], timeOf);
  return [...byId].map(([id, figures]) => {
    const times = figures.map((each) => each.processingTime);
    const ns = timeOf(figures);
    return {
      id,
      share: shareOf(ns, wholeNs),
      invocations: totalOf(figures, (each) => each.invocations),
      errors: totalOf(figures, (each) => each.errors),
      firstError: measured.errors.find(({ component }) => component === id)?.first ?? null,
      meanNs: shareOf(
        ns,
        totalOf(times, ({ count }) => count),
      ),
      p50Ns: medianOf(times.flatMap(({ p50 }) => p50 ?? [])) ?? 0,
      p99Ns: medianOf(times.flatMap(({ p99 }) => p99 ?? [])) ?? 0,
    };
  });
}

/** Streams in the order of the pipeline; empty where no round recorded, or where there are none. */
export function streamsOf(rounds: readonly Round[]): ReportStream[] {
  const recorded = rounds.filter((round) => round.flow !== null);
  const passedNs = totalOf(recorded, (round) => round.durationNs);
  const byId = grouped(recorded.flatMap((round) => round.flow?.streams ?? []));
  return [...byId].map(([id, figures]) => {
    const waits = figures.map((each) => each.waitTime);
    const waitedNs = totalOf(waits, ({ count, mean }) => count * (mean ?? 0));
    const heldNs = totalOf(figures, ({ backpressure }) => backpressure.durationNs);
    return {
      id,
      meanDepth: shareOf(waitedNs, passedNs),
      peakDepth: mostOf(figures, (each) => each.peakDepth),
      meanWaitNs: shareOf(
        waitedNs,
        totalOf(waits, ({ count }) => count),
      ),
      p99WaitNs: medianOf(waits.flatMap(({ p99 }) => p99 ?? [])) ?? 0,
      backpressure: {
        events: totalOf(figures, ({ backpressure }) => backpressure.events),
        share: Math.min(1, shareOf(heldNs, passedNs)),
      },
    };
  });
}

/** `null` where no round recorded. */
export function buffersOf(rounds: readonly Round[]): ReportBuffers | null {
  const flows = rounds.flatMap((round) => round.flow ?? []);
  const pools = rounds.flatMap((round) => round.pools ?? []);
  if (flows.length === 0 && pools.length === 0) return null;
  const poolHits = totalOf(pools, ({ allocated }) => allocated);
  const fallbacks = totalOf(pools, (each) => each.fallbacks);
  const copiesByReason: Record<string, number> = {};
  for (const { copies } of flows) {
    for (const [reason, count] of Object.entries(copies.byReason)) {
      copiesByReason[reason] = (copiesByReason[reason] ?? 0) + count;
    }
  }
  return {
    allocations: poolHits + fallbacks,
    poolHits,
    fallbacks,
    copies: totalOf(flows, ({ copies }) => copies.total),
    copiedBytes: totalOf(flows, ({ copies }) => copies.bytes),
    copiesByReason,
  };
}

function grouped<T extends ComponentFigures | StreamFigures>(
  figures: readonly T[],
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of figures) {
    const group = groups.get(each.id);
    if (group === undefined) groups.set(each.id, [each]);
    else group.push(each);
  }
  return groups;
}
