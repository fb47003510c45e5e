/** Exporters of the program's own: what they are given, when, and what becomes of what they refuse. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ExportBatch, type Exporter, type Meter, type OpenOptions } from 'nanometer';
import { quietMeter, thrown, watchWarnings } from '../support/meter';
import { BACKEND, until } from '../support/surroundings';

const warnings = watchWarnings();
const meters: Meter[] = [];

afterEach(async () => {
  for (const meter of meters.splice(0)) await meter.close();
});

/** A meter with these exporters, whose traces are all promoted. */
function meterWith(exporters: OpenOptions['exporters'] & object, more: OpenOptions = {}): Meter {
  const meter = quietMeter({
    tracing: { sampleRate: 1, maxPromotionsPerSecond: null },
    flush: { timeoutMs: 1_000 },
    ...more,
    exporters,
  });
  meters.push(meter);
  return meter;
}

/** An exporter that keeps what it is given. */
class Keeping implements Exporter {
  readonly batches: ExportBatch[] = [];
  /** What it returns, where it is not to be done at once. */
  answer: () => void | Promise<void> = () => undefined;

  constructor(
    readonly name = 'kept',
    readonly intervalMs = 60_000,
    readonly maxSpans = 2_048,
  ) {}

  export(batch: ExportBatch): void | Promise<void> {
    this.batches.push(batch);
    return this.answer();
  }

  get spanIds(): string[] {
    return this.batches.flatMap(({ spans }) => spans.map(({ spanId }) => spanId));
  }
}

/** One trace of so many spans, in as many turns of the loop as keep the rings from overflowing. */
async function trace(meter: Meter, spans: number): Promise<string[]> {
  const root = meter.span('root', null);
  const ids = [root.spanId];
  for (let i = 1; i < spans; i++) {
    const span = meter.span('part', root);
    ids.push(span.spanId);
    span.end();
    if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 60));
  }
  root.end();
  return ids;
}

/** How one signal of an exporter is, whose account must be right. */
function statusOf(meter: Meter, name: string, signal: 'metrics' | 'traces') {
  const status = meter.exporters().find((one) => one.name === name)?.signals[signal];
  if (status === undefined) throw new Error(`there is no ${signal} of ${name}`);
  const dropped = Object.values(status.dropped).reduce((sum, count) => sum + count, 0);
  expect(status.recorded).toBe(status.exported + status.queued + dropped);
  return status;
}

test('a batch has the metrics, each promoted span once, and who recorded them', async () => {
  const kept = new Keeping();
  const meter = meterWith([kept], { resource: { 'deployment.environment.name': 'test' } });
  meter.counter('hits', { help: 'Hits.' }).add(3);
  const ids = await trace(meter, 3);
  expect(await meter.flush()).toEqual({
    outcome: 'success',
    exporters: [
      { name: 'kept', signal: 'metrics', outcome: 'success', error: null },
      { name: 'kept', signal: 'traces', outcome: 'success', error: null },
    ],
  });
  expect(kept.batches).toHaveLength(1);
  const [{ metrics, spans, dropped, resource }] = kept.batches as [ExportBatch];
  expect(metrics?.value('hits')).toBe(3);
  expect(metrics?.service).toBe(meter.service);
  expect(spans.map(({ spanId }) => spanId).sort()).toEqual([...ids].sort());
  expect(spans.every(({ reason }) => reason === 'head')).toBe(true);
  expect(dropped).toBe(0);
  expect(resource).toMatchObject({
    'service.name': meter.service,
    'deployment.environment.name': 'test',
    'process.pid': String(process.pid),
  });
  await meter.flush();
  expect(kept.batches).toHaveLength(2);
  expect(kept.batches[1]?.spans).toEqual([]);
});

test('it is called each interval, and sooner where a batch is full', async () => {
  const often = new Keeping('often', 20);
  const seldom = new Keeping('seldom');
  const meter = meterWith([often, seldom]);
  await until('three intervals', () => often.batches.length >= 3);
  expect(often.batches.every(({ metrics }) => metrics !== null)).toBe(true);
  expect(seldom.batches).toEqual([]);
  const ids = await trace(meter, 600);
  await until('a full batch', () => seldom.spanIds.length > 0);
  expect(seldom.batches[0]?.metrics).toBeNull();
  expect(seldom.batches[0]?.spans).toHaveLength(512);
  await meter.flush();
  expect(new Set(seldom.spanIds)).toEqual(new Set(ids));
  expect(seldom.spanIds).toHaveLength(ids.length);
  expect(new Set(often.spanIds)).toEqual(new Set(ids));
});

