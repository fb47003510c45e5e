/** What the meters say, read from the main thread: the bench's own, and the pipeline's. */
import type { Distribution, DistributionData } from '../../snapshot/distribution';
import type { FlowFigures } from '../../snapshot/flow-figures';
import { isLevel } from '../../level';
import type { Meter } from '../../meter/meter';
import type { Snapshot } from '../../snapshot/snapshot';
import { type BenchMeter, ELEMENTS, FAILED, LATENCY, openBenchMeter } from '../load/bench-meter';
import type { Ready } from '../load/messages';
import { openPipelineMeter } from '../load/pipeline-meter';
import type { RoundPools } from '../measured';
import type { Variant } from '../plan';

/** What happened between two moments. */
export interface Interval {
  readonly elements: number;
  readonly failed: number;
  readonly latency: Distribution;
}

/** The bench's meter. */
export class BenchReadings {
  readonly #bench: BenchMeter = openBenchMeter();

  /** `native` or `javascript`. */
  get backend(): string {
    return this.#bench.meter.backend;
  }

  now(): Snapshot {
    return this.#bench.meter.snapshot();
  }

  /** What was added between two snapshots of {@link BenchReadings.now}. */
  static between(before: Snapshot, after: Snapshot): Interval {
    const added = after.since(before);
    return {
      elements: added.value(ELEMENTS) ?? 0,
      failed: added.value(FAILED) ?? 0,
      latency: added.histogram(LATENCY),
    };
  }

  close(): Promise<void> {
    return this.#bench.meter.close();
  }
}

/** The pipeline's meter, of whichever copy of this package the pipeline has. */
export class PipelineReadings {
  readonly #meter: Meter;
  readonly #flow: string;

  constructor({ nanometer, named, flow }: Pick<Ready, 'nanometer' | 'named' | 'flow'>) {
    this.#meter = openPipelineMeter(nanometer, named);
    this.#flow = flow;
  }

  /** `native` or `javascript`. */
  get backend(): string {
    return this.#meter.backend;
  }

  get service(): string {
    return this.#meter.service;
  }

  /** Has its level be that of a variant: off for those that are no level. */
  set variant(variant: Variant) {
    this.#meter.level = isLevel(variant) ? variant : 'off';
  }

  now(): Snapshot {
    return this.#meter.snapshot();
  }

  /** What the flow recorded between two snapshots. */
  flowBetween(before: Snapshot, after: Snapshot): FlowFigures | null {
    return after.since(before).flow(this.#flow) ?? null;
  }

  /** The flow's own latencies between two snapshots. */
  latencyBetween(before: Snapshot, after: Snapshot): DistributionData {
    return after.since(before).histogram('flow.latency', { flow_id: this.#flow });
  }

  /** What happened to the meter's pools; `null` where it has none. */
  poolsBetween(before: Snapshot, after: Snapshot): RoundPools | null {
    const { metrics } = after.since(before);
    const sum = (name: string): number =>
      metrics
        .find((metric) => metric.name === name)
        ?.series.reduce((total, series) => total + ('value' in series ? series.value : 0), 0) ?? 0;
    if (!metrics.some(({ name, series }) => name === 'pool.allocated' && series.length > 0)) {
      return null;
    }
    return {
      allocated: sum('pool.allocated'),
      returned: sum('pool.returned'),
      fallbacks: sum('pool.fallback_count'),
    };
  }

  close(): Promise<void> {
    return this.#meter.close();
  }
}
