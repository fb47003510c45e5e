/**
 * Files of JSON lines (F10): each line is a request of OTLP, by somebody else's word; a file that
 * cannot be written costs nothing but what does not fit the queue; rotation loses no line.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { OpenOptions, SignalStatus } from 'nanometer';
import { describeNativeWith } from '../conformance/judges';
import { recordScenario, SPANS } from '../export/scenario';
import { agreesWithSnapshot, agreesWithSpans } from '../export/agreement';
import { toldPoints, toldSpans } from '../export/told';
import { mountDisk } from '../support/disk';
import { quietMeter } from '../support/meter';
import { OtlpReceiver } from '../support/otlp-receiver';
import { request } from '../support/request';
import { BACKEND, describeNative, temporaryDirectory, until } from '../support/surroundings';

const PAGE_BYTES = 4096;

/** Lines of a file, parsed: all of them are whole. */
function linesOf(path: string): readonly unknown[] {
  const text = readFileSync(path, 'utf8');
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
}

function spanMeter(path: string, more: object = {}) {
  const file = { type: 'file' as const, path, metrics: false, delayMs: 10, ...more };
  const options: OpenOptions = {
    ...{ exporters: [file], tracing: { sampleRate: 1, maxPromotionsPerSecond: null } },
    flush: { timeoutMs: 300 },
  };
  const meter = quietMeter(options);
  const status = (): SignalStatus =>
    meter.exporters().find(({ kind }) => kind === 'file')!.signals.traces!;
  const record = async (count: number) => {
    const before = status().recorded;
    for (let i = 0; i < count; i += 1) meter.span('written', null).setAttribute('n', i).end();
    await until('all are recorded', () => status().recorded === before + count);
  };
  return { meter, status, record };
}

describeNativeWith('otlp_receiver', 'what is in a file', () => {
  test('is what OTLP writes in JSON, and what the snapshot has', async () => {
    const path = join(temporaryDirectory(), 'told.jsonl');
    const { meter, spans } = await recordScenario({ exporters: [{ type: 'file', path }] });
    await meter.flush();
    await until('the listener has heard all', () => spans.length >= SPANS);
    const snapshot = meter.snapshot().toJSON();
    const lines = linesOf(path);
    agreesWithSnapshot(toldPoints(lines), snapshot);
    agreesWithSpans(toldSpans(lines), spans);
    await meter.close();

    const receiver = await OtlpReceiver.start({ brief: true });
    for (const line of lines) {
      const signal = 'resourceMetrics' in (line as object) ? 'metrics' : 'traces';
      const url = `${receiver.endpoint('http/json')}/v1/${signal}`;
      const headers = { 'content-type': 'application/json' };
      await request(url, { method: 'POST', headers, body: JSON.stringify(line) });
    }
    const received = await receiver.received();
    expect(received).toHaveLength(lines.length);
    expect(received.flatMap(({ problems }) => problems)).toEqual([]);
  });
});

