/** Traces of several threads: one tree, one account, whoever writes, reads, toggles or dies. */
import type { Meter, TraceData } from 'nanometer';
import { Hand } from '../support/hand';
import { quietMeter } from '../support/meter';
import { accountOf, allTraces, isToFail, spansIn, SPANS_OF_TRACE } from '../support/numbered-spans';
import { SpanWriter, stillThere, torn } from '../support/numbered-spans';
import { until } from '../support/surroundings';

const NAMES = ['a', 'b', 'c', 'd'];
/** Slots of a flight ring for so many spans: of 64 KiB each. */
const FLIGHT_SPANS = 64;
const SLOTS = 511;
/** Of the traces of a thread, every so many fail. */
const FAIL_EVERY = 5;
/** So many traces take ten times the slots of a ring, and more. */
const TRACES = 256;
/** So many spans are open in each of the first threads that are terminated. */
const HELD = 5;
/** Of threads that are terminated. */
const ROUNDS = 3;

let meter: Meter;

function open(tracing: object): void {
  meter = quietMeter({ tracing: { sampleRate: 0, maxPromotionsPerSecond: null, ...tracing } });
}

afterEach(() => meter.close());

/** Each span's name after that of its parent, in no order. */
function tree({ spans }: TraceData): string[] {
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  return spans
    .map(({ name, parentSpanId }) => `${names.get(parentSpanId ?? '') ?? '-'} > ${name}`)
    .sort();
}

describe('four workers that are handed a traceparent', () => {
  const WORK = `
    const flow = meter.flow(name, ['take ' + name, 'give ' + name]);
    const element = flow.begin(traceparent);
    flow.component('take ' + name).run(element, () => meter.span('in ' + name, element).end());
    flow.component('give ' + name).run(element, () => undefined);
    const handedOn = element.traceparent();
    element.end();
    handedOn;`;

  /** Has a thread do its part of a trace; answers what it hands on. */
  const work = (worker: Hand, name: string, traceparent: string): Promise<string> =>
    worker.run(`{ const [name, traceparent] = ${JSON.stringify([name, traceparent])}; ${WORK} }`);

  /** What it adds to the tree, below a span of that name. */
  const branch = (name: string, above: string): string[] => [
    `${above} > flow:${name}`,
    `flow:${name} > component:take ${name}:invoke:1`,
    `flow:${name} > component:give ${name}:invoke:1`,
    `flow:${name} > in ${name}`,
  ];

  const TREE = [
    '- > request',
    ...NAMES.flatMap((name) => branch(name, 'request')),
    ...NAMES.flatMap((name, i) => branch(`${name}2`, i === 0 ? 'flow:d' : `flow:${NAMES[i - 1]}2`)),
  ].sort();

  /** Each works below the request, all at once, and then each below the one before. */
  async function serveRequest(): Promise<{ traceId: string; workers: readonly Hand[] }> {
    const workers = await Promise.all(NAMES.map(() => Hand.start(meter.service)));
    const request = meter.span('request', null, { kind: 'server' });
    const headers = await Promise.all(
      workers.map((worker, i) => work(worker, NAMES[i]!, request.traceparent())),
    );
    let handedOn = headers.at(-1)!;
    for (const [i, worker] of workers.entries()) {
      handedOn = await work(worker, `${NAMES[i]}2`, handedOn);
    }
    request.end();
    return { traceId: request.traceId, workers };
  }

  test('make one tree with it: found in their flight rings, and promoted where one asks', async () => {
    open({ sampleRate: 0 });
    const { traceId, workers } = await serveRequest();
    const found = meter.trace(traceId)!;
    expect(tree(found)).toEqual(TREE);
    expect(found).toMatchObject({ reason: null, name: 'request', status: 'unset' });
    expect(found.spans[0]!.kind).toBe('server');
    expect(accountOf(meter)).toMatchObject({ recorded: 33, promoted: 0 });

    await workers[2]!.run(`meter.tracing.promote('${traceId}')`);
    // They see it when they next begin something.
    await Promise.all(workers.map((worker) => worker.run(`meter.span('next').end()`)));
    meter.span('next').end();
    const promoted = meter.trace(traceId)!;
    expect(tree(promoted)).toEqual(TREE);
    expect(promoted.reason).toBe('manual');
    expect(accountOf(meter)).toMatchObject({ recorded: 38, promoted: 33, missed: 0 });
  });

  test('make one promoted tree with it where the first one has sampled it', async () => {
    open({ sampleRate: 1 });
    const { traceId } = await serveRequest();
    const trace = meter.trace(traceId)!;
    expect(tree(trace)).toEqual(TREE);
    expect(trace.reason).toBe('head');
    expect(accountOf(meter)).toMatchObject({ recorded: 33, promoted: 33 });
  });
});

