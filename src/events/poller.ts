/**
 * Hands events to listeners. Native threads never call into JavaScript, so the memory is looked at
 * by a timer, and only while somebody listens. The timer does not keep the process alive.
 */
import type { BackendMeter } from '../backend';
import { inWords } from '../errors';
import { warn } from '../warnings';
import type { EventKind, EventLevel } from './definition';

/** An event as it was recorded, in whichever thread. */
export interface RecordedEvent {
  /**
   * Its number: events of all threads are numbered from 1, in the order in which they were recorded.
   * A listener that sees a number left out has missed what was overwritten before it was read.
   */
  readonly seq: number;
  /** When it was recorded, Unix milliseconds. */
  readonly atMs: number;
  /** The name of its type. */
  readonly name: string;
  /** What it is about. */
  readonly kind: EventKind;
  /** The lowest level at which it is recorded. */
  readonly level: EventLevel;
  /** What it was emitted with. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

/** What is called with each event. */
export type EventListener = (event: RecordedEvent) => void;

/** What the backend answers. */
interface Batch {
  readonly events: readonly RecordedEvent[];
  readonly last: number;
}

interface Listening {
  /** It is given what comes after this number. */
  readonly after: number;
  hasFailed: boolean;
}

const INTERVAL_MS = 100;

/** The listeners of one meter, in one thread. */
export class EventPoller {
  readonly #meter: BackendMeter;
  readonly #listeners = new Map<EventListener, Listening>();
  #timer: NodeJS.Timeout | undefined;
  #after = 0;
  /** Where a closing meter stops: a listener may emit an event for each that it sees. */
  #end = -1;
  #isHandingOut = false;

  constructor(meter: BackendMeter) {
    this.#meter = meter;
  }

  /** Calls a listener with each event from now on. One that listens already goes on as it does. */
  add(listener: EventListener): void {
    if (this.#listeners.has(listener)) return;
    const after = this.#read(Number.MAX_SAFE_INTEGER).last;
    if (this.#listeners.size === 0) this.#after = after;
    this.#listeners.set(listener, { after, hasFailed: false });
    this.#timer ??= setInterval(() => {
      this.poll();
    }, INTERVAL_MS).unref();
  }

  /** Calls it no more. */
  remove(listener: EventListener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Hands out what has happened since the last time, up to what the backend answers at once. */
  poll(): void {
    // A listener that closes the meter must not be handed what is later in the middle of this.
    if (this.#isHandingOut || this.#listeners.size === 0) return;
    this.#isHandingOut = true;
    do {
      const { events, last } = this.#read(this.#after);
      this.#after = last;
      for (const event of events) this.#handOut(event);
    } while (this.#listeners.size > 0 && this.#after < this.#end);
    this.#isHandingOut = false;
    if (this.#end >= 0) for (const listener of this.#listeners.keys()) this.remove(listener);
  }

  /** Hands out what there is, and stops. */
  close(): void {
    if (this.#listeners.size === 0) return;
    this.#end = this.#read(Number.MAX_SAFE_INTEGER).last;
    this.poll();
  }

  #handOut(event: RecordedEvent): void {
    for (const [listener, listening] of this.#listeners) {
      if (event.seq <= listening.after) continue;
      try {
        listener(event);
      } catch (error) {
        if (!listening.hasFailed) report(event, error);
        listening.hasFailed = true;
      }
    }
  }

  #read(after: number): Batch {
    return JSON.parse(this.#meter.events(after)) as Batch;
  }
}

function report(event: RecordedEvent, error: unknown): void {
  warn({
    code: 'NANOMETER_LISTENER',
    message:
      `A listener of events threw at ${event.name}: ${inWords(error)}. It goes on being called, and ` +
      'this is said once.',
  });
}
