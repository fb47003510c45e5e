/**
 * A process that is killed in mid-increment leaves its segment, and another program reads every
 * value that was confirmed (F40). The reader is Rust: it is skipped by name where cargo is missing.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SnapshotData } from 'nanometer';
import { Fixture } from '../support/fixture';
import { describeNative, temporaryDirectory } from '../support/surroundings';

const ROOT = resolve(__dirname, '../..');
const KILLS = 40;
const READER = ['--release', '-p', 'nanometer-core', '--example', 'read_segment'];
const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;
const hasCargo = spawnSync('cargo', ['--version']).status === 0;
const title = `kill -9 during increments, ${KILLS} times${hasCargo ? '' : ' (cargo is not installed)'}`;

describeNative('the segment', () => {
  (hasCargo ? test : test.skip)(
    title,
    async () => {
      const reader = buildReader();
      for (let kill = 0; kill < KILLS; kill += 1) await expectValuesToOutlive(kill, reader);
    },
    300_000,
  );
});

async function expectValuesToOutlive(round: number, reader: string): Promise<void> {
  const directory = temporaryDirectory();
  const stateDir = join(directory, 'state');
  const log = join(directory, 'log');
  const fixture = Fixture.start('counts-until-killed.cjs', { args: [stateDir, log] });
  await fixture.next();
  // So many batches later: the kill comes at another place each time.
  while (batches(log) < round * 3) await new Promise((resolve) => setImmediate(resolve));
  expect(await fixture.kill()).toMatchObject({ signal: 'SIGKILL' });

  const written = readFileSync(log, 'utf8');
  const attempted = last(written, 'attempted');
  const confirmed = last(written, 'confirmed');
  const snapshot = readSegment(reader, stateDir);
  expect(snapshot.processes).toMatchObject([{ alive: false }]);

  const counted = single(snapshot, 'counted').value;
  expect(counted).toBeGreaterThanOrEqual(confirmed);
  expect(counted).toBeLessThanOrEqual(attempted);
  const { count, counts } = single(snapshot, 'recorded').histogram ?? { count: NaN, counts: [] };
  expect(counts.reduce((sum, one) => sum + one, 0)).toBe(count);
  expect(count).toBeGreaterThanOrEqual(confirmed);
  expect(count).toBeLessThanOrEqual(attempted);
  // No label is cut in half, and every series that was confirmed is there.
  const series = snapshot.metrics.find(({ name }) => name === 'labelled')?.series ?? [];
  const labels = series.map((one) => Number(one.labels['batch']));
  expect(labels).toEqual(labels.map((_, index) => index + 1));
  expect(labels.length).toBeGreaterThanOrEqual(confirmed / 100);
}

/** Builds the reader; the path of its executable. */
function buildReader(): string {
  const cargo = spawnSync('cargo', ['build', '--message-format=json', ...READER], {
    cwd: ROOT,
    maxBuffer: MOST_OUTPUT_BYTES,
  });
  if (cargo.status !== 0) throw new Error(cargo.stderr.toString());
  const messages = cargo.stdout.toString().trim().split('\n');
  const built = messages.map((line) => JSON.parse(line) as { executable?: string | null });
  return String(built.find(({ executable }) => executable)?.executable);
}

function readSegment(reader: string, stateDir: string): SnapshotData {
  const segments = readdirSync(stateDir).filter((file) => file.endsWith('.nanometer'));
  expect(segments).toHaveLength(1);
  const path = join(stateDir, String(segments[0]));
  const read = spawnSync(reader, [path], { maxBuffer: MOST_OUTPUT_BYTES });
  if (read.status !== 0) throw new Error(read.stderr.toString());
  return JSON.parse(read.stdout.toString()) as SnapshotData;
}

interface AnySeries {
  readonly value?: number;
  readonly histogram?: { readonly count: number; readonly counts: readonly number[] };
}

function single(snapshot: SnapshotData, name: string): AnySeries {
  return (snapshot.metrics.find((metric) => metric.name === name)?.series[0] ?? {}) as AnySeries;
}

function batches(log: string): number {
  return last(readFileSync(log, 'utf8'), 'confirmed') / 100;
}

/** The last number that was written out whole. */
function last(log: string, word: string): number {
  const lines = log
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith(word));
  return Number(lines.at(-1)?.split(' ')[1] ?? 0);
}
