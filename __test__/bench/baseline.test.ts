/** Baselines: files that are kept whole, or not at all. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { baselineNames, readBaseline, saveBaseline } from '../../dist/bench/baseline/store';
import { reportOf } from '../../dist/bench/figures/report-of';
import { jsonOf } from '../../dist/bench/render/json';
import type { Report } from '../../dist/bench/report';
import { mountDisk } from '../support/disk';
import { temporaryDirectory } from '../support/surroundings';
import { inTurn, measuredOf, PLAN } from './figures-made-up';

const report = reportOf(measuredOf(inTurn(12, PLAN.variants, () => 1e4)));

let project: string;
beforeEach(() => (project = temporaryDirectory()));

/** An error of the package. */
const failing = (message: string, code = 'NANOMETER_BASELINE'): Error =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

test('what is saved is read again, by its name and by its path', () => {
  const file = saveBaseline(project, 'main', report);
  expect(file).toBe(join(project, '.nanometer', 'baselines', 'main.json'));
  expect(readBaseline(project, 'main')).toEqual(report);
  expect(readBaseline(project, file)).toEqual(report);
  expect(readBaseline(project, '.nanometer/baselines/main.json')).toEqual(report);
});

test('what the command prints as JSON is a baseline too', () => {
  writeFileSync(join(project, 'out.json'), jsonOf(report, null));
  expect(readBaseline(project, 'out.json')).toEqual(report);
});

test('a name is taken again, and nothing is left beside it', () => {
  saveBaseline(project, 'main', report);
  saveBaseline(project, 'v1.2_x-3', report);
  saveBaseline(project, 'main', { ...report, startedAt: '2026-12-01T00:00:00.000Z' });
  expect(readBaseline(project, 'main').startedAt).toBe('2026-12-01T00:00:00.000Z');
  expect(readdirSync(join(project, '.nanometer', 'baselines')).sort()).toEqual([
    'main.json',
    'v1.2_x-3.json',
  ]);
  expect(baselineNames(project)).toEqual(['main', 'v1.2_x-3']);
});

test.each(['', '.', '..', '../x', 'a b', 'é', 'a\0', 'x'.repeat(101)])(
  'the name %j is refused',
  (name) => {
    expect(() => saveBaseline(project, name, report)).toThrow(
      failing('is no name of a baseline: give 1 to 100 of A-Z', 'NANOMETER_INVALID_OPTION'),
    );
    expect(readdirSync(project)).toEqual([]);
  },
);

test('where a baseline is not there, those that are there are named', () => {
  expect(() => readBaseline(project, 'main')).toThrow(
    failing('there is none yet: save one with --baseline'),
  );
  saveBaseline(project, 'main', report);
  expect(() => readBaseline(project, 'mian')).toThrow(failing('there are main'));
});

test.each<[string, (project: string) => void, string]>([
  [
    'a file in place of the folder',
    (at) => writeFileSync(join(at, '.nanometer'), ''),
    'move it away',
  ],
  [
    'a folder in place of the file',
    (at) => mkdirSync(join(at, '.nanometer/baselines/main.json'), { recursive: true }),
    'move it away (EISDIR)',
  ],
])('%s is told, and nothing is left', (_, obstruct, message) => {
  obstruct(project);
  expect(() => saveBaseline(project, 'main', report)).toThrow(failing(message));
  expect(
    readdirSync(project, { recursive: true }).filter((file) => `${file}`.endsWith('.tmp')),
  ).toEqual([]);
});

describe('on a disk of its own', () => {
  const { path: disk, test: testMounted, reason, remount } = mountDisk(64);

  testMounted(`a full one is told, and the baseline before is kept${reason}`, () => {
    const small = { ...report, levels: [], latency: { ...report.latency, distribution: null! } };
    saveBaseline(disk, 'main', small);
    writeFileSync(join(disk, 'filling'), Buffer.alloc(40 * 1024));
    expect(() => saveBaseline(disk, 'main', report)).toThrow(
      failing('the disk is full: make room (ENOSPC)'),
    );
    expect(readBaseline(disk, 'main')).toEqual(small);
    expect(readdirSync(join(disk, '.nanometer/baselines'))).toEqual(['main.json']);
  });

  testMounted(`a read-only one is told${reason}`, () => {
    expect(remount('ro')).toBe(true);
    expect(() => saveBaseline(disk, 'main', report)).toThrow(
      failing('the file system is read-only: run it in a folder that can be written (EROFS)'),
    );
  });
});

test.each<[string, string | object, string]>([
  ['no JSON', '{', 'is no JSON: save it again with --baseline'],
  ['half a report', JSON.stringify(report).slice(0, 500), 'is no JSON'],
  ['nothing', 'null', 'is no report of the bench'],
  ['something else', { name: 'x' }, 'is no report of the bench: its format is undefined'],
  [
    'a report to come',
    { ...report, format: 'nanometer.bench/2' },
    'is of another version, "nanometer.bench/2"; this one reads "nanometer.bench/1"',
  ],
  ['a report without levels', { ...report, levels: undefined }, 'is damaged: levels is not there'],
  [
    'a report without samples',
    { ...report, levels: [{ variant: 'off' }] },
    'is damaged: levels[].samples.elementsPerSecond',
  ],
  [
    'a report of words',
    { ...report, noise: { referenceNs: '1' } },
    'is damaged: noise.referenceNs',
  ],
])('%s is refused with one error', (_, content, message) => {
  const file = join(project, 'b.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  expect(() => readBaseline(project, 'b.json')).toThrow(failing(message));
});

test('any part of a report that is missing is refused or not missed', () => {
  const whole: Report = JSON.parse(readFileSync(saveBaseline(project, 'main', report), 'utf8'));
  for (const key of Object.keys(whole) as (keyof Report)[]) {
    writeFileSync(join(project, 'part.json'), JSON.stringify({ ...whole, [key]: undefined }));
    const read = (): unknown => readBaseline(project, 'part.json');
    try {
      read();
    } catch (error) {
      expect(error).toMatchObject({ code: 'NANOMETER_BASELINE' });
    }
  }
});
