/** The flows of one meter, in one thread: each name's record, and its newest life. */
import type { Clock } from '../backend/backend';
import { NanometerError, show } from '../errors';
import type { Counter } from '../handles/counter';
import { Gauge } from '../handles/gauge';
import type { TracerSource } from '../trace/source';
import { Component } from './component';
import { ComponentRecord } from './component-record';
import { FlowEvents, type DefineEvent } from './events';
import { Flow, type FlowParts } from './flow';
import { FlowRecord } from './flow-record';
import { Host } from './host';
import { LifeSign } from './lifecycle';
import type { FlowMetrics } from './metrics';
import { planFlow, type FlowPlan } from './options';
import { FlowStream } from './stream';

/** What flows need of their meter. */
export interface FlowsParts {
  readonly metrics: FlowMetrics;
  readonly event: DefineEvent;
  readonly clock: Clock;
  /** A block of this thread's whose gate follows the level. */
  readonly gate: Float64Array;
  /** Counts calls with elements that have ended, or are of another flow. */
  readonly refused: Counter;
  /** Counts arguments that are refused. */
  readonly valuesRejected: Counter;
  readonly tracing: TracerSource;
}

interface Named {
  readonly fingerprint: string;
  readonly parts: FlowParts;
  flow: Flow;
}

/** See the file. */
export class Flows {
  readonly #needs: FlowsParts;
  readonly #events: FlowEvents;
  readonly #host: Host;
  readonly #named = new Map<string, Named>();
  readonly #flowsActive: Gauge;
  readonly #componentsActive: Gauge;
  #flows = 0;
  #components = 0;

  constructor(needs: FlowsParts) {
    this.#needs = needs;
    this.#events = new FlowEvents(needs.event);
    this.#flowsActive = needs.metrics.gauge('system.flows.active');
    this.#componentsActive = needs.metrics.gauge('system.components.active');
    this.#host = new Host(needs.metrics, () => this.#sample());
  }

  /**
   * The flow of that name: the one that lives, or its next life.
   *
   * @throws NanometerError `NANOMETER_INVALID_DEFINITION`, `NANOMETER_CONFLICT`
   */
  flow(id: unknown, components: unknown, options: unknown): Flow {
    const plan = planFlow(id, components, options);
    const fingerprint = JSON.stringify(plan);
    const known = this.#named.get(plan.id);
    if (known === undefined) {
      const parts = this.#make(plan);
      const flow = new Flow(parts);
      this.#named.set(plan.id, { fingerprint, parts, flow });
      return flow;
    }
    if (known.fingerprint !== fingerprint) {
      throw new NanometerError(
        'NANOMETER_CONFLICT',
        `the flow ${show(plan.id)} is there already, otherwise: ${known.fingerprint}, and not ` +
          fingerprint,
      );
    }
    const { state } = known.flow;
    if (state !== 'created' && state !== 'validated' && state !== 'running') {
      known.flow = new Flow(known.parts);
    }
    return known.flow;
  }

  /** Samples no longer: the meter is closed. */
  close(): void {
    this.#host.stop();
  }

  #make(plan: FlowPlan): FlowParts {
    const { metrics, clock, gate, refused, valuesRejected, tracing } = this.#needs;
    const { id, edges, marks } = plan;
    const events = this.#events;
    const streams = edges.map(
      ([from, to], index) =>
        new FlowStream(`${from}->${to}`, index, id, metrics, events, clock, gate, marks),
    );
    const records = plan.components.map(
      (name) => new ComponentRecord(name, id, metrics, events, plan.slowComponentNs),
    );
    const { maxInFlight, latencySpikeNs: slowNs } = plan;
    const record = new FlowRecord({
      ...{ id, components: records, streams, metrics, events, clock },
      ...{ gate, refused, maxInFlight, slowNs, tracing },
    });
    const sign = new LifeSign(record, (change) => {
      this.#count(change, plan.components.length);
    });
    const made = records.map(
      (component, index) =>
        new Component({
          index,
          flow: record,
          record: component,
          inputs: streams.filter((_, i) => edges[i]![1] === component.id),
          outputs: streams.filter((_, i) => edges[i]![0] === component.id),
        }),
    );
    const parts: FlowParts = {
      record,
      sign,
      valuesRejected,
      components: new Map(made.map((component) => [component.id, component])),
      streams: new Map(streams.map((stream) => [stream.id, stream])),
      line: plan.isLine ? streams : null,
      remove: () => {
        // The name may have been given up before, and be another flow's by now.
        if (this.#named.get(id)?.parts !== parts) return;
        this.#named.delete(id);
        record.release();
        metrics.removeFlow(plan);
      },
    };
    return parts;
  }

  #count(change: 1 | -1, components: number): void {
    this.#flows += change;
    this.#components += change * components;
    Gauge.put(this.#flowsActive, this.#flows);
    Gauge.put(this.#componentsActive, this.#components);
    if (this.#flows > 0) this.#host.start();
    else this.#host.stop();
  }

  /** Brings up to date what only time changes; answers the memory of all components. */
  #sample(): number {
    let memory = 0;
    for (const { parts } of this.#named.values()) {
      if (parts.sign.active === 0) continue;
      const { record } = parts;
      record.refresh();
      for (const stream of parts.streams.values()) {
        stream.accrue();
        if (record.isDiagnostic) this.#events.depth(record.id, stream.id, stream.depth);
      }
      for (const component of parts.components.values()) memory += component.memoryBytes;
    }
    return memory;
  }
}
