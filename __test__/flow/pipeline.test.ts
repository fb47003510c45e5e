/** What is recorded of a pipeline, to the nanosecond: the clock moves when a stage says so. */
import { mockClock } from 'nanometer';
import { PassThrough, Readable, Transform, Writable } from 'node:stream';
import { ReadableStream, TransformStream, WritableStream } from 'node:stream/web';
import { freshFlow } from '../support/flow';
import { quietMeter } from '../support/meter';
import { objects, timedStages } from '../support/plain-stages';

const clock = mockClock(1_000);
const meter = quietMeter({ clock });
const { numbers, working, collecting } = timedStages(clock);

beforeEach(() => {
  meter.level = 'production';
});

const fresh = (components: readonly string[] = ['source', 'parse', 'sink']) => {
  const made = freshFlow(meter, components);
  const worked = () => components.map((name) => made.times('component.processing_time', name).sum);
  return { ...made, counts: made.calls, worked };
};

describe('times', () => {
  test('of components are their own: neither waiting nor what others do', async () => {
    const { flow, counts, worked, value, state } = fresh();
    const { sink, chunks } = collecting(500);
    await flow.pipeline({ source: numbers(10, 3), parse: working(20), sink });
    expect(chunks).toHaveLength(10);
    expect(counts()).toEqual([10, 10, 10]);
    expect(worked()).toEqual([30, 200, 5_000]);
    expect(value('flow.elements.total')).toBe(10);
    expect(state()).toBe('completed');
  });

  test('of a transform leave out what its push() sets going behind it', async () => {
    const { flow, counts, worked } = fresh();
    const parse = new Transform({
      ...objects,
      transform(chunk, _encoding, callback) {
        clock.advance(1);
        this.push(chunk);
        clock.advance(2);
        this.push(chunk);
        clock.advance(4);
        callback();
      },
    });
    await flow.pipeline({ source: numbers(5, 10), parse, sink: collecting(1_000).sink });
    expect(counts()).toEqual([5, 5, 10]);
    expect(worked()).toEqual([50, 35, 10_000]);
  });

  test('of a source that pushes on its own account begin where it was asked', async () => {
    const { flow, worked } = fresh();
    let left = 4;
    const source = new Readable({
      ...objects,
      read() {
        setImmediate(() => {
          clock.advance(7);
          this.push(left-- > 0 ? { left } : null);
        });
      },
    });
    await flow.pipeline({ source, parse: working(20), sink: collecting(500).sink });
    expect(worked()).toEqual([28, 80, 2_000]);
  });

  test('of work that is done later last till its callback', async () => {
    const { flow, worked } = fresh();
    const slow = (ns: number) =>
      new Transform({
        ...objects,
        transform(chunk, _encoding, callback) {
          setImmediate(() => {
            clock.advance(ns);
            callback(null, chunk);
          });
        },
      });
    await flow.pipeline({ source: [1], parse: slow(20), sink: slow(300) });
    expect(worked()).toEqual([0, 20, 300]);
  });

  test('of an async generator leave out its waiting for input, and its rests', async () => {
    const { flow, counts, worked } = fresh();
    const parse = async function* (source: AsyncIterable<number>) {
      for await (const value of source) {
        clock.advance(20);
        yield value;
        clock.advance(3);
        yield value;
        clock.advance(1);
      }
    };
    async function* source() {
      for (let i = 0; i < 3; i++) {
        await Promise.resolve();
        clock.advance(100);
        yield i;
      }
    }
    let taken = 0;
    const sink = async (values: AsyncIterable<number>) => {
      for await (const value of values) {
        await Promise.resolve();
        clock.advance(1_000);
        taken += Math.sign(value + 1);
      }
      return taken;
    };
    await expect(flow.pipeline({ source, parse, sink })).resolves.toBe(6);
    expect(counts()).toEqual([3, 3, 6]);
    expect(worked()).toEqual([300, 72, 6_000]);
  });

  test('of web streams', async () => {
    const { flow, counts, worked, value } = fresh();
    let at = 0;
    const source = new ReadableStream(
      {
        pull(controller) {
          clock.advance(5);
          if (at === 4) controller.close();
          else controller.enqueue({ at: at++ });
        },
      },
      { highWaterMark: 0 },
    );
    const parse = new TransformStream({
      async transform(chunk, controller) {
        await Promise.resolve();
        clock.advance(40);
        controller.enqueue(chunk);
      },
    });
    const sink = new WritableStream({
      write() {
        clock.advance(700);
      },
    });
    await flow.pipeline({ source, parse, sink });
    expect(counts()).toEqual([4, 4, 4]);
    expect(worked()[2]).toBe(2_800);
    expect(worked()[1]).toBeGreaterThanOrEqual(160);
    expect(value('stream.elements.transferred', 'parse->sink')).toBe(4);
    expect(value('flow.elements.total')).toBe(4);
  });

  test('of chunks that are written together are parted evenly', async () => {
    const { flow, counts, worked, value } = fresh(['source', 'sink']);
    const batches: number[] = [];
    const sink = new Writable({
      ...objects,
      highWaterMark: 100,
      write(_chunk, _encoding, callback) {
        setImmediate(() => {
          clock.advance(100);
          callback();
        });
      },
      writev(chunks, callback) {
        batches.push(chunks.length);
        setImmediate(() => {
          clock.advance(900);
          callback();
        });
      },
    });
    await flow.pipeline({ source: Readable.from([1, 2, 3, 4], { highWaterMark: 100 }), sink });
    expect(batches).toEqual([3]);
    expect(counts()).toEqual([4, 4]);
    expect(worked()[1]).toBe(1_000);
    expect(value('stream.elements.transferred', 'source->sink')).toBe(4);
    expect(value('flow.elements.total')).toBe(4);
  });
});