describeNative('files', () => {
  test('are begun anew at their size, and so many are kept', async () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'spans.jsonl');
    const maxBytes = 16 * 1024;
    const { meter, record, status } = spanMeter(path, { maxBytes, maxFiles: 3 });
    for (let round = 0; round < 30; round += 1) {
      await record(20);
      await until('it is written', () => status().queued === 0);
    }
    await meter.close();
    const files = readdirSync(directory).sort();
    expect(files).toEqual(['spans.1.jsonl', 'spans.2.jsonl', 'spans.jsonl']);
    for (const file of files) {
      expect(statSync(join(directory, file)).size).toBeLessThanOrEqual(maxBytes + 16 * 1024);
      expect(linesOf(join(directory, file)).length).toBeGreaterThan(0);
    }
  });

  test('may be moved away while they are written', async () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'spans.jsonl');
    const { meter, record, status } = spanMeter(path);
    await record(10);
    await until('it is written', () => status().queued === 0);
    renameSync(path, join(directory, 'moved.jsonl'));
    await record(10);
    await until('it is written', () => status().queued === 0);
    await meter.close();
    const all = readdirSync(directory).flatMap((file) => linesOf(join(directory, file)));
    expect(toldSpans(all)).toHaveLength(20);
  });

  test('in a directory that comes later are written then', async () => {
    const directory = join(temporaryDirectory(), 'later');
    const path = join(directory, 'spans.jsonl');
    const { meter, record, status } = spanMeter(path);
    await record(10);
    await until('it has failed', () => status().lastError !== null);
    expect(status()).toMatchObject({ queued: 10, exported: 0, lastError: { reason: 'io' } });
    expect(status().lastError!.message).toContain(path);
    mkdirSync(directory);
    await until('it is written', () => status().queued === 0);
    expect(status()).toMatchObject({ recorded: 10, exported: 10, state: 'ok' });
    await meter.close();
    expect(toldSpans(linesOf(path))).toHaveLength(10);
  });

  // Root may write anywhere.
  const asUser = process.getuid?.() === 0 ? test.skip : test;
  asUser('that may not be written are tried again until they may', async () => {
    const directory = temporaryDirectory();
    const { meter, record, status } = spanMeter(join(directory, 'spans.jsonl'));
    chmodSync(directory, 0o500);
    await record(10);
    await until('it has failed', () => status().lastError !== null);
    expect(status().lastError!.reason).toBe('io');
    chmodSync(directory, 0o700);
    await until('it is written', () => status().queued === 0);
    await meter.close();
  });

  describe('on a disk of 256 KiB', () => {
    const { path: disk, test: onDisk, reason, remount } = mountDisk(256, BACKEND === 'native');
    const path = join(disk, 'spans.jsonl');

    onDisk(`that is full${reason}: lines are whole, and all comes when there is room`, async () => {
      const { meter, record, status } = spanMeter(path);
      await record(50);
      await until('it is written', () => status().queued === 0);
      const filler = join(disk, 'filler');
      fill(filler);
      await record(200);
      await until('it has failed', () => status().lastError !== null);
      expect(status().lastError).toMatchObject({ reason: 'io' });
      expect(status().lastError!.message).toContain(path);
      expect(toldSpans(linesOf(path)).length).toBe(status().exported);
      rmSync(filler);
      await record(50);
      await until('it is written', () => status().queued === 0);
      await meter.close();
      const ids = toldSpans(linesOf(path)).map(({ spanId }) => spanId);
      expect([ids.length, new Set(ids).size]).toEqual([300, 300]);
      rmSync(path);
    });

    onDisk(
      `that is read-only when it is opened${reason}: written when it no longer is`,
      async () => {
        expect(remount('ro')).toBe(true);
        const { meter, record, status } = spanMeter(path);
        await record(10);
        await until('it has failed', () => status().lastError !== null);
        expect(status()).toMatchObject({ exported: 0, queued: 10, lastError: { reason: 'io' } });
        expect(remount('rw')).toBe(true);
        await until('it is written', () => status().queued === 0);
        await meter.close();
        expect(toldSpans(linesOf(path))).toHaveLength(10);
      },
    );
  });

  test('that take nothing are tried again', async () => {
    const { meter, record, status } = spanMeter('/dev/full');
    await record(10);
    await until('it has failed', () => status().lastError !== null);
    expect(status()).toMatchObject({ exported: 0, lastError: { reason: 'io' } });
    await meter.close();
  });
});

/** Takes all room but two pages, so that what is written next is cut in the middle. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  const page = Buffer.alloc(PAGE_BYTES);
  try {
    for (;;) writeSync(file, page);
  } catch {
    ftruncateSync(file, fstatSync(file).size - 2 * PAGE_BYTES);
  }
  closeSync(file);
}

describeNative('standard output', () => {
  const PROGRAM = `
    const { open } = require('nanometer');
    const exporters = [{ type: 'stdout', delayMs: 10, intervalMs: 50 }];
    const meter = open({ service: 'told', stateDir: false, inspection: false, exporters,
      tracing: { sampleRate: 1, maxPromotionsPerSecond: null } });
    meter.counter('counted').add(3);
    let n = 0;
    const timer = setInterval(() => { for (let i = 0; i < 10; i++) meter.span('s', null).setAttribute('n', n++).end(); }, 5);
    setTimeout(() => { clearInterval(timer); meter.close().then(() => process.stderr.write('recorded ' + n)); }, 1500);`;

  const run = () =>
    spawn(process.execPath, ['-e', PROGRAM], { cwd: join(__dirname, '../..'), stdio: 'pipe' });

  test('has lines of JSON, all of them whole', async () => {
    const child = run();
    let [out, recorded] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (recorded += chunk.toString()));
    await new Promise((resolve) => child.on('close', resolve));
    const lines = out.split('\n').slice(0, -1);
    const told = lines.map((line) => JSON.parse(line) as unknown);
    expect(toldSpans(told)).toHaveLength(Number(/recorded (\d+)/.exec(recorded)?.[1]));
    expect(toldPoints(told)).toContainEqual(
      expect.objectContaining({ metric: 'counted', value: 3 }),
    );
  });

  test('that nobody reads holds nothing up', async () => {
    const child = run();
    const started = performance.now();
    child.stdout.pause();
    let recorded = '';
    child.stderr.on('data', (chunk: Buffer) => (recorded += chunk.toString()));
    const [code] = (await Promise.all([once(child, 'exit'), once(child.stderr, 'end')]))[0] as [
      number,
    ];
    expect(code).toBe(0);
    expect(Number(/recorded (\d+)/.exec(recorded)?.[1])).toBeGreaterThan(1_000);
    expect(performance.now() - started).toBeLessThan(1_500 + 2_000 + 3_000);
  });
});
