/** Listeners: what they hear, when they are called, and what they may do. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { EventListener, Meter, RecordedEvent } from 'nanometer';
import { quietMeter, thrown, watchWarnings } from '../support/meter';

const POLL_MS = 100;

const warnings = watchWarnings();
const nobody = (): void => undefined;

let meter: Meter;
let emit: (n: number) => void;

beforeEach(() => {
  meter = quietMeter();
  const type = meter.event('happened', { kind: 'lifecycle', attributes: { n: 'number' } });
  emit = (n) => type.emit({ n });
  // Times of events stay true.
  jest.useFakeTimers({ doNotFake: ['Date', 'performance'] });
});

afterEach(async () => {
  jest.useRealTimers();
  await meter.close();
});

function hear(): { readonly heard: unknown[]; readonly listener: EventListener } {
  const heard: unknown[] = [];
  return { heard, listener: ({ attributes }) => heard.push(attributes['n']) };
}

test('a listener hears each event once, in order, from when it listens', () => {
  emit(1);
  const { heard, listener } = hear();
  expect(meter.on('event', listener)).toBe(meter);
  for (let n = 2; n <= 5; n++) emit(n);
  expect(heard).toEqual([]);
  jest.advanceTimersByTime(POLL_MS);
  expect(heard).toEqual([2, 3, 4, 5]);
  emit(6);
  jest.advanceTimersByTime(3 * POLL_MS);
  expect(heard).toEqual([2, 3, 4, 5, 6]);
});

test('flush() hands out what there is, without waiting', async () => {
  const { heard, listener } = hear();
  meter.on('event', listener);
  emit(1);
  await meter.flush();
  expect(heard).toEqual([1]);
  jest.advanceTimersByTime(POLL_MS);
  expect(heard).toEqual([1]);
});

test('an event is heard with all that it says', () => {
  const heard: RecordedEvent[] = [];
  meter.on('event', (event) => heard.push(event));
  const before = Date.now();
  emit(7);
  jest.advanceTimersByTime(POLL_MS);
  const { seq, atMs, ...rest } = heard[0]!;
  expect(heard).toHaveLength(1);
  expect(seq).toBe(1);
  expect(atMs).toBeGreaterThanOrEqual(before);
  const said = { name: 'happened', kind: 'lifecycle', level: 'production', attributes: { n: 7 } };
  expect(rest).toEqual(said);
});

test('a later listener hears what is later, the same one again hears nothing twice', () => {
  const [first, second] = [hear(), hear()];
  meter.on('event', first.listener).on('event', first.listener);
  emit(1);
  meter.on('event', second.listener);
  emit(2);
  jest.advanceTimersByTime(POLL_MS);
  expect([first.heard, second.heard]).toEqual([[1, 2], [2]]);
});

test('nothing is polled while nobody listens', () => {
  const [first, second] = [hear(), hear()];
  const timers = () => jest.getTimerCount();
  expect(timers()).toBe(0);
  meter.on('event', first.listener).on('event', second.listener);
  expect(timers()).toBe(1);
  meter.off('event', second.listener);
  meter.off('event', second.listener);
  expect(timers()).toBe(1);
  expect(meter.off('event', first.listener)).toBe(meter);
  expect(timers()).toBe(0);
  emit(1);
  meter.on('event', first.listener);
  expect(timers()).toBe(1);
  emit(2);
  jest.advanceTimersByTime(POLL_MS);
  expect([first.heard, second.heard]).toEqual([[2], []]);
});

test('a listener that throws is told of once, and stops nobody', () => {
  const { heard, listener } = hear();
  let calls = 0;
  meter.on('event', () => {
    calls += 1;
    throw new Error(`call ${calls}`);
  });
  meter.on('event', () => {
    throw Object.create(null);
  });
  meter.on('event', listener);
  const before = warnings.length;
  emit(1);
  emit(2);
  jest.advanceTimersByTime(POLL_MS);
  emit(3);
  jest.advanceTimersByTime(POLL_MS);
  expect(heard).toEqual([1, 2, 3]);
  expect(calls).toBe(3);
  const told = warnings.slice(before);
  expect(told.map(({ code }) => code)).toEqual(['NANOMETER_LISTENER', 'NANOMETER_LISTENER']);
  expect(told[0]?.message).toContain('call 1');
});

test('a listener may stop itself, and others, while it is called', () => {
  const { heard, listener } = hear();
  const once: EventListener = () => {
    meter.off('event', once).off('event', listener);
  };
  meter.on('event', once);
  meter.on('event', listener);
  emit(1);
  emit(2);
  jest.advanceTimersByTime(POLL_MS);
  expect(heard).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
});

test('closing hands out what is left, and nothing after it', async () => {
  const { heard, listener } = hear();
  meter.on('event', listener);
  emit(1);
  emit(2);
  await meter.close();
  expect(heard).toEqual([1, 2]);
  expect(jest.getTimerCount()).toBe(0);
  emit(3);
  jest.advanceTimersByTime(POLL_MS);
  expect(heard).toEqual([1, 2]);
  expect(thrown(() => meter.on('event', listener)).code).toBe('NANOMETER_CLOSED');
  expect(meter.off('event', listener)).toBe(meter);
});

test('a listener that closes the meter hears the rest in order', () => {
  const { heard, listener } = hear();
  meter.on('event', ({ attributes }) => {
    if (attributes['n'] === 1) void meter.close();
  });
  meter.on('event', listener);
  for (let n = 1; n <= 4; n++) emit(n);
  jest.advanceTimersByTime(POLL_MS);
  expect(heard).toEqual([1, 2, 3, 4]);
  expect(jest.getTimerCount()).toBe(0);
});

test('a listener that emits for each event that it hears does not keep the meter from closing', async () => {
  const heard: unknown[] = [];
  meter.on('event', ({ attributes }) => {
    heard.push(attributes['n']);
    emit(Number(attributes['n']) + 1);
  });
  emit(1);
  jest.advanceTimersByTime(POLL_MS);
  expect(heard).toEqual([1]);
  await meter.close();
  expect(heard).toEqual([1, 2]);
});

test('more events than are kept: the newest are heard, and the gap shows', () => {
  const numbers: number[] = [];
  meter.on('event', ({ seq }) => numbers.push(seq));
  for (let n = 0; n < 1_000; n++) emit(n);
  jest.advanceTimersByTime(POLL_MS);
  expect(numbers).toEqual(Array.from({ length: 508 }, (_, i) => 493 + i));
});

test.each([
  ['trace', nobody, '"event" and "span"'],
  ['events', nobody, '"event"'],
  [undefined, nobody, '"event"'],
  ['event', undefined, 'undefined'],
  ['event', {}, 'an object'],
])('on(%p, %p) is refused', (name, listener, told) => {
  for (const method of ['on', 'off'] as const) {
    const call = meter[method] as (...given: unknown[]) => unknown;
    const { code, message } = thrown(() => call.call(meter, name, listener));
    expect(code).toBe('NANOMETER_INVALID_OPTION');
    expect(message).toContain(told);
  }
  expect(jest.getTimerCount()).toBe(0);
});

test('listening keeps no process alive', () => {
  const source = `
    const meter = require(${JSON.stringify(join(__dirname, '../../dist'))})
      .open({ service: 'listens', stateDir: false, inspection: false });
    meter.on('event', () => {});
    console.log('listening');`;
  const env = { ...process.env };
  const run = spawnSync(process.execPath, ['-e', source], { env, timeout: 20_000 });
  expect([run.status, run.stdout.toString()]).toEqual([0, 'listening\n']);
});
