/** The types of events of one meter, in one thread. */
import type { BackendMeter } from '../backend/backend';
import { NanometerError, show } from '../errors';
import type { Counter } from '../handles/counter';
import {
  defineEvent,
  type AttributeSpec,
  type AttributesOf,
  type EventOptions,
  type NoAttributes,
} from './definition';
import { EventRecorder, type EventSink, type EventType } from './event-type';
import { EventRing } from './ring';

interface Known {
  readonly fingerprint: string;
  readonly type: EventRecorder;
}

/** See the file. */
export class Events {
  readonly #sink: EventSink;
  readonly #types = new Map<string, Known>();
  #ring: EventRing | undefined;

  /**
   * @param gate - cells of an ordinary block of this thread, whose gate says the level
   * @param refused - counts the events that cannot be recorded
   */
  constructor(meter: BackendMeter, gate: Float64Array, refused: Counter) {
    const ring = (): EventRing => (this.#ring ??= new EventRing(meter.eventMemory()));
    this.#sink = { gate, refused, ring };
  }

  /**
   * The type of event of that name, made where it is new.
   *
   * @throws NanometerError `NANOMETER_INVALID_DEFINITION`; `NANOMETER_CONFLICT` where this thread has
   * defined the name otherwise
   */
  define<const A extends AttributeSpec = NoAttributes>(
    name: string,
    options: EventOptions<A>,
  ): EventType<AttributesOf<A>> {
    const definition = defineEvent(name, options);
    const fingerprint = JSON.stringify(definition);
    const known = this.#types.get(definition.name);
    if (known === undefined) {
      const type = new EventRecorder(definition, this.#sink);
      this.#types.set(definition.name, { fingerprint, type });
      return type;
    }
    if (known.fingerprint === fingerprint) return known.type;
    throw new NanometerError(
      'NANOMETER_CONFLICT',
      `the event ${show(name)} is defined already, otherwise: ${known.fingerprint}, and not ` +
        fingerprint,
    );
  }
}
