/** Who listens to a meter in this thread: to its events, and to its promoted spans. */
import type { BackendMeter } from '../backend/backend';
import { NanometerError, show } from '../errors';
import { type EventListener, eventPoller } from '../events/poller';
import { type SpanListener, spanPoller } from '../trace/poller';

/** What can be listened to. */
export type Listened = 'event' | 'span';

/** What is called with each event, or with each span. */
export type Listener = EventListener | SpanListener;

/** The listeners of one meter, in one thread. */
export class Listeners {
  readonly #pollers;

  constructor(meter: BackendMeter) {
    this.#pollers = { event: eventPoller(meter), span: spanPoller(meter) };
  }

  /** Calls a listener with what happens from now on; see `check`. */
  add(name: Listened, listener: Listener): void {
    if (name === 'event') this.#pollers.event.add(listener as EventListener);
    else this.#pollers.span.add(listener as SpanListener);
  }

  /** Calls it no more. */
  remove(name: Listened, listener: Listener): void {
    if (name === 'event') this.#pollers.event.remove(listener as EventListener);
    else this.#pollers.span.remove(listener as SpanListener);
  }

  /** Hands out what has happened since the last time. */
  poll(): void {
    this.#pollers.event.poll();
    this.#pollers.span.poll();
  }

  /** Hands out what there is, and stops. */
  close(): void {
    this.#pollers.event.close();
    this.#pollers.span.close();
  }

  /**
   * Checks what a program gives as both.
   *
   * @throws NanometerError `NANOMETER_INVALID_OPTION`
   */
  static check(name: unknown, listener: unknown): void {
    if (name !== 'event' && name !== 'span') {
      throw new NanometerError(
        'NANOMETER_INVALID_OPTION',
        `nothing called ${show(name)} can be listened to: accepted are "event" and "span"`,
      );
    }
    if (typeof listener !== 'function') {
      throw new NanometerError(
        'NANOMETER_INVALID_OPTION',
        `a listener is a function, not ${show(listener)}`,
      );
    }
  }
}
