/** The events that flows make: what happened to which, in words and numbers, for people to read. */

import { inWords } from '../errors';

/** Makes a type of event; see `meter.event()`. */
export type DefineEvent = (
  name: string,
  definition: {
    readonly kind: 'lifecycle' | 'performance' | 'error' | 'security' | 'resource';
    readonly level?: 'production' | 'diagnostic';
    readonly attributes: Readonly<Record<string, 'string' | 'number'>>;
  },
) => Emitter;

interface Emitter {
  emit(attributes: Readonly<Record<string, string | number>>): void;
}

/** The states of a flow that are told of. */
export type LifecycleName =
  'created' | 'validated' | 'started' | 'draining' | 'completed' | 'cancelled' | 'failed';

/** The event types of one meter's flows, in one thread. Emitting never throws. */
export class FlowEvents {
  readonly #lifecycle: Readonly<Record<LifecycleName, Emitter>>;
  readonly #error: Emitter;
  readonly #slow: Emitter;
  readonly #latencySpike: Emitter;
  readonly #pressed: Emitter;
  readonly #released: Emitter;
  readonly #depth: Emitter;
  readonly #copied: Emitter;
  readonly #denied: Emitter;

  constructor(event: DefineEvent) {
    const lifecycle = (
      name: LifecycleName,
      attributes: Readonly<Record<string, 'string' | 'number'>> = {},
    ): Emitter =>
      event(`flow.${name}`, {
        kind: 'lifecycle',
        attributes: { flow_id: 'string', ...attributes },
      });
    this.#lifecycle = {
      created: lifecycle('created', { components: 'string' }),
      validated: lifecycle('validated'),
      started: lifecycle('started'),
      draining: lifecycle('draining'),
      completed: lifecycle('completed', { duration_ns: 'number' }),
      cancelled: lifecycle('cancelled', { duration_ns: 'number', reason: 'string' }),
      failed: lifecycle('failed', { duration_ns: 'number', reason: 'string' }),
    };
    const component = { flow_id: 'string', component_id: 'string' } as const;
    const stream = { flow_id: 'string', stream_id: 'string' } as const;
    this.#error = event('component.error', {
      kind: 'error',
      attributes: { ...component, error: 'string' },
    });
    this.#slow = event('component.slow', {
      kind: 'performance',
      attributes: { ...component, duration_ns: 'number' },
    });
    this.#latencySpike = event('flow.latency_spike', {
      kind: 'performance',
      attributes: { flow_id: 'string', duration_ns: 'number' },
    });
    this.#pressed = event('stream.backpressure.on', {
      kind: 'performance',
      attributes: { ...stream, depth: 'number' },
    });
    this.#released = event('stream.backpressure.off', {
      kind: 'performance',
      attributes: { ...stream, duration_ns: 'number' },
    });
    this.#depth = event('stream.queue.depth', {
      kind: 'performance',
      level: 'diagnostic',
      attributes: { ...stream, depth: 'number' },
    });
    this.#copied = event('flow.copy', {
      kind: 'resource',
      level: 'diagnostic',
      attributes: { flow_id: 'string', reason: 'string', bytes: 'number' },
    });
    this.#denied = event('capability.denied', {
      kind: 'security',
      attributes: { ...component, capability: 'string' },
    });
  }

  lifecycle(
    name: LifecycleName,
    flowId: string,
    attributes: Readonly<Record<string, string | number>> = {},
  ): void {
    this.#lifecycle[name].emit({ flow_id: flowId, ...attributes });
  }

  error(flowId: string, componentId: string, error: unknown): void {
    this.#error.emit({ flow_id: flowId, component_id: componentId, error: inWords(error) });
  }

  slow(flowId: string, componentId: string, durationNs: number): void {
    this.#slow.emit({ flow_id: flowId, component_id: componentId, duration_ns: durationNs });
  }

  latencySpike(flowId: string, durationNs: number): void {
    this.#latencySpike.emit({ flow_id: flowId, duration_ns: durationNs });
  }

  pressed(flowId: string, streamId: string, depth: number): void {
    this.#pressed.emit({ flow_id: flowId, stream_id: streamId, depth });
  }

  released(flowId: string, streamId: string, durationNs: number): void {
    this.#released.emit({ flow_id: flowId, stream_id: streamId, duration_ns: durationNs });
  }

  depth(flowId: string, streamId: string, depth: number): void {
    this.#depth.emit({ flow_id: flowId, stream_id: streamId, depth });
  }

  copied(flowId: string, reason: string, bytes: number): void {
    this.#copied.emit({ flow_id: flowId, reason, bytes });
  }

  denied(flowId: string, componentId: string, capability: string): void {
    this.#denied.emit({ flow_id: flowId, component_id: componentId, capability });
  }
}
