/** Components, streams and options that a flow does not have must not compile. */
import {
  open,
  type Capability,
  type Component,
  type CopyReason,
  type Element,
  type Flow,
  type FlowState,
  type FlowStream,
  type Pool,
  type RecordedEvent,
} from 'nanometer';
import * as nanometer from 'nanometer';
import { isTrue, type Same } from './same';

const meter = open();
const flow = meter.flow('ingest', ['source', 'parse', 'sink']);
isTrue<Same<typeof flow, Flow<'source' | 'parse' | 'sink'>>>();
isTrue<Same<keyof typeof flow.components, 'source' | 'parse' | 'sink'>>();
isTrue<Same<typeof flow.components.parse, Component>>();
isTrue<Same<typeof flow.state, FlowState>>();
isTrue<Same<typeof flow.inFlight, number>>();
isTrue<Same<typeof flow.oldestAgeNs, number>>();

// @ts-expect-error no such component
void flow.components.sort;
// @ts-expect-error components are not set
flow.components.parse = flow.components.sink;
// @ts-expect-error nor is the state
flow.state = 'completed';
// @ts-expect-error a flow has an id
meter.flow(7, ['a']);
// @ts-expect-error and components
meter.flow('bare');
// @ts-expect-error which are a list
meter.flow('text', 'abc');
// @ts-expect-error of names
meter.flow('numbers', [1, 2]);

// Streams are between components that there are.
meter.flow('fan', ['split', 'left', 'right'], {
  streams: [
    ['split', 'left'],
    ['split', 'right'],
  ],
});
// @ts-expect-error no such component
meter.flow('fan', ['split', 'left'], { streams: [['split', 'middle']] });
// @ts-expect-error a stream has two ends
meter.flow('fan', ['split', 'left'], { streams: [['split']] });
// @ts-expect-error no such option
meter.flow('options', ['a'], { highWatermark: 1 });
// @ts-expect-error a number of elements
meter.flow('options', ['a'], { maxInFlight: '10' });
isTrue<Same<ReturnType<typeof wired>, FlowStream>>();
function wired() {
  return flow.stream('source', 'parse');
}
// @ts-expect-error no such component
flow.stream('source', 'sort');

// Names that are declared elsewhere, and those that are only known when it runs.
const NAMES = ['first', 'second'] as const;
isTrue<Same<ReturnType<typeof named>, Flow<'first' | 'second'>>>();
function named() {
  return meter.flow('named', NAMES);
}
const names: string[] = ['a', 'b'];
const dynamic = meter.flow('dynamic', names);
isTrue<Same<typeof dynamic, Flow>>();
dynamic.component('a').memory(1);
dynamic.stream('a', 'b').enqueue();

// Elements.
const element = flow.begin();
isTrue<Same<typeof element, Element>>();
isTrue<Same<typeof element.isInFlight, boolean>>();
element.copy('PayloadRead', 10);
element.copy('a reason of our own', 10);
const reason: CopyReason = 'MetadataMarshal';
// @ts-expect-error a copy has bytes
element.copy(reason);
// @ts-expect-error a reason is a text
element.copy(7, 10);
element.fail();
element.fail('anything');
// @ts-expect-error nothing is said at the end
element.end(new Error());

// What a component's function returns is what comes back.
const { parse } = flow.components;
const sync = parse.run(element, () => 7);
isTrue<Same<typeof sync, number>>();
const eventual = parse.run(element, async () => Promise.resolve('x'));
isTrue<Same<typeof eventual, Promise<string>>>();
const waited = parse.run(element, (): PromiseLike<Buffer> => Promise.resolve(Buffer.alloc(1)));
isTrue<Same<typeof waited, Promise<Buffer>>>();
// @ts-expect-error an element first
parse.run(() => 7);
// @ts-expect-error an element, and no other object
parse.run({}, () => 7);
// @ts-expect-error a function that takes nothing
parse.run(element, (line: string) => line);
parse.start(element);
parse.end(element);
parse.fail(element, new Error());
// @ts-expect-error which element?
parse.start();
// @ts-expect-error bytes are a number
parse.memory('1 MiB');
isTrue<Same<ReturnType<typeof capable>, Capability>>();
function capable() {
  return parse.capability('network');
}

// Waiting time is a time that enqueue() gave.
const enqueued = wired().enqueue();
isTrue<Same<typeof enqueued, number>>();
wired().dequeue(enqueued);
// @ts-expect-error since when?
wired().dequeue();

// Pools.
const pool = meter.pool('small', { capacity: 1024 });
isTrue<Same<typeof pool, Pool>>();
isTrue<Same<ReturnType<typeof pool.acquire>, Buffer>>();
isTrue<Same<ReturnType<typeof pool.release>, boolean>>();
// @ts-expect-error a pool has a capacity
meter.pool('small', {});
// @ts-expect-error a pool has options
meter.pool('small');
// @ts-expect-error no such option
meter.pool('small', { capacity: 1, size: 1 });
// @ts-expect-error a buffer is given back
pool.release('buffer');
// @ts-expect-error the capacity is fixed
pool.capacity = 7;

// Listeners.
meter.on('event', (event) => {
  isTrue<Same<typeof event, RecordedEvent>>();
  // @ts-expect-error events are read
  event.name = 'other';
});
// @ts-expect-error no such channel
meter.on('element', () => undefined);

// @ts-expect-error flows, elements and pools are made by meters: the package gives no class
new nanometer.Flow();
// @ts-expect-error nor of elements
new nanometer.Element(null, 0, 0);
// @ts-expect-error nor of pools
new nanometer.Pool('small', { capacity: 1 });
