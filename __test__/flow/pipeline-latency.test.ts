/** How long a pipeline takes, to the nanosecond: from an input to the outputs that descend from it. */
import { mockClock } from 'nanometer';
import { Duplex, Readable, Transform, Writable } from 'node:stream';
import { freshFlow } from '../support/flow';
import { quietMeter } from '../support/meter';
import { objects, timedStages } from '../support/plain-stages';

const clock = mockClock(1_000);
const meter = quietMeter({ clock });
const { numbers, collecting } = timedStages(clock);
const fresh = (components: readonly string[] = ['source', 'parse', 'sink']) =>
  freshFlow(meter, components);

describe('latency', () => {
  test('counts from the input that an output descends from', async () => {
    const { flow, times } = fresh();
    const parse = new Transform({
      ...objects,
      transform(chunk: { at: number }, _encoding, callback) {
        clock.advance(10);
        // None of the first, three of the second, one of the third.
        for (let i = 0; i < [0, 2, 0][chunk.at]!; i++) this.push(chunk);
        callback(null, chunk.at === 0 ? undefined : chunk);
      },
    });
    await flow.pipeline({
      source: numbers(3, 100, { highWaterMark: 0 }),
      parse,
      sink: collecting(1).sink,
    });
    // 10 + 1, and once more 1 and 1 for the second and third of the three; 10 + 1 for the last.
    expect(times('flow.latency')).toMatchObject({
      count: 4,
      min: 11,
      max: 13,
      sum: 11 + 12 + 13 + 11,
    });
  });

  test('of what is given out at the end counts from the oldest input that it may be of', async () => {
    const { flow, times } = fresh();
    const held: unknown[] = [];
    const parse = new Transform({
      ...objects,
      transform(chunk, _encoding, callback) {
        clock.advance(10);
        held.push(chunk);
        callback();
      },
      flush(callback) {
        clock.advance(1_000);
        callback(null, held);
      },
    });
    await flow.pipeline({
      source: numbers(3, 100, { highWaterMark: 0 }),
      parse,
      sink: collecting(5).sink,
    });
    const { count, max } = times('flow.latency');
    expect(count).toBe(1);
    // From the first number: its own 10, twice 110 for the others, the end, the sink's 5.
    expect(max).toBe(10 + 110 + 110 + 100 + 1_000 + 5);
  });

  test('goes through buffers in their order', async () => {
    const { flow, times } = fresh(['source', 'sink']);
    const callbacks: (() => void)[] = [];
    const sink = new Writable({
      ...objects,
      highWaterMark: 2,
      write(_chunk, _encoding, callback) {
        callbacks.push(callback);
      },
    });
    const source = new Readable({ ...objects, read: () => undefined });
    const done = flow.pipeline({ source, sink });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 6; i++) {
      await turn();
      clock.advance(10);
      source.push(i);
    }
    source.push(null);
    for (let i = 0; i < 6; i++) {
      await turn();
      clock.advance(1_000);
      callbacks.shift()!();
    }
    await done;
    // Pushed at 10, 20, … 60; done at 1060, 2060, … 6060.
    expect(times('flow.latency')).toMatchObject({
      count: 6,
      min: 1_050,
      max: 6_000,
      sum: 1_050 + 2_040 + 3_030 + 4_020 + 5_010 + 6_000,
    });
  });

  test('of bytes that were read together is that of the oldest', async () => {
    const { flow, times } = fresh(['source', 'sink']);
    const source = new Readable({ read: () => undefined });
    const lengths: number[] = [];
    const sink = async (input: AsyncIterable<Buffer>) => {
      for await (const chunk of input) lengths.push(chunk.length);
    };
    const done = flow.pipeline({ source, sink });
    await new Promise((resolve) => setImmediate(resolve));
    for (const text of ['a', 'bc', 'def']) {
      source.push(text);
      clock.advance(10);
    }
    await new Promise((resolve) => setImmediate(resolve));
    source.push('ghij');
    clock.advance(1_000);
    source.push(null);
    await done;
    // Node 26 gives them one by one.
    const isApart = Number.parseInt(process.versions.node, 10) >= 26;
    expect(lengths).toEqual(isApart ? [1, 2, 3, 4] : [6, 4]);
    const [count, min] = isApart ? [4, 10] : [2, 30];
    expect(times('flow.latency')).toMatchObject({ count, min, max: 1_000 });
  });

  test('of text that is decoded is that of its bytes', async () => {
    const { flow, times, value } = fresh(['source', 'sink']);
    const source = new Readable({ encoding: 'utf8', read: () => undefined });
    const { sink, chunks } = collecting(0);
    const done = flow.pipeline({ source, sink });
    const euro = Buffer.from('€');
    await new Promise((resolve) => setImmediate(resolve));
    source.push(euro.subarray(0, 1));
    clock.advance(5);
    source.push(euro.subarray(1));
    source.push(null);
    await done;
    expect(chunks).toEqual(['€']);
    expect(value('component.invocations', 'source')).toBe(2);
    expect(times('flow.latency').count).toBe(1);
  });

  test('of a Duplex that answers first and gives later', async () => {
    const { flow, times } = fresh();
    const parse = Duplex.from(async function* (input: AsyncIterable<unknown>) {
      for await (const chunk of input) {
        clock.advance(10);
        yield chunk;
      }
    });
    await flow.pipeline({ source: [1, 2, 3], parse, sink: collecting(5).sink });
    const { count, min } = times('flow.latency');
    expect([count, min! >= 5]).toEqual([3, true]);
  });
});