test('batches are bounded, and the next comes when the last one has settled', async () => {
  const slow = new Keeping('slow');
  let under = 0;
  let most = 0;
  slow.answer = async () => {
    most = Math.max(most, ++under);
    await new Promise((resolve) => setTimeout(resolve, 5));
    under -= 1;
  };
  const meter = meterWith([slow]);
  const ids = [...(await trace(meter, 700)), ...(await trace(meter, 700))];
  expect(await meter.flush({ timeoutMs: 10_000 })).toMatchObject({ outcome: 'success' });
  expect(most).toBe(1);
  expect(slow.batches.length).toBeGreaterThanOrEqual(3);
  expect(Math.max(...slow.batches.map(({ spans }) => spans.length))).toBeLessThanOrEqual(512);
  expect(new Set(slow.spanIds)).toEqual(new Set(ids));
  expect(statusOf(meter, 'slow', 'traces')).toMatchObject({
    ...{ state: 'ok', recorded: 1_400, exported: 1_400, queued: 0, dropped: {} },
  });
});

test('one that hangs holds nothing up, keeps no more than it may, and what is lost is counted', async () => {
  const hanging = new Keeping('hanging', 20, 10);
  let release: () => void = () => undefined;
  hanging.answer = () => new Promise((resolve) => (release = resolve));
  const other = new Keeping('other', 20);
  const meter = meterWith([hanging, other]);
  await until('the first batch', () => hanging.batches.length === 1);
  // More than the trace store keeps: 256 traces.
  let ids: string[] = [];
  for (let i = 0; i < 40; i++) {
    ids = ids.concat((await Promise.all(Array.from({ length: 10 }, () => trace(meter, 1)))).flat());
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await until('the other has all', () => other.spanIds.length === ids.length);
  expect(hanging.batches).toHaveLength(1);
  expect(statusOf(meter, 'hanging', 'traces').queued).toBe(10);
  hanging.answer = () => undefined;
  release();
  await until('all is settled', () => {
    const { exported, dropped } = statusOf(meter, 'hanging', 'traces');
    return exported + (dropped['queue_full'] ?? 0) === ids.length;
  });
  const { dropped } = statusOf(meter, 'hanging', 'traces');
  expect(dropped['queue_full']).toBeGreaterThan(0);
  const told = hanging.batches.reduce((sum, batch) => sum + batch.dropped, 0);
  expect(told).toBe(dropped['queue_full']);
  expect(hanging.spanIds).toHaveLength(ids.length - told);
});

test.each<[string, () => void | Promise<void>]>([
  ['throws', () => { throw new Error('no space'); }],
  ['rejects', () => Promise.reject(new Error('no space'))],
  ['rejects later', async () => { await null; throw new Error('no space'); }],
])('one that %s is warned of once, goes on being called, and disturbs no other', async (how, fail) => {
  warnings.length = 0;
  const name = `failing-${how.replaceAll(' ', '-')}`;
  const failing = new Keeping(name, 20);
  failing.answer = fail;
  const other = new Keeping('other', 20);
  const meter = meterWith([failing, other]);
  const ids = await trace(meter, 3);
  await until('three failures', () => failing.batches.length >= 3 && failing.spanIds.length === 3);
  await until('the other has all', () => other.spanIds.length === 3);
  const result = await meter.flush();
  expect(result.outcome).toBe('failure');
  expect(result.exporters).toContainEqual({
    ...{ name, signal: 'metrics', outcome: 'failure', error: 'Error: no space' },
  });
  expect(new Set(failing.spanIds)).toEqual(new Set(ids));
  expect(statusOf(meter, name, 'traces')).toMatchObject({
    ...{ state: 'failing', exported: 0, dropped: { exporter_error: 3 } },
    lastError: { reason: 'exporter_error', message: 'Error: no space' },
  });
  const said = warnings.filter(({ message }) => message.includes(name));
  expect(said).toEqual([{ code: 'NANOMETER_EXPORT', message: expect.stringMatching(/no space/) }]);
  failing.answer = () => undefined;
  await meter.flush();
  expect(statusOf(meter, name, 'metrics').state).toBe('ok');
}); // prettier-ignore

test('a flush that takes too long says so, and waits no longer', async () => {
  const hanging = new Keeping();
  hanging.answer = () => new Promise(() => undefined);
  const meter = meterWith([hanging]);
  const began = performance.now();
  const result = await meter.flush({ timeoutMs: 50 });
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(result.outcome).toBe('timeout');
  expect(result.exporters.map(({ outcome }) => outcome)).toEqual(['timeout', 'timeout']);
});

test('close() exports what is left, calls no more, and counts what is not taken', async () => {
  const kept = new Keeping('kept', 20);
  const hanging = new Keeping('hanging', 20);
  const meter = meterWith([kept, hanging], { flush: { timeoutMs: 50 } });
  await until('the first batches', () => kept.batches.length > 0 && hanging.batches.length > 0);
  hanging.answer = () => new Promise(() => undefined);
  await until('it hangs', () => hanging.batches.length > 1);
  const ids = await trace(meter, 3);
  await meter.close();
  expect(new Set(kept.spanIds)).toEqual(new Set(ids));
  const calls = [kept.batches.length, hanging.batches.length];
  await meter.close();
  await meter.flush();
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect([kept.batches.length, hanging.batches.length]).toEqual(calls);
});

test('it may want metrics only, or spans only', async () => {
  const given: ExportBatch[] = [];
  const spans: ExportBatch[] = [];
  const meter = meterWith([
    { name: 'metrics', export: (batch) => void given.push(batch), traces: false },
    { name: 'spans', export: (batch) => void spans.push(batch), metrics: false },
  ]);
  await trace(meter, 2);
  expect((await meter.flush()).exporters.map(({ name, signal }) => `${name} ${signal}`)).toEqual([
    ...['metrics metrics', 'spans traces'],
  ]);
  expect(given.map((batch) => [batch.metrics !== null, batch.spans.length])).toEqual([[true, 0]]);
  expect(spans.map((batch) => [batch.metrics !== null, batch.spans.length])).toEqual([[false, 2]]);
});

test('what became of it all is in status, in metrics and in the route alike', async () => {
  const kept = new Keeping();
  const failing = new Keeping('failing');
  failing.answer = () => Promise.reject(new Error('no'));
  const meter = meterWith([kept, failing], { inspection: { port: 0, socket: false } });
  await trace(meter, 3);
  await meter.flush();
  const snapshot = meter.snapshot();
  const value = (name: string, labels: Record<string, string>) =>
    snapshot.value(`nanometer.exporter.${name}`, labels);
  const traces = { signal: 'traces' };
  expect(value('recorded', { exporter: 'kept', ...traces })).toBe(3);
  expect(value('exported', { exporter: 'kept', ...traces })).toBe(3);
  expect(value('queued', { exporter: 'kept', ...traces })).toBe(0);
  expect(value('exported', { exporter: 'failing', ...traces })).toBe(0);
  const lost = { exporter: 'failing', ...traces, reason: 'exporter_error' };
  expect(value('dropped', lost)).toBe(3);
  for (const reason of ['exporter_error', 'queue_full', 'shutdown']) {
    expect(value('dropped', { exporter: 'kept', ...traces, reason })).toBe(0);
  }
  expect(value('recorded', { exporter: 'kept', signal: 'metrics' })).toBeGreaterThan(0);
  const response = await fetch(`${meter.inspection!.url!}/exporters`);
  expect(await response.json()).toEqual({ exporters: meter.exporters() });
  const shown = meter
    .exporters()
    .map(({ name, kind, signals }) => [name, kind, signals.traces!.endpoint]);
  expect(shown).toEqual([
    ['kept', 'channel', ''],
    ['failing', 'channel', ''],
  ]);
});

test('it runs on the main thread: a worker that is given it too leaves it alone', async () => {
  const kept = new Keeping();
  const meter = meterWith([kept]);
  const script = `
    const { open } = require(${JSON.stringify(join(__dirname, '../../dist'))});
    const { parentPort, workerData } = require('node:worker_threads');
    let calls = 0;
    const meter = open({
      ...{ service: workerData, stateDir: false, inspection: false },
      exporters: [{ name: 'kept', export: () => void calls++, intervalMs: 1 }],
    });
    meter.counter('hits', { help: 'Hits.' }).add(3);
    meter.span('in the worker', null).end();
    meter.flush()
      .then(() => meter.close())
      .then(() => parentPort.postMessage(calls));`;
  const worker = new Worker(script, { eval: true, workerData: meter.service });
  const [calls] = (await once(worker, 'message')) as [number];
  await worker.terminate();
  expect(calls).toBe(0);
  await meter.flush();
  expect(kept.batches[0]?.metrics?.value('hits')).toBe(3);
  expect(kept.spanIds).toHaveLength(1);
});

(BACKEND === 'javascript' ? test : test.skip)('what needs the binary is warned of', () => {
  warnings.length = 0;
  const meter = quietMeter({ otlp: {}, exporters: ['stdout'] });
  meters.push(meter);
  expect(warnings).toEqual([
    { code: 'NANOMETER_EXPORT', message: expect.stringContaining('JavaScript backend') },
  ]);
  expect(meter.exporters()).toEqual([]);
});

test('flush() says what is wrong with its argument at once, and needs no exporter', async () => {
  const meter = quietMeter();
  expect(await meter.flush({ timeoutMs: 0 })).toEqual({ outcome: 'success', exporters: [] });
  for (const wrong of [5, { timeout: 5 }, { timeoutMs: -1 }, { timeoutMs: '5' }]) {
    expect(thrown(() => meter.flush(wrong as never)).code).toBe('NANOMETER_INVALID_OPTION');
  }
  expect(meter.exporters()).toEqual([]);
});
