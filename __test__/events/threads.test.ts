/** Events of several threads: one order, one account, whoever reads and whoever dies. */
import type { RecordedEvent } from 'nanometer';
import { EventWorker, eventsAfter, servedMeter } from '../support/events';
import { until } from '../support/surroundings';

const KEPT = 508;

type Told = Readonly<Record<string, unknown>>;

/** That every thread's events are in the order in which it emitted them. */
function expectOrder(events: readonly RecordedEvent[]): void {
  const newest = new Map<unknown, number>();
  let last = 0;
  const strays = events.filter(({ seq, attributes }) => {
    const { thread, n } = attributes;
    const isInOrder = seq > last && Number(n) > (newest.get(thread) ?? -1);
    newest.set(thread, Number(n));
    last = seq;
    return !isInOrder;
  });
  expect(strays).toEqual([]);
}

test('four threads at once: nothing is lost while it fits, and all hear the same order', async () => {
  const meter = servedMeter();
  const heard: RecordedEvent[] = [];
  meter.on('event', (event) => heard.push(event));
  const names = ['a', 'b', 'c', 'd'];
  const workers = await Promise.all(names.map((name) => EventWorker.start(meter, name)));
  await Promise.all(workers.map((worker) => worker.tell({ do: 'listen' })));
  await Promise.all(workers.map((worker) => worker.tell({ do: 'emit', count: 500 })));
  await until('all are heard', () => heard.length === 2_000);
  expect(heard.map(({ seq }) => seq)).toEqual(Array.from({ length: 2_000 }, (_, i) => i + 1));
  expectOrder(heard);
  for (const worker of workers) {
    let others: RecordedEvent[] = [];
    await until('the workers hear them', async () => {
      others = await worker.tell<RecordedEvent[]>({ do: 'heard' });
      return others.length === 2_000;
    });
    expect(others).toEqual(heard);
    await worker.end();
  }
  const { events, lost, last } = await eventsAfter(meter);
  expect(events).toEqual(heard);
  expect({ lost, last }).toEqual({ lost: 0, last: 2_000 });
});

test('while threads overwrite, what is read and what is lost make up all that was emitted', async () => {
  const meter = servedMeter();
  const names = ['a', 'b', 'c', 'd'];
  const workers = await Promise.all(names.map((name) => EventWorker.start(meter, name)));
  const count = 20_000;
  let working = workers.length;
  for (const worker of workers) {
    void worker.tell({ do: 'emit', count }).then(() => (working -= 1));
  }
  const read: RecordedEvent[] = [];
  let [after, lost, rounds] = [0, 0, 0];
  const readOn = async (): Promise<void> => {
    const answer = await eventsAfter(meter, after);
    expect(answer.events.length + answer.lost).toBe(answer.last - after);
    read.push(...answer.events);
    [after, lost, rounds] = [answer.last, lost + answer.lost, rounds + 1];
  };
  while (working > 0) await readOn();
  await readOn();
  expect(after).toBe(4 * count);
  expect(read.length + lost).toBe(4 * count);
  expectOrder(read);
  const overwritten = meter.snapshot().value('nanometer.events_overwritten');
  expect(overwritten).toBe(4 * (count - KEPT));
  expect(meter.snapshot().value('nanometer.values_rejected')).toBe(0);
  await Promise.all(workers.map((worker) => worker.end()));
});

test('what a killed thread wrote stays, and the next one goes on behind it', async () => {
  const meter = servedMeter();
  let [after, emitted] = [0, 0];
  for (let round = 1; round <= 5; round++) {
    const worker = await EventWorker.start(meter, `killed ${round}`);
    worker.send({ do: 'emitForEver' });
    await until('it emits', () => Atomics.load(worker.emitted, 0) > 2_000);
    await worker.end();
    const counted = Atomics.load(worker.emitted, 0);
    // A thread can be stopped when it has published and not counted.
    await until('all are accounted for', async () => {
      const { last } = await eventsAfter(meter, Number.MAX_SAFE_INTEGER);
      return last >= emitted + counted;
    });
    const { events, lost, last } = await eventsAfter(meter, after);
    expect(events.length + lost).toBe(last - after);
    expect(last - emitted).toBeLessThanOrEqual(counted + 1);
    expectOrder(events);
    // One slot may have been left open.
    const mine = events.filter(({ attributes }) => attributes['thread'] === `killed ${round}`);
    expect(mine.length).toBeGreaterThanOrEqual(KEPT - 1);
    // The last number may have been given out, and the thread ended before it was published.
    const newest = last - emitted - 1;
    expect([newest, newest - 1]).toContain(mine.at(-1)?.attributes['n']);
    [after, emitted] = [last, last];
  }
  const next = await EventWorker.start(meter, 'next');
  await next.tell({ do: 'emit', count: 3 });
  const { events, lost } = await eventsAfter(meter, after);
  const told: Told[] = events.map(({ attributes }) => attributes);
  expect(told).toEqual([0, 1, 2].map((n) => ({ thread: 'next', n })));
  expect(lost).toBe(0);
  // They all had one lane after the other, so one ring.
  const sizes = await eventsAfter(meter);
  expect(sizes.events.length).toBeLessThanOrEqual(KEPT);
  await next.end();
});
