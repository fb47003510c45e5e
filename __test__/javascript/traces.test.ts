/** What threads of the JavaScript backend know of each other's spans. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

// Jest's process.env is a copy, which workers do not inherit.
process.env['NANOMETER_BACKEND'] = 'javascript';

import { type Meter, open } from 'nanometer';
import { Hand } from '../support/hand';
import { until } from '../support/surroundings';

const DIST = join(__dirname, '../../dist');
const QUIET = { stateDir: false, inspection: false } as const;
const EVERY = { sampleRate: 1, maxPromotionsPerSecond: null } as const;
const NONE = { sampleRate: 0, promoteErrors: false } as const;
const SLOTS_OF_EXPORT_RING = 2_044;

let meter: Meter;
let service = '';

function openMeter(tracing: object): void {
  service = `traces-${expect.getState().currentTestName ?? ''}`;
  meter = open({ service, ...QUIET, tracing });
}

afterEach(() => meter.close());

/** Code of another thread, with `seam`, its side of the backend. */
const withSeam = (code: string) => `{
  const { resolveOptions } = require(${JSON.stringify(join(DIST, 'open/options'))});
  const { chooseBackend } = require(${JSON.stringify(join(DIST, 'backend/choose'))});
  const options = { service: meter.service, stateDir: false, inspection: false };
  const seam = chooseBackend().open(resolveOptions(options).resolved);
  ${code} }`;

test('spans of a busy worker are taken out though nobody asks for them', async () => {
  openMeter(EVERY);
  const hand = await Hand.start(service);
  const record = (spans: number) =>
    hand.run<number>(`
      for (let n = 0; n < ${spans}; n++) meter.span('work').end();
      meter.snapshot().value('nanometer.spans_dropped', { cause: 'full' })`);
  let dropped = await record(SLOTS_OF_EXPORT_RING + 10);
  await until('there is room again', async () => {
    const before = dropped;
    dropped = await record(1);
    return dropped === before;
  });
  expect(meter.traces({ limit: 1_000 })).toHaveLength(256);
});

test('a worker sees the promoted spans of all threads, and takes none of them away', async () => {
  openMeter(EVERY);
  const hand = await Hand.start(service);
  meter.span('mine').end();
  const names = `meter.traces().map(({ name }) => name)`;
  expect(await hand.run(`meter.span('theirs').end(); ${names}`)).toEqual(['theirs', 'mine']);
  expect(meter.traces().map(({ name }) => name)).toEqual(['theirs', 'mine']);
  meter.span('late').end();
  expect(await hand.run(names)).toEqual(['late', 'theirs', 'mine']);
  const listening = `
    globalThis.heard = [];
    meter.on('span', ({ seq, name, reason }) => heard.push([seq, name, reason])); 1`;
  await hand.run(listening);
  meter.span('heard').end();
  await until('it is heard', async () => (await hand.run<unknown[]>('heard')).length > 0);
  expect(await hand.run('heard')).toEqual([[4, 'heard', 'head']]);
});

test('a worker that asks late sees the newest of what went by', async () => {
  openMeter(EVERY);
  const hand = await Hand.start(service);
  const rounds = 5 * SLOTS_OF_EXPORT_RING;
  for (let n = 1; n <= rounds; n++) {
    meter.span(`span ${n}`).end();
    if (n % 1_000 === 0) meter.traces({ limit: 1 });
  }
  const [newest, count] = await hand.run<[string, number]>(`
    { const traces = meter.traces({ limit: 1000 }); [traces[0].name, traces.length] }`);
  expect([newest, count]).toEqual([`span ${rounds}`, 256]);
});

test('what is open in a thread is seen from the others, until the thread ends', async () => {
  openMeter(NONE);
  const hand = await Hand.start(service);
  const traceId = await hand.run<string>(`globalThis.root = meter.span('hangs'); root.traceId`);
  expect(meter.openSpans()).toMatchObject([{ name: 'hangs', traceId, flow: null }]);
  await hand.run(`meter.span('done').end(); 1`);
  await hand.end();
  expect(meter.openSpans()).toEqual([]);
  const [ended] = meter.traces({ name: 'done' });
  expect(ended).toMatchObject({ reason: null, spans: [{ name: 'done' }] });
});

