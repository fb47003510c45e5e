/**
 * A process that is killed in mid-increment leaves its segment, and another program reads every
 * value that was confirmed (F40). The reader is Rust: it is skipped by name where cargo is missing.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SnapshotData } from 'nanometer';
import { Fixture } from '../support/fixture';
import { buildReader, hasCargo, lastIn, readSegment, segmentIn } from '../support/segment';
import { describeNative, temporaryDirectory } from '../support/surroundings';

const KILLS = 40;
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
  const attempted = lastIn(written, 'attempted');
  const confirmed = lastIn(written, 'confirmed');
  const snapshot = readSegment<SnapshotData>(reader, segmentIn(stateDir));
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

interface AnySeries {
  readonly value?: number;
  readonly histogram?: { readonly count: number; readonly counts: readonly number[] };
}

function single(snapshot: SnapshotData, name: string): AnySeries {
  return (snapshot.metrics.find((metric) => metric.name === name)?.series[0] ?? {}) as AnySeries;
}

function batches(log: string): number {
  return lastIn(readFileSync(log, 'utf8'), 'confirmed') / 100;
}
