/**
 * The JavaScript backend: the same metrics and the same text as the native one, in memory that
 * JavaScript allocates, served by `node:http` on the thread that opened the meter.
 *
 * What differs, and why: the server, the end of a leased level, and taking promoted spans out of the
 * rings wait for the event loop of that thread, as there is no other; another thread that asks for
 * traces sees the promoted ones that it has found in the rings itself, from the last that they had
 * when it first asked; there is no segment file, so nothing outlives the process and nothing is read
 * from outside but over the server; a worker thread joins the meter if it was started after `open()`
 * was called in the thread that started it, and has a meter of its own otherwise, with a warning.
 */
import { performance } from 'node:perf_hooks';
import { types } from 'node:util';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { Backend, BackendMeter, Clock, ResolvedOptions } from '../backend/backend';
import { JavaScriptMeter } from './meter';
import { Store } from './store';

// Changes with what the store holds: another version of this package in the process is no party.
const STORE_VERSION = 3;
const ORIGIN_READINGS = 16;

const meters = new Map<string, JavaScriptMeter>();

/** The JavaScript backend, with a clock for this thread. */
export function javascriptBackend(): Backend {
  const clock = makeClock();
  return { kind: 'javascript', clock, open: (options) => open(options, clock) };
}

function open(options: ResolvedOptions, clock: Clock): BackendMeter {
  const { service } = options;
  const known = meters.get(service);
  if (known !== undefined) return known;
  const key = `nanometer.${STORE_VERSION}.${service}`;
  // What this thread was given when it was started, or what it or another copy of this module set.
  const given: unknown = getEnvironmentData(key);
  const isFirst = !types.isSharedArrayBuffer(given);
  const store = isFirst ? Store.create() : Store.join(given);
  const meter = new JavaScriptMeter(store, options, isFirst, clock, () => {
    meters.delete(service);
    if (getEnvironmentData(key) === store.buffer) setEnvironmentData(key, undefined);
  });
  meters.set(service, meter);
  setEnvironmentData(key, store.buffer);
  return meter;
}

/**
 * `performance.now()` of each thread counts from the start of that thread; stamps of different
 * threads are compared, so the clock counts from the origin of `hrtime`, the same in all.
 */
function makeClock(): Clock {
  const now = performance.now.bind(performance);
  // A thread that is held up between the two readings finds too low a number: the highest is right.
  let origin = -Infinity;
  for (let i = 0; i < ORIGIN_READINGS; i++) {
    origin = Math.max(origin, Number(process.hrtime.bigint()) - now() * 1e6);
  }
  const cell = new Float64Array(1);
  return {
    cell,
    tick: () => {
      cell[0] = now() * 1e6 + origin;
    },
  };
}