test('a trace keeps the Unix time that it began with, whatever that is set to meanwhile', () => {
  openMeter(EVERY);
  const root = meter.span('root');
  meter.span('first', root).end();
  const { startMs } = meter.trace(root.traceId)!;
  const now = Date.now.bind(Date);
  const hourMs = 3_600_000;
  const setBack = jest.spyOn(Date, 'now').mockImplementation(() => now() - hourMs);
  try {
    const second = meter.span('second', root);
    second.event('retry');
    second.end();
    root.end();
    meter.span('after').end();
    const [after, trace] = meter.traces();
    expect(trace!.spans.map(({ name }) => name)).toEqual(['root', 'first', 'second']);
    const starts = trace!.spans.map((span) => span.startMs);
    const retries = trace!.spans.flatMap(({ events }) => events.map(({ atMs }) => atMs));
    expect(retries).toHaveLength(1);
    for (const ms of [...starts, ...retries, after!.startMs + hourMs]) {
      expect(Math.abs(ms - startMs)).toBeLessThan(60_000);
    }
    expect(meter.trace(root.traceId)).toEqual(trace);
  } finally {
    setBack.mockRestore();
  }
});

test('threads that come and go use the same memory in turn, and lose no count', async () => {
  openMeter(EVERY);
  const sizes = [];
  for (let round = 1; round <= 4; round++) {
    const hand = await Hand.start(service);
    await hand.run(`meter.span('left open'); meter.span('ended').end(); 1`);
    expect(meter.openSpans()).toHaveLength(1);
    expect(meter.snapshot().value('nanometer.spans_recorded')).toBe(round);
    expect(meter.traces()).toHaveLength(round);
    sizes.push(meter.snapshot().value('nanometer.segment.size'));
    await hand.end();
  }
  expect(new Set(sizes).size).toBe(1);
});

test('a text has one number though all threads number it at once', async () => {
  openMeter(NONE);
  const hands = await Promise.all([1, 2, 3].map(() => Hand.start(service)));
  const count = 3_000;
  const numbers = await Promise.all(
    hands.map((hand, index) =>
      hand.run<number[]>(
        withSeam(`
          const texts = Array.from({ length: ${count} }, (_, n) => 'text ' + n);
          if (${index} === 1) texts.reverse();
          const numbers = texts.map((text) => seam.traceText(text));
          ${index} === 1 ? numbers.reverse() : numbers`),
      ),
    ),
  );
  expect(numbers[0]).toHaveLength(count);
  expect(numbers[1]).toEqual(numbers[0]);
  expect(numbers[2]).toEqual(numbers[0]);
  expect([...numbers[0]!].sort((a, b) => a - b)).toEqual(
    Array.from({ length: count }, (_, index) => index + 1),
  );
});

test('traces that threads ask for at once are all asked for', async () => {
  openMeter(NONE);
  const hands = await Promise.all([1, 2, 3].map(() => Hand.start(service)));
  await Promise.all(
    hands.map((hand, index) =>
      hand.run(
        withSeam(`
          for (let n = 1; n <= 20; n++) seam.wantTrace(String(${index * 20} + n).padStart(32, '0'));
          1`),
      ),
    ),
  );
  const found = await hands[0]!.run<[number, number[]]>(
    withSeam(`
      const { cells, words } = seam.traceSettings();
      [cells[4], Array.from({ length: 60 }, (_, n) => words[16 + n * 4 + 3])]`),
  );
  const last = (n: number) => Number.parseInt(String(n).padStart(8, '0'), 16);
  expect(found[0]).toBe(60);
  expect([...found[1]].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 60 }, (_, index) => last(index + 1)),
  );
});

test('recording spans keeps no process alive', () => {
  openMeter(NONE);
  const source = `
    const meter = require(${JSON.stringify(DIST)})
      .open({ service: 'exits', stateDir: false, inspection: false, tracing: { sampleRate: 1 } });
    setTimeout(() => {
      meter.span('work').end();
      setTimeout(() => console.log(meter.traces().length), 1);
    }, 1);`;
  const run = spawnSync(process.execPath, ['-e', source], {
    env: { ...process.env },
    timeout: 20_000,
  });
  expect([run.status, run.stdout.toString()]).toEqual([0, '1\n']);
});
