/** This thread's tracer: made, with its memory, when something is first to be traced. */
import type { BackendMeter, Clock } from '../backend/backend';
import * as layout from '../generated/layout';
import type { Counter } from '../handles/counter';
import type { ActiveSerial } from '../handles/active-serial';
import { Tracer } from './tracer';

// Names of spans can be anything; so many are given numbers, the others are written out.
const MOST_NAMES = 4_096;

/** What a tracer needs of its meter. */
export interface TracerNeeds {
  readonly meter: BackendMeter;
  readonly clock: Clock;
  /** A block of this thread's whose gate follows the level. */
  readonly gate: Float64Array;
  /** Which local trace this thread is at work on. */
  readonly active: ActiveSerial;
  /** Makes the counter of spans that are dropped: `system.spans_dropped`. */
  readonly dropped: () => Counter;
}

/** See the file. */
export class TracerSource {
  readonly clock: Clock;
  readonly gate: Float64Array;
  readonly active: ActiveSerial;
  readonly #needs: TracerNeeds;
  readonly #names = new Map<string, number>();
  #tracer: Tracer | null | undefined;

  constructor(needs: TracerNeeds) {
    this.clock = needs.clock;
    this.gate = needs.gate;
    this.active = needs.active;
    this.#needs = needs;
  }

  /** The tracer; `null` where nothing is traced, or where there is no memory for it. Never throws. */
  get tracer(): Tracer | null {
    if (this.#tracer === undefined) this.#tracer = this.#make();
    return this.#tracer;
  }

  /** The tracer, if there is one yet. */
  get known(): Tracer | null {
    return this.#tracer ?? null;
  }

  /** The number of a text of the program's: an id of a flow, a component or a stream. */
  textOf(text: string): number {
    return this.#needs.meter.traceText(text);
  }

  /** The number of a span's name; 0 where there are too many. */
  nameOf(name: string): number {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size === MOST_NAMES) return 0;
    const number = this.textOf(name);
    this.#names.set(name, number);
    return number;
  }

  #make(): Tracer | null {
    const { meter, clock, gate, active, dropped } = this.#needs;
    try {
      if (meter.traceSettings().cells[layout.TRACING_ENABLED] !== 1) return null;
      return new Tracer({
        memory: meter.traceMemory(),
        clock,
        gate,
        active,
        dropped: dropped(),
      });
    } catch {
      // No memory is left for it: what records goes on recording.
      return null;
    }
  }
}