describe('meter.tracing.promote()', () => {
  test('promotes what another thread has in flight, with what has ended already', async () => {
    open({});
    const worker = await Hand.start(meter.service);
    const traceId = await worker.run<string>(`
      globalThis.flow = meter.flow('far', ['first', 'second']);
      globalThis.element = flow.begin();
      flow.components.first.run(element, () => undefined);
      element.traceId`);
    const there = meter.trace(traceId)!;
    expect(there.reason).toBeNull();
    expect(tree(there)).toEqual(['- > component:first:invoke:1']);
    meter.tracing.promote(traceId);
    await worker.run(`flow.components.second.run(element, () => undefined); element.end()`);
    const trace = meter.trace(traceId)!;
    expect(trace.reason).toBe('manual');
    expect(tree(trace)).toEqual([
      '- > flow:far',
      'flow:far > component:first:invoke:1',
      'flow:far > component:second:invoke:1',
    ]);
    expect(accountOf(meter)).toMatchObject({ recorded: 3, promoted: 3, missed: 0 });
  });

  test('promotes what this thread has in flight when another one asks', async () => {
    open({});
    const worker = await Hand.start(meter.service);
    const flow = meter.flow('near', ['first', 'second']);
    const element = flow.begin();
    flow.components.first.run(element, () => undefined);
    await worker.run(`meter.tracing.promote('${element.traceId}')`);
    const { traceId } = element;
    flow.components.second.run(element, () => undefined);
    element.end();
    const trace = meter.trace(traceId)!;
    expect(trace.reason).toBe('manual');
    expect(trace.spans).toHaveLength(3);
    expect(accountOf(meter)).toMatchObject({ recorded: 3, promoted: 3 });
  });
});

