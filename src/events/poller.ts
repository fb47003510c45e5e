/** Events, as listeners get them. */
import type { BackendMeter } from '../backend/backend';
import { Poller } from '../poller';
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
interface Answer {
  readonly events: readonly RecordedEvent[];
  readonly last: number;
}

/** Hands out the events of a meter. */
export function eventPoller(meter: BackendMeter): Poller<RecordedEvent> {
  const read = (after: number): { items: readonly RecordedEvent[]; last: number } => {
    const { events, last } = JSON.parse(meter.events(after)) as Answer;
    return { items: events, last };
  };
  return new Poller({ what: 'events', read });
}
