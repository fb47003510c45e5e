/** What is said of a span while it goes on: attributes, events, and how it went. */
import { STATUS_ERROR, STATUS_OK, STATUS_UNSET } from '../generated/layout';
import type { Counter } from '../handles/counter';
import type { AttributeValue } from './data';
import type { SpanLimits } from './limits';
import { isAttributeValue, NO_ATTRIBUTES, type SpanDetails, type SpanMoment } from './text';

/** See the file. Nothing here throws. */
export class SpanNotes {
  /** As in a slot. */
  status = STATUS_UNSET;
  /** Whether `fail()` has ended it. */
  hasFailed = false;
  readonly #refused: Counter;
  readonly #limits: SpanLimits;
  #message: string | undefined;
  #attributes: Map<string, AttributeValue> | undefined;
  #events: SpanMoment[] | undefined;
  #droppedAttributes = 0;
  #droppedEvents = 0;

  /** @param refused - counts what is wrong */
  constructor(refused: Counter, limits: SpanLimits) {
    this.#refused = refused;
    this.#limits = limits;
  }

  setAttribute(name: unknown, value: unknown): void {
    if (typeof name !== 'string' || name === '' || !isAttributeValue(value)) {
      this.#refused.inc();
      return;
    }
    this.#attributes ??= new Map();
    const isFull = this.#attributes.size >= this.#limits.attributes;
    if (isFull && !this.#attributes.has(name)) this.#droppedAttributes += 1;
    else this.#attributes.set(name, this.#cut(value));
  }

  setAttributes(attributes: unknown): void {
    for (const [name, value] of entriesOf(attributes, this.#refused))
      this.setAttribute(name, value);
  }

  /** @param atNs - by the clock */
  event(name: unknown, atNs: number, attributes: unknown): void {
    if (typeof name !== 'string' || name === '') {
      this.#refused.inc();
      return;
    }
    if (attributes === undefined) this.add({ name, atNs, attributes: NO_ATTRIBUTES });
    else this.add({ name, atNs, ...this.#checked(attributes) });
  }

  /** An event that is right. */
  add(event: SpanMoment): void {
    this.#events ??= [];
    if (this.#events.length >= this.#limits.events) this.#droppedEvents += 1;
    else this.#events.push(event);
  }

  setStatus(status: unknown, message: unknown): void {
    const isRight = status === 'ok' || status === 'error';
    if (!isRight || (message !== undefined && typeof message !== 'string')) this.#refused.inc();
    if (!isRight) return;
    this.status = status === 'ok' ? STATUS_OK : STATUS_ERROR;
    this.#message = typeof message === 'string' && message !== '' ? message : undefined;
  }

  /**
   * All of it, for its text.
   *
   * @param name - the span's, where it has no number
   */
  details(name: string | undefined): SpanDetails {
    return {
      name,
      message: this.#message,
      attributes: this.#attributes,
      events: this.#events,
      droppedAttributes: this.#droppedAttributes,
      droppedEvents: this.#droppedEvents,
    };
  }

  #checked(attributes: unknown): Pick<SpanMoment, 'attributes' | 'dropped'> {
    const checked = new Map<string, AttributeValue>();
    let dropped = 0;
    for (const [name, value] of entriesOf(attributes, this.#refused)) {
      if (name === '' || !isAttributeValue(value)) this.#refused.inc();
      else if (checked.size >= this.#limits.eventAttributes) dropped += 1;
      else checked.set(name, this.#cut(value));
    }
    return { attributes: checked, dropped };
  }

  #cut(value: AttributeValue): AttributeValue {
    const most = this.#limits.attributeLength;
    return typeof value === 'string' && value.length > most ? value.slice(0, most) : value;
  }
}

/** What an object says of itself: its getters may throw, and it may be none. */
function entriesOf(attributes: unknown, refused: Counter): [string, unknown][] {
  try {
    if (typeof attributes === 'object' && attributes !== null) return Object.entries(attributes);
  } catch {
    // One of its getters throws.
  }
  refused.inc();
  return [];
}
