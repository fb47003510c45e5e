/** What a component is allowed to do, and how often it did it or was refused. */
import type { Counter } from '../handles/counter';
import type { FlowRecord } from './flow-record';

/** A capability of a component; get it from `component.capability(name)`. */
export class Capability {
  /** Its name: the label `capability`. */
  readonly name: string;
  readonly #componentId: string;
  readonly #flow: FlowRecord;
  readonly #exercises: Counter;
  readonly #denials: Counter;

  /** @internal */
  constructor(componentId: string, name: string, flow: FlowRecord) {
    const labels = { component_id: componentId, capability: name };
    this.name = name;
    this.#componentId = componentId;
    this.#flow = flow;
    this.#exercises = flow.metrics.counter('capability.exercises', labels);
    this.#denials = flow.metrics.counter('capability.denials', labels);
  }

  /** It was used. */
  exercise(): void {
    this.#exercises.inc();
  }

  /** It was refused: counts that, and makes a security event. */
  deny(): void {
    this.#denials.inc();
    if (this.#flow.isRecording) {
      this.#flow.events.denied(this.#flow.id, this.#componentId, this.name);
    }
  }
}
