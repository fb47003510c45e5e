/** Errors of pipelines: each is counted once, where it began, and reaches the caller unchanged. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { Duplex, Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ReadableStream, TransformStream, WritableStream } from 'node:stream/web';
import { promisify } from 'node:util';
import { freshFlow } from '../support/flow';
import { quietMeter } from '../support/meter';
import { objects, passing, taking, three } from '../support/plain-stages';

const meter = quietMeter();
const fresh = () => freshFlow(meter, ['source', 'parse', 'sink']);
const mine = new Error('mine');

const sources: Record<string, () => unknown> = {
  'throws in read()': () =>
    new Readable({
      ...objects,
      read() {
        throw mine;
      },
    }),
  'is destroyed': () =>
    new Readable({
      ...objects,
      read() {
        setImmediate(() => this.destroy(mine));
      },
    }),
  'fails in construct': () =>
    new Readable({
      construct: (callback) => callback(mine),
      read: () => undefined,
    }),
  'had failed before': () =>
    new Readable({ read: () => undefined }).on('error', () => 0).destroy(mine),
  'emits error': () => {
    const stream = new Readable({ ...objects, autoDestroy: false, read: () => undefined });
    setImmediate(() => stream.emit('error', mine));
    return stream;
  },
  'is an iterable that throws': () =>
    (function* () {
      yield 1;
      throw mine;
    })(),
  'is an iterable of a rejected promise': () => [1, Promise.reject(mine)],
  'is an async generator that throws': () =>
    (async function* () {
      yield await Promise.resolve(1);
      throw mine;
    })(),
  'is a function that throws': () => () => {
    throw mine;
  },
  'is an async generator function that throws': () =>
    async function* () {
      yield await Promise.resolve(1);
      throw mine;
    },
  'is a function that gives a stream that fails': () => () =>
    new Readable({
      read() {
        this.destroy(mine);
      },
    }),
  'is a web stream that fails': () =>
    new ReadableStream({
      pull() {
        throw mine;
      },
    }),
};

const parses: Record<string, () => unknown> = {
  'answers with it': () =>
    new Transform({ ...objects, transform: (_chunk, _encoding, callback) => callback(mine) }),
  'answers with it later': () =>
    new Transform({
      ...objects,
      transform: (_chunk, _encoding, callback) => setImmediate(callback, mine),
    }),
  'destroys itself': () =>
    new Transform({
      ...objects,
      transform() {
        this.destroy(mine);
      },
    }),
  'answers with it when it flushes': () =>
    new Transform({
      ...objects,
      transform: (chunk, _encoding, callback) => callback(null, chunk),
      flush: (callback) => callback(mine),
    }),
  'throws when it flushes': () =>
    new Transform({
      ...objects,
      transform: (chunk, _encoding, callback) => callback(null, chunk),
      flush() {
        throw mine;
      },
    }),
  'is a Duplex that answers with it': () =>
    new Duplex({
      ...objects,
      read: () => undefined,
      write: (_chunk, _encoding, callback) => callback(mine),
    }),
  'is a function that throws': () => () => {
    throw mine;
  },
  'is a generator function that throws': () =>
    async function* (source: AsyncIterable<unknown>) {
      for await (const chunk of source) {
        yield chunk;
        throw mine;
      }
    },
  'is a web stream that fails': () =>
    new TransformStream({
      transform() {
        throw mine;
      },
    }),
  'is a web stream that fails to start': () =>
    new TransformStream({ start: () => Promise.reject(mine) }),
  'is a web stream that fails at the end': () =>
    new TransformStream({
      flush() {
        throw mine;
      },
    }),
};

const sinks: Record<string, () => unknown> = {
  'answers with it': () =>
    new Writable({ ...objects, write: (_chunk, _encoding, callback) => callback(mine) }),
  'answers many with it': () =>
    new Writable({
      ...objects,
      write: (_chunk, _encoding, callback) => setImmediate(callback),
      writev: (_chunks, callback) => callback(mine),
    }),
  'answers with it at the end': () =>
    new Writable({
      ...objects,
      write: (_chunk, _encoding, callback) => callback(),
      final: (callback) => callback(mine),
    }),
  'fails in construct': () =>
    new Writable({
      ...objects,
      construct: (callback) => setImmediate(callback, mine),
      write: (_chunk, _encoding, callback) => callback(),
    }),
  'fails while it is destroyed': () =>
    new Writable({
      ...objects,
      write(_chunk, _encoding, callback) {
        this.destroy();
        callback();
      },
      destroy: (_error, callback) => callback(mine),
    }),
  'is a function that throws': () => () => {
    throw mine;
  },
  'is a function that rejects': () => async (source: AsyncIterable<unknown>) => {
    for await (const chunk of source) if (chunk !== null) throw mine;
  },
  'is a function whose thenable rejects': () => () => ({
    then: (_resolve: unknown, reject: (error: Error) => void) => setImmediate(reject, mine),
  }),
  'is a web stream that fails': () =>
    new WritableStream({
      write() {
        throw mine;
      },
    }),
  'is a web stream that fails to start': () =>
    new WritableStream({ start: () => Promise.reject(mine) }),
  'is a web stream that fails at the end': () =>
    new WritableStream({
      close() {
        throw mine;
      },
    }),
};

const both = (nodes: () => unknown, functions: () => unknown): (() => unknown)[] => [
  nodes,
  functions,
];
const neighbours = both(
  passing,
  () =>
    async function* (source: AsyncIterable<unknown>) {
      yield* source;
    },
);

describe.each([0, 1])('with neighbours of kind %d', (kind) => {
  test.each(Object.entries(sources))('the source %s', async (_name, source) => {
    const { flow, errors, state } = fresh();
    const stages = { source: source(), parse: neighbours[kind]!(), sink: taking() };
    await expect(flow.pipeline(stages as never)).rejects.toBe(mine);
    expect(errors()).toEqual([1, 0, 0]);
    expect(state()).toBe('failed');
  });

  test.each(Object.entries(parses))('the transform %s', async (_name, parse) => {
    const { flow, errors, state } = fresh();
    const source = kind === 0 ? three() : [1, 2, 3];
    const stages = { source, parse: parse(), sink: taking() };
    await expect(flow.pipeline(stages as never)).rejects.toBe(mine);
    expect(errors()).toEqual([0, 1, 0]);
    expect(state()).toBe('failed');
  });

  test.each(Object.entries(sinks))('the sink %s', async (_name, sink) => {
    const { flow, errors, state } = fresh();
    const stages = { source: three(), parse: neighbours[kind]!(), sink: sink() };
    await expect(flow.pipeline(stages as never)).rejects.toBe(mine);
    expect(errors()).toEqual([0, 0, 1]);
    expect(state()).toBe('failed');
  });
});

test('a chunk that fails is an element that failed; the rest of the error is told in an event', async () => {
  const { flow, value, times } = fresh();
  let at = 0;
  const parse = new Transform({
    ...objects,
    transform: (chunk, _encoding, callback) => callback((at += 1) === 2 ? mine : null, chunk),
  });
  await expect(flow.pipeline({ source: three(), parse, sink: taking() })).rejects.toBe(mine);
  expect(value('flow.elements.errors')).toBe(1);
  expect(value('component.invocations', 'parse')).toBe(2);
  expect(times('component.processing_time', 'parse').count).toBe(2);
});

test('a callback that is called twice fails as it does bare', async () => {
  const { flow, errors } = fresh();
  const stages = () => ({
    source: three(),
    parse: new Transform({
      ...objects,
      transform(_chunk, _encoding, callback) {
        callback(mine);
        callback(mine);
      },
    }),
    sink: taking(),
  });
  const { source, parse, sink } = stages();
  const bare: unknown = await pipeline(source, parse, sink).catch((error: unknown) => error);
  await expect(flow.pipeline(stages())).rejects.toEqual(bare);
  expect(errors()).toEqual([0, 1, 0]);
});

test('a falsy error is an error', async () => {
  const { flow, errors } = fresh();
  const sink = async (source: AsyncIterable<unknown>) => {
    for await (const chunk of source) if (chunk !== null) throw undefined;
  };
  await flow.pipeline({ source: three(), parse: passing(), sink }).catch((error: unknown) => {
    expect(error).toBeUndefined();
  });
  expect(errors()).toEqual([0, 0, 1]);
});

test('an error that a function catches is counted where it began, and ends nothing', async () => {
  const { flow, errors, state } = fresh();
  const sink = async (source: AsyncIterable<unknown>) => {
    let taken = 0;
    try {
      for await (const chunk of source) taken += chunk === 1 ? 1 : 0;
    } catch {
      return `recovered after ${String(taken)}`;
    }
    return 'never';
  };
  const result = await flow.pipeline({
    source: (function* () {
      yield 1;
      throw mine;
    })(),
    parse: async function* (source: AsyncIterable<unknown>) {
      yield* source;
    },
    sink,
  });
  expect(result).toBe('recovered after 1');
  expect(errors()).toEqual([1, 0, 0]);
  expect(state()).toBe('completed');
});

describe('a stage that closes before its end', () => {
  test.each([
    ['source', 0],
    ['parse', 1],
    ['sink', 2],
  ] as const)('%s', async (name, index) => {
    const { flow, errors, state } = fresh();
    const source = new Readable({ ...objects, read: () => undefined });
    const stages = { source, parse: passing(), sink: taking() };
    source.push(1);
    setImmediate(() => stages[name].destroy());
    await expect(flow.pipeline(stages)).rejects.toMatchObject({
      code: 'ERR_STREAM_PREMATURE_CLOSE',
    });
    expect(errors()).toEqual([0, 1, 2].map((i) => (i === index ? 1 : 0)));
    expect(state()).toBe('failed');
  });
});

test('a sink that wants no more ends the pipeline well, and no error is counted', async () => {
  const { flow, errors, state } = fresh();
  const source = new Readable({
    ...objects,
    read() {
      setImmediate(() => this.push(1));
    },
  });
  const sink = async (chunks: AsyncIterable<unknown>) => {
    for await (const chunk of chunks) return chunk;
    return undefined;
  };
  const parse = async function* (chunks: AsyncIterable<unknown>) {
    yield* chunks;
  };
  await expect(flow.pipeline({ source, parse, sink })).resolves.toBe(1);
  expect(errors()).toEqual([0, 0, 0]);
  expect(state()).toBe('completed');
});

test('what throws out of a stream ends the process where it does bare', async () => {
  const run = async (kind: string) => {
    const file = join(__dirname, '../fixtures/pipeline-throws.cjs');
    const { stdout } = await promisify(execFile)(process.execPath, [file, kind]);
    return JSON.parse(stdout) as { uncaught: string[]; errors?: number[] };
  };
  const bare = await run('bare');
  const observed = await run('observed');
  // Node 26 has the stream fail with it instead.
  const isCaught = Number.parseInt(process.versions.node, 10) >= 26;
  expect(bare.uncaught).toEqual(isCaught ? [] : ['thrown by transform 3']);
  expect(observed.uncaught).toEqual(bare.uncaught);
  expect(observed.errors).toEqual([0, 1, 0]);
});
