/** Attributes that a type of event does not have must not compile. */
import { open, type EventType, type RecordedEvent } from 'nanometer';
import { isTrue, type Same } from './same';

const meter = open();

// Types by their names, and lists of texts.
const ended = meter.event('flow.ended', {
  kind: 'lifecycle',
  attributes: {
    flow_id: 'string',
    duration_ns: 'number',
    clean: 'boolean',
    reason: ['fin', 'rst'],
  },
});
type Ended = {
  readonly flow_id: string;
  readonly duration_ns: number;
  readonly clean: boolean;
  readonly reason: 'fin' | 'rst';
};
isTrue<Same<typeof ended, EventType<Ended>>>();
isTrue<Same<ReturnType<typeof ended.emit>, void>>();
ended.emit({ flow_id: 'a', duration_ns: 1, clean: true, reason: 'rst' });
// @ts-expect-error an attribute is missing
ended.emit({ flow_id: 'a', duration_ns: 1, clean: true });
// @ts-expect-error an attribute is misspelt
ended.emit({ flow: 'a', duration_ns: 1, clean: true, reason: 'fin' });
// @ts-expect-error there is no such attribute
ended.emit({ flow_id: 'a', duration_ns: 1, clean: true, reason: 'fin', more: 1 });
// @ts-expect-error a number, not a text
ended.emit({ flow_id: 'a', duration_ns: '1', clean: true, reason: 'fin' });
// @ts-expect-error a number, not a bigint
ended.emit({ flow_id: 'a', duration_ns: 1n, clean: true, reason: 'fin' });
// @ts-expect-error not one of the list
ended.emit({ flow_id: 'a', duration_ns: 1, clean: true, reason: 'timeout' });
// @ts-expect-error any text is not enough
ended.emit({ flow_id: 'a', duration_ns: 1, clean: true, reason: String(Math.random()) });
// @ts-expect-error attributes are needed
ended.emit();

// Without attributes: nothing to give.
const bare = meter.event('bare', { kind: 'error', level: 'diagnostic' });
bare.emit();
// @ts-expect-error it has no attributes
bare.emit({ flow_id: 'a' });
const empty = meter.event('empty', { kind: 'error', attributes: {} });
empty.emit();

// Attributes that are declared elsewhere, and those that are known only when it runs.
const REASONS = ['a', 'b'] as const;
meter.event('elsewhere', { kind: 'error', attributes: { reason: REASONS } }).emit({ reason: 'b' });
const names: Readonly<Record<string, 'string' | 'number'>> = { any: 'string' };
meter.event('dynamic', { kind: 'error', attributes: names }).emit({ any: 'x', other: 7 });

// @ts-expect-error a kind is needed
meter.event('x', {});
// @ts-expect-error no such kind
meter.event('x', { kind: 'failure' });
// @ts-expect-error nothing is recorded at that level
meter.event('x', { kind: 'error', level: 'off' });
// @ts-expect-error no such type of attribute
meter.event('x', { kind: 'error', attributes: { a: 'bigint' } });
// @ts-expect-error events have no labels
meter.event('x', { kind: 'error', labels: ['a'] });

const listener = (event: RecordedEvent): void => {
  isTrue<Same<typeof event.atMs, number>>();
  // @ts-expect-error events are not written to
  event.seq = 1;
};
meter.on('event', listener).off('event', listener);
// @ts-expect-error nothing else can be listened to
meter.on('trace', listener);
// @ts-expect-error spans are no events
meter.on('span', listener);
// @ts-expect-error events are no texts
meter.on('event', (event: string) => event);