describe('queues', () => {
  test('wait, depth and backpressure are those of the consumer, at its high water mark', async () => {
    const { flow, times, value } = fresh(['source', 'sink']);
    const callbacks: (() => void)[] = [];
    const sink = new Writable({
      ...objects,
      highWaterMark: 3,
      write(_chunk, _encoding, callback) {
        callbacks.push(callback);
      },
    });
    const source = new Readable({ ...objects, read: () => undefined });
    const done = flow.pipeline({ source, sink });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    await turn();
    source.push(1);
    await turn();
    const stream = 'source->sink';
    expect(value('stream.queue.current_depth', stream)).toBe(0);
    source.push(2);
    await turn();
    expect(value('stream.queue.current_depth', stream)).toBe(1);
    expect(value('stream.backpressure.active', stream)).toBe(0);
    source.push(3);
    await turn();
    expect(value('stream.queue.current_depth', stream)).toBe(2);
    expect(value('stream.backpressure.active', stream)).toBe(1);
    clock.advance(50);
    callbacks.shift()!();
    await turn();
    expect(value('stream.backpressure.active', stream)).toBe(1);
    clock.advance(7);
    callbacks.shift()!();
    await turn();
    clock.advance(1);
    callbacks.shift()!();
    await turn();
    expect(value('stream.backpressure.active', stream)).toBe(0);
    expect(value('stream.backpressure.duration_ns', stream)).toBe(58);
    source.push(null);
    await done;
    expect(value('stream.queue.peak_depth', stream)).toBe(2);
    expect(value('stream.backpressure.events', stream)).toBe(1);
    expect(times('stream.queue.wait_time', stream)).toMatchObject({
      count: 3,
      sum: 50 + 57,
      max: 57,
    });
  });

  test('before a function is the buffer that it reads', async () => {
    const { flow, times, value } = fresh(['source', 'sink']);
    const source = new Readable({ ...objects, highWaterMark: 2, read: () => undefined });
    const seen: unknown[] = [];
    const sink = async (input: AsyncIterable<unknown>) => {
      for await (const chunk of input) {
        seen.push(chunk);
        clock.advance(10);
      }
    };
    for (const chunk of [1, 2, 3]) source.push(chunk);
    source.push(null);
    await flow.pipeline({ source, sink });
    expect(seen).toEqual([1, 2, 3]);
    expect(value('component.invocations', 'source')).toBe(3);
    expect(value('component.invocations', 'sink')).toBe(3);
    expect(times('component.processing_time', 'sink').sum).toBe(30);
    expect(value('stream.elements.transferred', 'source->sink')).toBe(3);
    expect(times('stream.queue.wait_time', 'source->sink').sum).toBe(0 + 10 + 20);
    expect(value('stream.queue.current_depth', 'source->sink')).toBe(0);
  });

  test('before a web stream ends where it has done what came before', async () => {
    const { flow, times, value } = fresh(['source', 'sink']);
    const sink = new WritableStream(
      {
        write() {
          clock.advance(100);
        },
      },
      { highWaterMark: 4 },
    );
    await flow.pipeline({ source: [1, 2, 3], sink });
    expect(times('component.processing_time', 'sink')).toMatchObject({ count: 3, sum: 300 });
    expect(value('stream.elements.transferred', 'source->sink')).toBe(3);
    expect(value('stream.queue.current_depth', 'source->sink')).toBe(0);
  });
});

