/**
 * Emitting an event of three attributes over either backend. Import it once for each backend, with a
 * query of its own behind the path.
 */
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { AlwaysOnSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { OPERATIONS } from '../harness/race.mjs';
import { expect } from './workload.mjs';

/** What OpenTelemetry keeps of a span's events, unless told otherwise. */
const SPAN_EVENTS = 128;
const FLOW_ID = 'ingest';
const REASONS = ['fin', 'rst', 'idle', 'evicted'];
const ATTRIBUTES = { flow_id: 'string', duration_ns: 'number', reason: REASONS };

/** The events of one meter, counted: its candidates are checked by how far the numbers went on. */
export class EventRace {
  #title;
  #meter;
  #marker;
  #emitted = 0;
  #before = 0;

  /** @param {string} title The package's name in the tables. */
  static async begin(title, meter) {
    const race = new EventRace();
    race.#title = title;
    race.#meter = meter;
    race.#marker = meter.event('bench.marker', { kind: 'lifecycle' });
    race.#before = await race.#sequence();
    race.#emitted = 0;
    return race;
  }

  /** `emit()` of an event of that level while the meter is at that one. */
  emit(eventLevel, meterLevel) {
    const meter = this.#meter;
    const event = meter.event(`bench.ended.${eventLevel}`, {
      kind: 'lifecycle',
      level: eventLevel,
      attributes: ATTRIBUTES,
    });
    const isRecorded = eventLevel === meterLevel || meterLevel === 'diagnostic';
    const what = isRecorded ? '' : `, ${eventLevel} event`;
    return {
      name: `${this.#title}, ${meterLevel}: emit()${meterLevel === 'off' ? '' : what}`,
      group: 'event',
      call: () => {
        for (let i = 0; i < OPERATIONS; i += 1) {
          event.emit({ flow_id: FLOW_ID, duration_ns: i, reason: REASONS[i & 3] });
        }
        if (isRecorded) this.#emitted += OPERATIONS;
      },
      before: () => (meter.level = meterLevel),
      after: () => (meter.level = 'production'),
      check: async () => expect((await this.#sequence()) - this.#before, this.#emitted),
    };
  }

  /** The number of the newest event, which is one that it emits. */
  async #sequence() {
    const keepAlive = setInterval(() => {}, 1_000);
    const seq = await new Promise((resolve) => {
      const listener = ({ name, seq }) => {
        if (name !== 'bench.marker') return;
        this.#meter.off('event', listener);
        resolve(seq);
      };
      this.#meter.on('event', listener);
      this.#marker.emit();
    });
    clearInterval(keepAlive);
    this.#emitted += 1;
    return seq;
  }
}

/** What stands beside it: the same text and nothing else, and OpenTelemetry's events of a span. */
export function eventRivals() {
  return [stringify(), addEvent()];
}

function stringify() {
  let length = 0;
  return {
    name: 'JSON.stringify(event)',
    group: 'event',
    call() {
      let sum = 0;
      for (let i = 0; i < OPERATIONS; i += 1) {
        const attributes = { flow_id: FLOW_ID, duration_ns: i, reason: REASONS[i & 3] };
        sum += JSON.stringify({
          name: 'bench.ended',
          kind: 'lifecycle',
          level: 'production',
          attributes,
        }).length;
      }
      length += sum;
    },
    check: () => (length > 0 ? null : 'wrote no text'),
  };
}

function addEvent() {
  const tracers = new BasicTracerProvider({ sampler: new AlwaysOnSampler() });
  const tracer = tracers.getTracer('benchmarks');
  let kept = 0;
  let calls = 0;
  return {
    name: 'OpenTelemetry: span.addEvent(name, attributes)',
    group: 'event',
    call() {
      calls += 1;
      for (let i = 0; i < OPERATIONS; i += SPAN_EVENTS) {
        const span = tracer.startSpan('bench', {}, ROOT_CONTEXT);
        for (let j = 0; j < SPAN_EVENTS; j += 1) {
          span.addEvent('bench.ended', {
            flow_id: FLOW_ID,
            duration_ns: j,
            reason: REASONS[j & 3],
          });
        }
        kept += span.events.length;
        span.end();
      }
    },
    check: () => expect(kept, calls * OPERATIONS),
  };
}
