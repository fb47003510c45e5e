/**
 * A type of event, and how one is recorded: a load and a branch where the level says no; else some
 * text is put together and written into this thread's ring.
 */
import { GATE } from '../generated/layout';
import type { Counter } from '../handles/counter';
import type { AttributeSpec, AttributesOf, EventDefinition } from './definition';
import type { EventRing } from './ring';
import { EventText, type GivenAttributes } from './text';

/** What `emit()` is called with: nothing, where there are no attributes. */
export type EmitArguments<Attributes> = keyof Attributes extends never
  ? []
  : [attributes: Attributes];

/** What types of events share: where they are written. */
export interface EventSink {
  /** Cells of an ordinary block of this thread, whose gate says the level. */
  readonly gate: Float64Array;
  /** Counts the events that cannot be recorded. */
  readonly refused: Counter;
  /** This thread's ring, made at the first call. Throws where there is no memory. */
  readonly ring: () => EventRing;
}

/**
 * One type of event, as one thread emits it. Make it with `meter.event()`.
 *
 * Each thread keeps its newest 508 events; what they overwrite is counted in
 * `nanometer.events_overwritten`.
 */
export interface EventType<Attributes = AttributesOf<AttributeSpec>> {
  /**
   * Records that it happened, now. Never throws. At a level below its own it does nothing.
   *
   * An attribute that is missing, of another type, not a finite number, or not one of the texts that
   * are accepted has the event left out, and `nanometer.values_rejected` counts one. Attributes that
   * it does not have are ignored. What is too long for a slot of 512 bytes is cut: texts, the longest
   * first, which then end in `…`.
   */
  emit(...attributes: EmitArguments<Attributes>): void;
}

const NONE: GivenAttributes = {};

/** Every {@link EventType}, whatever its attributes are. */
export class EventRecorder {
  readonly #gate: Float64Array;
  readonly #above: number;
  readonly #sink: EventSink;
  readonly #text: EventText;

  constructor(definition: EventDefinition, sink: EventSink) {
    this.#gate = sink.gate;
    this.#above = definition.level === 'diagnostic' ? 1 : 0;
    this.#sink = sink;
    this.#text = new EventText(definition);
  }

  emit(attributes: GivenAttributes = NONE): void {
    if (this.#gate[GATE]! > this.#above) this.#record(attributes);
  }

  #record(attributes: GivenAttributes): void {
    let isWritten = false;
    try {
      const text = this.#text.of(attributes);
      isWritten = text !== '' && this.#write(text, attributes);
    } catch {
      // A getter that throws, attributes that are null, or no memory for the ring.
    }
    if (!isWritten) this.#sink.refused.inc();
  }

  #write(text: string, attributes: GivenAttributes): boolean {
    const ring = this.#sink.ring();
    const atMs = Date.now();
    if (ring.write(text, atMs)) return true;
    const cut = this.#text.cutOf(attributes);
    return cut !== '' && ring.write(cut, atMs);
  }
}
