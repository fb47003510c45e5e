/** One round of a run: all threads at once, and what they and the meters say of it, as one. */
import type { DistributionData } from '../../snapshot/distribution';
import { isLevel } from '../../level';
import type { RoundPart } from '../load/messages';
import type { ComponentErrors, LatencyOf, Round, TimelinePoint } from '../measured';
import type { Variant } from '../plan';
import type { BenchThread } from './bench-thread';
import { BenchReadings, type PipelineReadings } from './readings';
import { Sampler } from './sampler';
import { HangWatch } from './watch';

/** What rounds are run with. */
export interface RoundMeans {
  readonly threads: readonly BenchThread[];
  readonly bench: BenchReadings;
  readonly pipeline: PipelineReadings;
  readonly hangMs: number;
}

/** A round, and what is not told of it in a report. */
export interface RanRound {
  readonly round: Round;
  /** The flow's own latencies: what the round's are where streams show no others. */
  readonly flowLatency: DistributionData;
  readonly latencyOf: LatencyOf;
  readonly errors: readonly ComponentErrors[];
  readonly hasEnded: boolean;
}

/**
 * Runs a round. Rejects with a fault.
 *
 * @param startMs - since the first measured round began
 */
export async function runRound(
  { threads, bench, pipeline, hangMs }: RoundMeans,
  index: number,
  variant: Variant,
  durationMs: number,
  startMs: number,
  onPoint: (point: TimelinePoint) => void,
): Promise<RanRound> {
  const watch = new HangWatch(threads, hangMs);
  let sampler: Sampler | null = null;
  try {
    const references = await Promise.all(
      threads.map((thread) => thread.ask<number>({ ask: 'reference' })),
    );
    pipeline.variant = variant;
    const [flowBefore, benchBefore] = [pipeline.now(), bench.now()];
    const cpuBefore = process.cpuUsage();
    sampler = new Sampler(bench, benchBefore, variant, startMs, onPoint);
    const parts = await Promise.all(
      threads.map((thread) => thread.ask<RoundPart>({ ask: 'round', variant, durationMs })),
    );
    const cpu = process.cpuUsage(cpuBefore);
    const [benchAfter, flowAfter] = [bench.now(), pipeline.now()];
    const memory = sampler.end(benchAfter);
    const records = isLevel(variant) && variant !== 'off';
    const { latency } = BenchReadings.between(benchBefore, benchAfter);
    return {
      round: {
        index,
        variant,
        startMs,
        durationNs: sum(parts, (part) => part.durationNs) / parts.length,
        elements: sum(parts, (part) => part.elements),
        failed: sum(parts, (part) => part.failed),
        bytes: parts.every(({ bytes }) => bytes === null)
          ? null
          : sum(parts, (part) => part.bytes ?? 0),
        latency: withExtremes(latency, parts),
        cpuNs: (cpu.user + cpu.system) * 1e3,
        scheduling: {
          activeNs: sum(parts, ({ scheduling }) => scheduling.activeNs),
          idleNs: sum(parts, ({ scheduling }) => scheduling.idleNs),
          wakeups: sum(parts, ({ scheduling }) => scheduling.wakeups),
          loopDelay: {
            p50Ns: most(parts, ({ scheduling }) => scheduling.loopDelay.p50Ns),
            p99Ns: most(parts, ({ scheduling }) => scheduling.loopDelay.p99Ns),
            maxNs: most(parts, ({ scheduling }) => scheduling.loopDelay.maxNs),
          },
        },
        memory: {
          ...memory,
          heapUsedBytes: sum(parts, (part) => part.heapUsedBytes),
          externalBytes: sum(parts, (part) => part.externalBytes),
          collections: sum(parts, (part) => part.collections),
          collectionNs: sum(parts, (part) => part.collectionNs),
        },
        flow: records ? pipeline.flowBetween(flowBefore, flowAfter) : null,
        pools: records ? pipeline.poolsBetween(flowBefore, flowAfter) : null,
        backlogPeak: sum(parts, (part) => part.backlogPeak),
        referenceNs: Math.min(...references),
      },
      flowLatency: pipeline.latencyBetween(flowBefore, flowAfter),
      latencyOf:
        parts.find(({ latencyOf }) => latencyOf === 'flow')?.latencyOf ?? parts[0]!.latencyOf,
      errors: parts.flatMap(({ errors }) => errors),
      hasEnded: parts.some(({ hasEnded }) => hasEnded),
    };
  } finally {
    watch.end();
    sampler?.cancel();
  }
}

function sum(parts: readonly RoundPart[], of: (part: RoundPart) => number): number {
  return parts.reduce((total, part) => total + of(part), 0);
}

function most(parts: readonly RoundPart[], of: (part: RoundPart) => number): number {
  return Math.max(...parts.map(of));
}

/** What was added to a histogram has lost its smallest and largest value; the threads know them. */
function withExtremes(latency: DistributionData, parts: readonly RoundPart[]): DistributionData {
  const least = parts.flatMap(({ minNs }) => minNs ?? []);
  const largest = parts.flatMap(({ maxNs }) => maxNs ?? []);
  const { count, sum: total, bounds, counts } = latency;
  if (least.length === 0) return { count, sum: total, min: null, max: null, bounds, counts };
  const [min, max] = [Math.min(...least), Math.max(...largest)];
  return { count, sum: total, min, max, bounds, counts };
}
