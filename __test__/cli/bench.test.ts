/** `nanometer bench`: what it prints and keeps, where, and what it ends with. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOneLine, nanometer } from './command';

const FULL_DISK = '/dev/full';
const SHORT = [
  '--duration',
  '600ms',
  '--warmup',
  '0s',
  '--round',
  '100ms',
  '--levels',
  'production',
];
const project = mkdtempSync(join(tmpdir(), 'bench-cli-'));

function pipeline(name: string): string {
  return join(__dirname, 'pipelines', name);
}

function bench(args: readonly string[], env = {}, cwd = project) {
  return nanometer(['bench', pipeline('words.mjs'), ...SHORT, ...args], { cwd, env });
}

afterAll(() => {
  rmSync(project, { recursive: true });
});

describe('nanometer bench', () => {
  it('prints JSON and nothing else to standard output, and keeps the same as a baseline', async () => {
    const { code, stdout, stderr } = await bench(['--json', '--baseline', 'main']);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      format: 'nanometer.bench/1',
      outcome: 'complete',
      pipeline: { components: ['split', 'spin', 'join'] },
      load: { durationMs: 600, warmupMs: 0, roundMs: 100, rounds: 6, seed: 1, concurrency: 1 },
    });
    const file = join(project, '.nanometer/baselines/main.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(report);
    expect(stderr).toContain(file);
    expect(stderr).not.toContain('\u001b');
  });

  it('ends with 1 and names the figures that regressed', async () => {
    const args = [
      '--compare',
      'main',
      '--threshold',
      'throughput=-50%',
      '--report-format',
      'markdown',
    ];
    const { code, stdout, stderr } = await bench(args, { SLOWER_US: '20000' });
    expect(stderr).toMatch(/^nanometer: throughput regressed by -(9\d|100)(\.\d)?%/m);
    expect(stdout).toContain('Compared with main');
    expect(code).toBe(1);
  });

  it('writes a page to a file, and ends with 0 where a threshold is kept', async () => {
    const file = join(project, 'report.html');
    const page = ['--report-format', 'html', '--out', file];
    const { code, stdout, stderr } = await bench([...page, '--compare', 'main']);
    expect(code).toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain(`wrote the report to ${file}`);
    expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>/i);
  });

  it('prints the report all the same where neither it nor the baseline can be written', async () => {
    const folder = mkdtempSync(join(project, 'blocked-'));
    writeFileSync(join(folder, '.nanometer'), 'in the way');
    const out = existsSync(FULL_DISK) ? FULL_DISK : join(folder, 'none', 'report.txt');
    const { code, stdout, stderr } = await bench(['--out', out, '--baseline', 'main'], {}, folder);
    expect(code).toBe(3);
    expect(stdout).toContain('Throughput');
    const errors = stderr.split('\n').filter((line) => line.includes('cannot be'));
    expect(errors).toEqual([
      expect.stringContaining(`the report cannot be written to ${out}`),
      expect.stringContaining('the baseline "main" cannot be saved'),
    ]);
  });

  it('ends with 3 and names the component where every element fails', async () => {
    const outcome = await nanometer(['bench', pipeline('broken.mjs'), ...SHORT]);
    expect(outcome.code).toBe(3);
    expect(outcome.stdout).toBe('');
    expect(outcome.stderr).toContain('broken');
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
  });

  it.each([
    [['none.mjs'], 'none.mjs does not exist'],
    [[pipeline('words.mjs'), '--compare', 'none'], 'there is no baseline "none"'],
    [[pipeline('words.mjs'), '--compare', 'main', '--threshold', 'p98=+1%'], 'p99'],
    [[pipeline('words.mjs'), '--threshold', 'p99=+1%'], '--compare'],
    [[pipeline('words.mjs'), '--input', 'none.txt'], '--input none.txt: there is no such file'],
    [[pipeline('words.mjs'), '--input', project], 'is no file'],
    [[pipeline('words.mjs'), '--input-as', 'bytes'], '--input FILE'],
    [[pipeline('words.mjs'), '--duration', '700ms'], '750ms'],
    [[pipeline('words.mjs'), '--baseline', '../x'], 'A-Z'],
  ])('refuses %p before anything runs', async (args, expected) => {
    const outcome = await nanometer(['bench', ...args], { cwd: project });
    expect(outcome.code).toBe(2);
    expectOneLine(outcome);
    expect(outcome.stderr).toContain(expected);
  });
});