describe('afterwards', () => {
  const shape = (stream: object) =>
    Reflect.ownKeys(stream)
      // Node's own count of listeners comes with the first of them.
      .filter((key) => key !== '_eventsCount')
      .map((key) => [key, Object.getOwnPropertyDescriptor(stream, key)?.enumerable]);

  test('streams have the methods that they had', async () => {
    const { flow } = fresh();
    const stages = () => ({ source: numbers(3, 1), parse: working(1), sink: collecting(1).sink });
    const before = stages();
    const methods = Object.values(before).map((stream) => ({
      own: shape(stream),
      push: Reflect.get(stream, 'push') as unknown,
      write: Reflect.get(stream, 'write') as unknown,
      transform: Reflect.get(stream, '_transform') as unknown,
    }));
    await flow.pipeline(before);
    const after = Object.values(before).map((stream) => ({
      own: shape(stream),
      push: Reflect.get(stream, 'push') as unknown,
      write: Reflect.get(stream, 'write') as unknown,
      transform: Reflect.get(stream, '_transform') as unknown,
    }));
    expect(after).toEqual(methods);
  });

  test('a method that was given to a stream meanwhile stays', async () => {
    const { flow } = fresh(['source', 'sink']);
    const { sink } = collecting(1);
    const mine = sink.write.bind(sink);
    const source = new Readable({
      ...objects,
      read() {
        sink.write = mine;
        this.push(null);
      },
    });
    await flow.pipeline({ source, sink });
    expect(sink.write).toBe(mine);
  });
});

describe('the level', () => {
  test('is followed while a pipeline runs', async () => {
    const { flow, counts, value } = fresh();
    meter.level = 'off';
    let taken = 0;
    const sink = new Writable({
      ...objects,
      highWaterMark: 4,
      write(_chunk, _encoding, callback) {
        taken += 1;
        if (taken === 20) meter.level = 'production';
        if (taken === 60) meter.level = 'off';
        setImmediate(callback);
      },
    });
    await flow.pipeline({ source: numbers(100, 1), parse: new PassThrough(objects), sink });
    expect(taken).toBe(100);
    meter.level = 'production';
    for (const count of counts()) {
      expect(count).toBeGreaterThan(20);
      expect(count).toBeLessThan(80);
    }
    expect(value('flow.elements.total')).toBe(counts()[2]);
  });

  test('off records nothing, and lives go on', async () => {
    const { flow, counts, value } = fresh();
    meter.level = 'off';
    await flow.pipeline({ source: [1, 2], parse: working(1), sink: collecting(1).sink });
    expect(flow.state).toBe('completed');
    meter.level = 'production';
    expect(counts()).toEqual([0, 0, 0]);
    expect(value('flow.elements.total')).toBe(0);
  });
});

test('a flow runs several pipelines at once, and is completed with the last', async () => {
  const { flow, counts } = fresh();
  const run = () =>
    flow.pipeline({ source: numbers(10, 1), parse: working(1), sink: collecting(1).sink });
  await Promise.all([run(), run(), run()]);
  expect(counts()).toEqual([30, 30, 30]);
  expect(flow.state).toBe('completed');
});

test('what a function does to what it is given reaches it', async () => {
  const { flow, counts } = fresh();
  const source = [3, 1, 2];
  let isSame = false;
  const got = await flow.pipeline({
    source,
    parse: async function* (values: number[]) {
      await Promise.resolve();
      isSame = Array.isArray(values) && values.length === 3 && values.includes(2);
      for (const value of values) yield value * 2;
    },
    sink: async (values: AsyncIterable<number>) => {
      const all: number[] = [];
      for await (const value of values) all.push(value);
      return all;
    },
  });
  expect([isSame, got]).toEqual([true, [6, 2, 4]]);
  expect(counts()).toEqual([3, 3, 3]);
});

test('functions may read and give Node streams, web streams, and what they were given', async () => {
  const { flow, counts, value } = fresh(['source', 'pipes', 'same', 'web', 'sink']);
  const { sink, chunks } = collecting(1);
  await flow.pipeline({
    source: () => Readable.from([1, 2, 3, 4]),
    pipes: (source: Readable) => source.pipe(new PassThrough(objects)),
    same: (source: unknown) => source,
    web: (source: Readable) => Readable.toWeb(source),
    sink,
  });
  expect(chunks).toEqual([1, 2, 3, 4]);
  expect(counts()[0]).toBe(4);
  expect(counts()[1]).toBe(4);
  expect(counts()[4]).toBe(4);
  expect(value('flow.elements.total')).toBe(4);
});
