/** What a bench shows in a terminal, and what Ctrl-C does there. A terminal is Python's to make. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { MAIN, SURROUNDINGS } from './command';

const hasPython = spawnSync('python3', ['--version']).status === 0;
const test = hasPython || process.env.NANOMETER_REQUIRE_JUDGES === '1' ? it : it.skip;
const project = mkdtempSync(join(tmpdir(), 'bench-terminal-'));

afterAll(() => {
  rmSync(project, { recursive: true });
});

/** Runs a bench, and presses Ctrl-C when each of these texts has been shown. */
async function inTerminal(texts: readonly string[], args: readonly string[], env = {}) {
  const words = join(__dirname, 'pipelines', args[0]!);
  const { stdout } = await promisify(execFile)(
    'python3',
    [
      ...[join(__dirname, 'terminal.py'), texts.join(','), process.execPath, MAIN, 'bench'],
      ...[words, '--warmup', '0s', '--levels', 'production', ...args.slice(1)],
    ],
    { cwd: project, env: { ...process.env, ...SURROUNDINGS, TERM: 'xterm', ...env } },
  );
  return JSON.parse(stdout) as { readonly shown: string; readonly code: number };
}

describe('nanometer bench in a terminal (needs python3, to make one)', () => {
  test('draws rate and p99 over themselves, and gives the report so far at Ctrl-C', async () => {
    const long = ['--duration', '10m', '--round', '100ms'];
    const { shown, code } = await inTerminal(['/s'], ['words.mjs', ...long]);
    expect(code).toBe(0);
    expect(shown).toContain('\u001b[3A');
    const plain = stripVTControlCharacters(shown);
    expect(plain).toMatch(/rate\s+[▁▂▃▄▅▆▇█]+\s+[\d.]+[kM]?\/s/);
    expect(plain).toMatch(/p99\s+[▁▂▃▄▅▆▇█ ]+\s+[\d.]+ (ns|µs|ms|s)/);
    expect(shown).toMatch(/\d+\.\d s left/);
    const report = shown.slice(shown.indexOf('stopping'));
    expect(report).toContain('Throughput');
    expect(report).toContain('interrupted');
    expect(report).not.toContain('s left');
  });

  test('saves no baseline of an interrupted run, and ends with 3 because one was wanted', async () => {
    const args = ['words.mjs', '--duration', '10m', '--round', '100ms', '--baseline', 'half'];
    const { shown, code } = await inTerminal(['/s'], args, { NO_COLOR: '1' });
    expect(code).toBe(3);
    expect(shown).toContain('no baseline was saved');
    expect(shown).toContain('Throughput');
    expect(shown).not.toContain('\u001b[36m');
    expect(readdirSync(project)).toEqual([]);
  });

  test('ends at once at the second Ctrl-C', async () => {
    const texts = ['measuring production', 'stopping'];
    const { shown, code } = await inTerminal(texts, ['stuck.mjs', '--hang', '10m']);
    expect(code).toBe(130);
    expect(shown).not.toContain('Throughput');
  });
});