describe('four threads', () => {
  /**
   * What is found: how many spans of traces that did not fail, and were not promoted then, and those
   * that are torn.
   */
  function look(failEvery = Infinity): { readonly kept: number; readonly torn: object[] } {
    const traces = allTraces(meter);
    const kept = traces.filter((trace) => !isToFail(trace, failEvery));
    return { kept: spansIn(kept), torn: traces.flatMap((trace) => torn(trace)) };
  }

  test('that overwrite their rings ten times over: each span is accounted for', async () => {
    open({ flightSpans: FLIGHT_SPANS });
    const writers = await Promise.all(
      NAMES.map((name) => SpanWriter.start(meter, name, FAIL_EVERY)),
    );
    let isWorking = true;
    const done = Promise.all(writers.map((writer) => writer.write(TRACES)));
    void done.then(() => (isWorking = false));
    while (isWorking) {
      expect(look().torn).toEqual([]);
      // What has become of spans is never more than there were.
      expect(stillThere(accountOf(meter))).toBeGreaterThanOrEqual(0);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const account = accountOf(meter);
    const failed = NAMES.length * Math.floor(TRACES / FAIL_EVERY);
    expect(account.recorded).toBe(NAMES.length * TRACES * SPANS_OF_TRACE);
    expect(account.promoted + account.full).toBe(failed * SPANS_OF_TRACE);
    const { kept } = look(FAIL_EVERY);
    expect(kept).toBeGreaterThan(0);
    expect(stillThere(account)).toBe(kept);
    expect(account.overwritten).toBeGreaterThan(9 * kept);
    expect(account).toMatchObject({ limit: 0, missed: 0, refused: 0 });
    await Promise.all(writers.map((writer) => writer.end()));
    // What they left stays.
    expect(accountOf(meter)).toEqual(account);
    expect(look(FAIL_EVERY)).toEqual({ kept, torn: [] });
  });

  test('that are terminated in mid-span, over and over: nothing is torn, each span counted', async () => {
    open({ flightSpans: FLIGHT_SPANS });
    let written = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const writers = await Promise.all(
        NAMES.map((name) => SpanWriter.start(meter, `${name}${round}`)),
      );
      if (round === 1) await Promise.all(writers.map((writer) => writer.hold(HELD)));
      for (const writer of writers) void writer.writeOn();
      // More than a ring has, so that what the thread before has left is overwritten; then some.
      for (const [i, writer] of writers.entries()) {
        await until('it writes', () => writer.written > SLOTS + 97 * round + i);
        expect(look().torn).toEqual([]);
        // Of each that lives, and no more of those whose lanes they have.
        const open = meter.openSpans().filter(({ name }) => name === 'held');
        expect(open).toHaveLength(round === 1 ? HELD * (NAMES.length - i) : 0);
        await writer.end();
      }
      written += writers.reduce((sum, writer) => sum + writer.written, 0);
      const account = accountOf(meter);
      expect(account.recorded).toBeGreaterThanOrEqual(written);
      // Of one trace, each may have written some that it did not come to count.
      expect(account.recorded - written).toBeLessThanOrEqual(NAMES.length * SPANS_OF_TRACE);
      written = account.recorded;
      expect(look()).toEqual({ kept: stillThere(account), torn: [] });
      expect(account).toMatchObject({ promoted: 0, full: 0, limit: 0 });
    }
    // Their lanes are used again: there are spans of the last ones only.
    const threads = new Set(
      allTraces(meter).flatMap(({ spans }) => spans.map(({ attributes }) => attributes['thread'])),
    );
    expect(threads).toEqual(new Set(NAMES.map((name) => `${name}${ROUNDS}`)));
    // And nothing of them is open.
    expect(meter.openSpans()).toEqual([]);
  });

  test('that are terminated while they promote: no promoted span is torn, none is counted twice', async () => {
    open({ flightSpans: FLIGHT_SPANS });
    const heard: TraceData[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const writers = await Promise.all(
        NAMES.map((name) => SpanWriter.start(meter, `${name}${round}`, FAIL_EVERY)),
      );
      for (const writer of writers) void writer.writeOn();
      for (const [i, writer] of writers.entries()) {
        await until('it writes', () => writer.written > 97 * round + i);
        heard.push(...meter.traces());
        await writer.end();
      }
    }
    heard.push(...meter.traces());
    expect(heard.flatMap((trace) => torn(trace))).toEqual([]);
    expect(heard.length).toBeGreaterThan(100);
    for (const { spans } of heard) {
      expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    }
    const account = accountOf(meter);
    expect(account.promoted).toBeGreaterThan(0);
    const { kept } = look(FAIL_EVERY);
    expect(stillThere(account)).toBeGreaterThanOrEqual(kept);
    // Each may have ended in the middle of a promotion, with some spans of the trace promoted.
    expect(stillThere(account) - kept).toBeLessThanOrEqual(NAMES.length * ROUNDS * SPANS_OF_TRACE);
  });

  test.each([
    ['level and sample rate', ['off', 'production'] as const],
    ['all levels and sample rates', ['off', 'diagnostic', 'production'] as const],
  ])('that record while the %s are toggled 10,000 times a second', async (_, levels) => {
    open({ flightSpans: FLIGHT_SPANS });
    const writers = await Promise.all(['a', 'b'].map((name) => SpanWriter.start(meter, name)));
    const written = (): number => writers.reduce((sum, writer) => sum + writer.written, 0);
    const done = Promise.all(writers.map((writer) => writer.writeOn()));
    let toggles = 0;
    let tookMs = 0;
    while (toggles < 20_000 || written() < 2 * SLOTS) {
      const began = performance.now();
      for (let i = 0; i < 2_000; i++) {
        toggles += 1;
        meter.level = levels[toggles % levels.length]!;
        meter.tracing.sampleRate = (toggles % 5) / 10;
      }
      tookMs += performance.now() - began;
      expect(allTraces(meter).flatMap((trace) => torn(trace, false))).toEqual([]);
    }
    meter.level = 'production';
    for (const writer of writers) writer.stop();
    await done;
    expect((toggles / tookMs) * 1_000).toBeGreaterThan(10_000);
    const account = accountOf(meter);
    expect(account.recorded).toBe(written());
    expect(account.promoted).toBeGreaterThan(0);
    expect(allTraces(meter).flatMap((trace) => torn(trace, false))).toEqual([]);
  });
});
