/** Streams of pipelines that programs compose themselves, each observed alone. */
import { mockClock } from 'nanometer';
import {
  PassThrough,
  pipeline as callbackPipeline,
  Readable,
  Transform,
  Writable,
} from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ReadableStream, TransformStream, WritableStream } from 'node:stream/web';
import { viewOf } from '../support/flow';
import { quietMeter, thrown } from '../support/meter';

const clock = mockClock(1_000);
const meter = quietMeter({ clock });
const objects = { objectMode: true } as const;
const names = ['source', 'parse', 'sink'] as const;
let made = 0;

const fresh = () => {
  const id = `instrument ${String((made += 1))}`;
  const flow = meter.flow(id, names);
  const view = viewOf(meter, id);
  const counts = (metric = 'component.invocations') =>
    names.map((name) => view.value(metric, name));
  return { id, flow, counts, ...view };
};

const source = (count = 5) => {
  let at = 0;
  return new Readable({
    ...objects,
    highWaterMark: 0,
    read() {
      clock.advance(3);
      this.push(at < count ? { at: at++ } : null);
    },
  });
};
const parse = () =>
  new Transform({
    ...objects,
    transform(chunk, _encoding, callback) {
      clock.advance(20);
      callback(null, chunk);
    },
  });
const sink = (error?: Error) =>
  new Writable({
    ...objects,
    write(_chunk, _encoding, callback) {
      clock.advance(100);
      callback(error);
    },
  });

beforeEach(() => {
  meter.level = 'production';
});

test('a stream is given back, and counted as its component', async () => {
  const { flow, counts, times, value } = fresh();
  const stream = parse();
  expect(flow.instrument(stream, 'parse')).toBe(stream);
  await pipeline(source(), stream, sink());
  expect(counts()).toEqual([0, 5, 0]);
  expect(times('component.processing_time', 'parse').sum).toBe(100);
  expect(value('stream.elements.transferred', 'source->parse')).toBe(5);
  expect(value('flow.elements.total')).toBe(0);
  expect(flow.state).toBe('created');
});

test('streams of one flow that are piped to each other tell latencies', async () => {
  const { flow, counts, times, value } = fresh();
  flow.validate();
  await pipeline(
    flow.instrument(source(), 'source'),
    flow.instrument(parse(), 'parse'),
    flow.instrument(sink(), 'sink'),
  );
  expect(counts()).toEqual([5, 5, 5]);
  expect(value('flow.elements.total')).toBe(5);
  expect(times('flow.latency')).toMatchObject({ count: 5, sum: 5 * 120 });
  expect(times('component.processing_time', 'source').sum).toBe(15);
  expect(flow.state).toBe('validated');
});

test('web streams too', async () => {
  const { flow, counts } = fresh();
  const readable = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 4; i++) controller.enqueue({ i });
      controller.close();
    },
  });
  const taken: unknown[] = [];
  const writable = new WritableStream({ write: (chunk) => void taken.push(chunk) });
  flow.instrument(readable, 'source');
  flow.instrument(writable, 'sink');
  // Node's types know no web streams between others.
  const parse = flow.instrument(new TransformStream(), 'parse') as never;
  await pipeline(readable as never, parse, writable as never);
  expect(taken).toHaveLength(4);
  expect(counts()).toEqual([4, 4, 4]);
});

test('an error that passes from stream to stream is counted where it was first seen', async () => {
  const { flow, counts } = fresh();
  const error = new Error('mine');
  const streams = [
    flow.instrument(source(), 'source'),
    flow.instrument(parse(), 'parse'),
    flow.instrument(sink(error), 'sink'),
  ] as const;
  const [first, second, third] = streams;
  await expect(pipeline(first, second, third)).rejects.toBe(error);
  expect(counts('component.errors')).toEqual([0, 0, 1]);
});

test("an error that nobody listens to is still nobody's", () => {
  const { flow } = fresh();
  const stream = flow.instrument(new PassThrough(objects), 'parse');
  expect(() => stream.emit('error', new Error('unheard'))).toThrow('unheard');
});

test('the level is followed, whichever way it goes', async () => {
  const { flow, counts } = fresh();
  meter.level = 'off';
  const stream = flow.instrument(parse(), 'parse');
  let taken = 0;
  const last = new Writable({
    ...objects,
    highWaterMark: 1,
    write(_chunk, _encoding, callback) {
      taken += 1;
      if (taken === 30) meter.level = 'production';
      if (taken === 60) meter.level = 'off';
      setImmediate(callback);
    },
  });
  await pipeline(source(100), stream, last);
  meter.level = 'production';
  const count = counts()[1]!;
  expect(count).toBeGreaterThan(20);
  expect(count).toBeLessThan(40);
});

test('a stream gets its methods back when it has closed', async () => {
  const { flow } = fresh();
  const stream = parse();
  const before = Object.getOwnPropertyNames(stream).filter((name) => name !== '_eventsCount');
  flow.instrument(stream, 'parse');
  const done = new Promise((resolve) => {
    callbackPipeline(source(), stream, sink(), resolve);
  });
  await done;
  await new Promise((resolve) => setImmediate(resolve));
  expect(Object.getOwnPropertyNames(stream).filter((name) => name !== '_eventsCount')).toEqual(
    before,
  );
});

describe('is refused', () => {
  const refused = (call: () => unknown) => thrown(call);

  test('for a component that the flow has not', () => {
    const { flow, id } = fresh();
    expect(refused(() => flow.instrument(parse(), 'zip' as never))).toEqual({
      code: 'NANOMETER_INVALID_OPTION',
      message: `"zip" is no component of the flow "${id}"; it has "source", "parse", "sink"`,
    });
  });

  test('for a stream that is observed, as the same component or as another', () => {
    const { flow } = fresh();
    const stream = flow.instrument(parse(), 'parse');
    for (const [other, name] of [
      [flow, 'parse'],
      [flow, 'sink'],
      [fresh().flow, 'parse'],
    ] as const) {
      const { code, message } = refused(() => other.instrument(stream, name));
      expect(code).toBe('NANOMETER_INVALID_OPTION');
      expect(message).toMatch(/a Transform is observed already, by the flow "instrument/);
    }
  });

  test.each([
    [
      'source',
      new Writable(),
      /"source" can be a readable stream of Node or the web, not a Writable/,
    ],
    [
      'parse',
      Readable.from([1]),
      /"parse" can be a readable and writable stream .*, not a Readable/,
    ],
    ['sink', new ReadableStream(), /"sink" can be a writable stream .*, not a ReadableStream/],
    ['source', [1, 2], /not an array/],
    ['sink', async () => undefined, /not a function/],
    ['sink', Object.freeze(new WritableStream()), /is frozen or sealed/],
  ])('for %s where it cannot be that', (name, stream, message) => {
    const { flow } = fresh();
    const { code, message: told } = refused(() => flow.instrument(stream, name as never));
    expect(code).toBe('NANOMETER_INVALID_OPTION');
    expect(told).toMatch(message);
  });
});
