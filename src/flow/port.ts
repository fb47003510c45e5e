/** A flow, as its pipelines see it: the elements of its record, and the runs of its life. */
import type { Clock } from '../backend/backend';
import type { FlowRecord } from './flow-record';
import type { Lifecycle } from './lifecycle';
import type { ComponentProbe, FlowProbe, RunProbe, StreamProbe } from './probe';
import type { FlowStream } from './stream';
import { TracedRun } from './traced-run';

/** See {@link FlowProbe}. */
export class FlowPort implements FlowProbe {
  readonly id: string;
  readonly clock: Clock;
  readonly gate: Float64Array;
  /** Those of the run, from its start on, where it is traced. */
  componentProbes: readonly ComponentProbe[];
  streamProbes: readonly StreamProbe[];
  readonly #line: readonly FlowStream[];
  readonly #record: FlowRecord;
  readonly #life: Lifecycle;

  constructor(record: FlowRecord, life: Lifecycle, line: readonly FlowStream[]) {
    this.id = record.id;
    this.clock = record.clock;
    this.gate = record.gate;
    this.componentProbes = record.components;
    this.streamProbes = line;
    this.#line = line;
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
    const run = this.#life.startRun();
    const traced = TracedRun.start(this.#record, run);
    if (traced === null) return run;
    this.componentProbes = traced.components;
    if (this.#record.isDiagnostic) this.streamProbes = traced.streams(this.#line);
    return traced;
  }
}
