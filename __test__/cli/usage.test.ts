/** The command line itself: its help, its exit codes, and what it says to who mistypes. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectOneLine, MAIN, nanometer } from './command';

const ROOT = join(__dirname, '../..');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

describe('nanometer', () => {
  it('is the bin of the package, for Node', () => {
    const file = join(ROOT, manifest.bin.nanometer);
    accessSync(file, constants.R_OK);
    expect(file).toBe(MAIN);
    expect(readFileSync(file, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('lists its commands and exit codes', async () => {
    const { code, stdout } = await nanometer(['help']);
    expect(code).toBe(0);
    for (const text of ['bench', 'metrics', 'level', 'help']) {
      expect(stdout).toMatch(new RegExp(`^  ${text}\\b`, 'm'));
    }
    for (const exitCode of ['0  fine', '1  regression', '2  usage', '3  failed']) {
      expect(stdout).toContain(exitCode);
    }
  });

  it('says its version', async () => {
    expect((await nanometer(['--version'])).stdout).toBe(`${manifest.version}\n`);
  });

  it('loads neither the native binary nor a command for its help', () => {
    const script = `process.on('exit', () => console.error(JSON.stringify(Object.keys(require.cache))));
      process.argv.splice(1, 0, ''); process.argv[2] = 'help'; require(${JSON.stringify(MAIN)});`;
    const { stderr } = spawnSync(process.execPath, ['-e', script, 'help'], { encoding: 'utf8' });
    const loaded = JSON.parse(stderr) as string[];
    expect(loaded).toContain(MAIN);
    expect(loaded.filter((file) => /\.node$|native|dist\/(open|index)\.js$/.test(file))).toEqual(
      [],
    );
    expect(loaded.filter((file) => /cli\/(bench\/bench|metrics|level)/.test(file))).toEqual([]);
  });

  it.each([
    [['benhc'], 'Did you mean bench?'],
    [['bench'], 'PIPELINE'],
    [['bench', 'a', 'b'], 'too many arguments'],
    [['bench', 'a', '--duraton', '1s'], 'Did you mean --duration?'],
    [['bench', 'a', '--duration', '10'], '500ms, 10s, 2m'],
    [['bench', 'a', '--duration', '0s'], 'longer than nothing'],
    [['bench', 'a', '--warmup', '-1s'], '500ms, 10s, 2m'],
    [['bench', 'a', '--workers', '0'], 'from 1 to 256'],
    [['bench', 'a', '--concurrency', '1.5'], 'from 1 to'],
    [['bench', 'a', '--rate', '0'], 'above 0'],
    [['bench', 'a', '--rate', 'Infinity'], 'above 0'],
    [['bench', 'a', '--levels', 'off,loud'], '"loud" is none of off, production, diagnostic'],
    [['bench', 'a', '--levels', 'off,off'], 'once'],
    [['bench', 'a', '--report-format', 'pdf'], 'table, markdown, json, html'],
    [['bench', 'a', '--json', '--report-format', 'html'], '--json'],
    [['bench', 'a', '--self'], 'leave a out'],
    [['bench', '--self', '--input', 'a'], '--input'],
    [['metrics', '--pid', 'x'], 'whole number'],
    [['metrics', 'hits', '--prometheus'], 'leave the names out'],
  ])('refuses %p in one line, with what is accepted', async (args, expected) => {
    const outcome = await nanometer(args);
    expect(outcome.code).toBe(2);
    expectOneLine(outcome);
    expect(outcome.stderr).toContain(expected);
  });

  it('shows where an error comes from to who asks for it', async () => {
    const { code, stderr } = await nanometer(['metrics', '--socket', '/nowhere', '--verbose']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^\s+at /m);
  });
});
