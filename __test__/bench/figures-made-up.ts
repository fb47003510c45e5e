/** Runs that never were: what a bench would have measured of a pipeline whose truth is known. */
import type { Measured, Round } from '../../dist/bench/measured';
import type { BenchPlan, Variant } from '../../dist/bench/plan';
import type { DistributionData } from '../../dist/snapshot/distribution';
import type { FlowFigures } from '../../dist/snapshot/flow-figures';

/** Of a scale that the bench's own histogram has: 64 buckets for each doubling. */
const BOUNDS = Array.from({ length: 1_600 }, (_, i) => 100 * 2 ** (i / 64));

/** The histogram of values, as a meter would have counted them between two snapshots. */
export function counted(values: readonly number[]): DistributionData {
  const counts = Array.from({ length: BOUNDS.length + 1 }, () => 0);
  for (const value of values) {
    const bucket = Math.ceil(64 * Math.log2(value / 100) - 1e-9);
    counts[Math.min(Math.max(bucket, 0), BOUNDS.length)]! += 1;
  }
  const sum = values.reduce((a, b) => a + b, 0);
  return { count: values.length, sum, min: null, max: null, bounds: BOUNDS, counts };
}

export const PLAN: BenchPlan = {
  file: '/project/pipeline.ts',
  durationMs: 6_000,
  warmupMs: 1_000,
  roundMs: 250,
  variants: ['off', 'production', 'diagnostic'],
  concurrency: 1,
  ratePerSecond: null,
  workers: 1,
  input: null,
  seed: 1,
  hangMs: 10_000,
};

/** A flow of two components, of which the second takes three times as long, and a stream between. */
export function flowOf(elements: number): FlowFigures {
  const spread = (count: number, ns: number): FlowFigures['streams'][0]['waitTime'] => ({
    count,
    mean: ns,
    min: null,
    max: null,
    p50: ns,
    p90: ns,
    p99: ns * 2,
  });
  const component = (id: string, ns: number): FlowFigures['components'][0] => ({
    id,
    invocations: elements,
    errors: 0,
    memoryBytes: 0,
    fuel: 0,
    processingTime: spread(elements, ns),
  });
  return {
    id: 'pipeline',
    state: 'running',
    elements,
    errors: 0,
    throughput: 0,
    latency: { p50: 1, p90: 1, p99: 1 },
    components: [component('parse', 1_000), component('write', 3_000)],
    inFlight: 0,
    oldestAgeNs: null,
    abandoned: 0,
    activeDurationNs: 250e6,
    copies: { total: 10, bytes: 1_000, byReason: { PayloadRead: 10, CrossComponent: 0 } },
    streams: [
      {
        id: 'parse->write',
        transferred: elements,
        depth: 0,
        peakDepth: 4,
        backpressure: { events: 2, durationNs: 25e6, active: false },
        waitTime: spread(elements, 500),
      },
    ],
  };
}

/** A round of 250 ms with a rate: what else there is follows from that. */
export function roundOf(
  index: number,
  variant: Variant,
  rate: number,
  more?: Partial<Round>,
): Round {
  const elements = Math.round(rate / 4);
  const ns = 1e9 / rate;
  return {
    index,
    variant,
    startMs: index * 250,
    durationNs: 250e6,
    elements,
    failed: 0,
    bytes: elements * 64,
    latency: counted(
      Array.from({ length: Math.min(elements, 200) }, (_, i) => ns * (0.9 + i / 1_000)),
    ),
    cpuNs: 250e6,
    scheduling: {
      activeNs: 200e6,
      idleNs: 50e6,
      wakeups: 250,
      loopDelay: { p50Ns: 1e6, p99Ns: 2e6, maxNs: 3e6 },
    },
    memory: {
      rssPeakBytes: 100e6,
      rssMeanBytes: 90e6,
      heapUsedBytes: 20e6,
      externalBytes: 1e6,
      collections: 3,
      collectionNs: 2.5e6,
    },
    flow: variant === 'production' || variant === 'diagnostic' ? flowOf(elements) : null,
    pools: variant === 'production' ? { allocated: 90, returned: 100, fallbacks: 10 } : null,
    backlogPeak: 0,
    referenceNs: 1e6,
    ...more,
  };
}

/** A run of rounds. */
export function measuredOf(rounds: readonly Round[], more?: Partial<Measured>): Measured {
  return {
    plan: PLAN,
    pipeline: {
      name: 'pipeline.ts',
      passage: 'elements',
      components: ['parse', 'write'],
      source: 'definition',
      latencyOf: 'element',
    },
    startedAtMs: Date.UTC(2026, 10, 21, 12),
    backend: 'native',
    loadBefore: 0.1,
    rounds,
    timeline: [],
    errors: [],
    harness: [{ variant: 'production', nsPerElement: 200 }],
    endedEarly: null,
    ...more,
  };
}

/** Rounds of levels in turn, each with the rate that is said of it. */
export function inTurn(
  count: number,
  variants: readonly Variant[],
  rate: (variant: Variant, index: number) => number,
): Round[] {
  return Array.from({ length: count }, (_, index) => {
    const variant = variants[index % variants.length]!;
    return roundOf(index, variant, rate(variant, index));
  });
}
