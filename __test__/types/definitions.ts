/** Options, kinds and results that do not fit must not compile. */
import * as nanometer from 'nanometer';
import {
  mockClock,
  NanometerError,
  open,
  type Gauge,
  type Histogram,
  type Level,
  type NanometerErrorCode,
} from 'nanometer';
import { isTrue, type Same } from './same';

const meter = open({ service: 'orders', level: 'production', clock: mockClock() });
open({ inspection: false, stateDir: false });
open({ inspection: { port: 0, host: '::1', socket: false, token: undefined } });
// @ts-expect-error no such option
open({ servise: 'orders' });
// @ts-expect-error no such level
open({ level: 'debug' });
// @ts-expect-error a directory or false
open({ stateDir: true });
// @ts-expect-error no such level
meter.level = 'verbose';
// @ts-expect-error a lease is an object
meter.setLevel('off', 60_000);
isTrue<Same<typeof meter.level, Level>>();
// @ts-expect-error the service is fixed
meter.service = 'other';

// @ts-expect-error a counter has no buckets
meter.counter('c', { buckets: 'latency' });
// @ts-expect-error a counter has no aggregate
meter.counter('c', { aggregate: 'sum' });
// @ts-expect-error no such aggregate
meter.gauge('g', { aggregate: 'mean' });
// @ts-expect-error no such bucket set
meter.histogram('h', { buckets: 'latencies' });
// @ts-expect-error an exponential histogram has a scale
meter.histogram('h', { buckets: { exponential: {} } });
// @ts-expect-error a name is a string
meter.counter(7);

// @ts-expect-error counters take numbers
meter.counter('c').add('1');
// @ts-expect-error counters take numbers, not bigints
meter.counter('c').add(1n);
// @ts-expect-error inc() takes nothing
meter.counter('c').inc(2);
// @ts-expect-error a counter cannot be set
meter.counter('c').set(2);
// @ts-expect-error a histogram is recorded into
meter.histogram('h').inc();

const gauge = meter.gauge('g', { unit: '{job}', aggregate: 'max' });
isTrue<Same<typeof gauge, Gauge>>();
const histogram = meter.histogram('h', { buckets: { exponential: { scale: 4 } } });
isTrue<Same<typeof histogram, Histogram>>();

// What a timed function returns is what comes back.
const sync = histogram.time(() => 7);
isTrue<Same<typeof sync, number>>();
const eventual = histogram.time(async () => Promise.resolve('x'));
isTrue<Same<typeof eventual, Promise<string>>>();
const stop = histogram.start();
isTrue<Same<typeof stop, () => void>>();

const snapshot = meter.snapshot();
isTrue<Same<ReturnType<typeof snapshot.value>, number | undefined>>();
const p99: number = snapshot.since(snapshot).histogram('h').quantile(0.99);
// @ts-expect-error snapshots are not written to
snapshot.metrics[0] = undefined;
isTrue<Same<typeof p99, number>>();

try {
  meter.counter('c');
} catch (error) {
  if (NanometerError.is(error)) isTrue<Same<typeof error.code, NanometerErrorCode>>();
}

// @ts-expect-error handles are made by meters: the package gives no class
new nanometer.Counter(new Float64Array(8), 0);
