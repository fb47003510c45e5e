/** A report from what a run measured: estimates, shares, judgements, and what to be careful about. */
import { basename } from 'node:path';
import type { Measured, Round } from '../measured';
import type { Variant } from '../plan';
import { REPORT_FORMAT, type Estimate, type Report, type ReportLevel } from '../report';
import { environmentOf } from './environment';
import { estimateOf } from './estimate';
import { buffersOf, componentsOf, streamsOf } from './flow';
import { latencyOf, mergedOf } from './latency';
import { noiseOf } from './noise';
import { notesOf } from './notes';
import { overheadOf } from './overhead';
import { memoryOf, schedulingOf } from './resources';
import { samplesOf } from './samples';
import { shareOf, totalOf } from './share';
import { warningsOf } from './warnings';

const OUTCOMES = { interrupted: 'interrupted', source: 'source-ended' } as const;
const NOTHING: Estimate = { value: 0, low: 0, high: 0 };

/** The report of a run, also of one that ended early, and of one without any round. */
export function reportOf(measured: Measured): Report {
  const { plan, pipeline } = measured;
  const variants = [...new Set(plan.variants)];
  const variant = variants.includes('production') ? 'production' : variants[0]!;
  const rounds = measured.rounds.filter((round) => round.variant === variant);
  const report = {
    format: REPORT_FORMAT,
    startedAt: new Date(measured.startedAtMs).toISOString(),
    outcome: measured.endedEarly === null ? 'complete' : OUTCOMES[measured.endedEarly],
    pipeline: {
      name: pipeline.name,
      passage: pipeline.passage,
      components: pipeline.components,
      source: pipeline.source,
    },
    load: loadOf(measured),
    variant,
    throughput: throughputOf(rounds, plan.seed),
    latency: latencySection(measured, rounds),
    components: componentsOf(measured, rounds),
    streams: streamsOf(rounds),
    buffers: buffersOf(rounds),
    scheduling: schedulingOf(rounds, plan.workers),
    memory: memoryOf(rounds, plan.workers),
    levels: variants.map((each) => levelOf(measured, each)),
    overhead: overheadOf(measured.rounds, variants, plan.seed),
    harness: harnessOf(measured, variant),
    timeline: measured.timeline,
    environment: environmentOf(measured),
    noise: noiseOf(rounds, measured.rounds),
  } satisfies Omit<Report, 'warnings' | 'notes'>;
  return { ...report, warnings: warningsOf(report, measured), notes: notesOf(measured) };
}

function loadOf({ plan, rounds }: Measured): Report['load'] {
  return {
    kind: plan.ratePerSecond === null ? 'closed' : 'open',
    concurrency: plan.concurrency,
    ratePerSecond: plan.ratePerSecond,
    workers: plan.workers,
    durationMs: plan.durationMs,
    warmupMs: plan.warmupMs,
    roundMs: plan.roundMs,
    rounds: rounds.length,
    seed: plan.seed,
    input: plan.input && basename(plan.input.path),
  };
}

function throughputOf(rounds: readonly Round[], seed: number): Report['throughput'] {
  const sizes = rounds.flatMap(({ bytes, durationNs }) =>
    bytes === null ? [] : shareOf(bytes * 1e9, durationNs),
  );
  return {
    elementsPerSecond: estimateOf(samplesOf(rounds).elementsPerSecond, seed) ?? NOTHING,
    bytesPerSecond: estimateOf(sizes, seed),
    elements: totalOf(rounds, (round) => round.elements),
    failed: totalOf(rounds, (round) => round.failed),
  };
}

function latencySection({ pipeline }: Measured, rounds: readonly Round[]): Report['latency'] {
  const distribution = mergedOf(rounds.map((round) => round.latency));
  return { ...latencyOf(distribution), of: pipeline.latencyOf, distribution };
}

function levelOf({ plan, rounds }: Measured, variant: Variant): ReportLevel {
  const own = rounds.filter((round) => round.variant === variant);
  const samples = samplesOf(own);
  return {
    variant,
    rounds: own.length,
    elementsPerSecond: estimateOf(samples.elementsPerSecond, plan.seed) ?? NOTHING,
    p50Ns: estimateOf(samples.p50Ns, plan.seed),
    p99Ns: estimateOf(samples.p99Ns, plan.seed),
    busyNsPerElement: estimateOf(samples.busyNsPerElement, plan.seed),
    samples,
  };
}

function harnessOf({ harness, pipeline }: Measured, variant: Variant): Report['harness'] {
  const cost = harness.find((each) => each.variant === variant);
  if (cost === undefined) return null;
  const { nsPerElement } = cost;
  return { nsPerElement, nsPerComponent: shareOf(nsPerElement, pipeline.components.length) };
}
