/** A flow, as its pipelines see it: the elements of its record, and the runs of its life. */
import type { Clock } from '../backend';
import type { ComponentRecord } from './component-record';
import type { FlowRecord } from './flow-record';
import type { Lifecycle } from './lifecycle';
import type { FlowProbe, RunProbe } from './probe';
import type { FlowStream } from './stream';

/** See {@link FlowProbe}. */
export class FlowPort implements FlowProbe {
  readonly id: string;
  readonly clock: Clock;
  readonly gate: Float64Array;
  readonly componentProbes: readonly ComponentRecord[];
  readonly streamProbes: readonly FlowStream[];
  readonly #record: FlowRecord;
  readonly #life: Lifecycle;

  constructor(record: FlowRecord, life: Lifecycle, line: readonly FlowStream[]) {
    this.id = record.id;
    this.clock = record.clock;
    this.gate = record.gate;
    this.componentProbes = record.components;
    this.streamProbes = line;
    this.#record = record;
    this.#life = life;
  }

  elementsEnded(latenciesNs: Float64Array, count: number): void {
    this.#record.elementsEnded(latenciesNs, count);
  }

  elementEnded(latencyNs: number): void {
    this.#record.elementEnded(latencyNs);
  }

  elementFailed(): void {
    this.#record.elementFailed();
  }

  startRun(): RunProbe {
    return this.#life.startRun();
  }
}
