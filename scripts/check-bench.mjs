/**
 * Whether `nanometer bench` can be trusted with a verdict: saves a baseline of an example, then runs
 * it again 20 times unchanged, which must never be a regression, and 20 times with a component that
 * has become slower, which must always be one.
 */
import { execFile } from 'node:child_process';
import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './tools.mjs';

const CLI = join(ROOT, 'dist', 'cli', 'main.js');
const UNCHANGED = join(ROOT, 'examples', 'bench', 'ndjson.mjs');
const SLOWER = join(ROOT, '__test__', 'bench', 'fixtures', 'slower-ndjson.mjs');
const TIMES = 20;
const SHORT = '--duration 480ms --warmup 100ms --round 40ms --levels production'.split(' ');
const THRESHOLD = '--compare before --threshold throughput=-20%'.split(' ');
const FINE = 0;
const REGRESSION = 1;

const cwd = mkdtempSync(join(tmpdir(), 'nanometer-bench-'));

/** Resolves to the exit code, and what was said. */
function bench(pipeline, options) {
  return new Promise((resolve) => {
    const line = [CLI, 'bench', pipeline, ...SHORT, ...options];
    execFile(process.execPath, line, { cwd }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? FINE, said: stdout + stderr }),
    );
  });
}

/** Runs it again and again; how often it ended as it should. */
async function count(name, pipeline, wanted) {
  let right = 0;
  for (let time = 0; time < TIMES; time += 1) {
    const { code, said } = await bench(pipeline, THRESHOLD);
    if (code === wanted) right += 1;
    else console.log(`${name}: ended with ${code} instead of ${wanted}\n${said}`);
  }
  console.log(`${name}: ended with ${wanted}, ${right} times out of ${TIMES}`);
  return right === TIMES;
}

const saved = await bench(UNCHANGED, ['--baseline', 'before', '--duration', '2s']);
if (saved.code !== FINE) throw new Error(`no baseline was saved: ${saved.said}`);
const isFine = await count('unchanged', UNCHANGED, FINE);
const isCaught = await count('slower', SLOWER, REGRESSION);
rmSync(cwd, { recursive: true });
if (!isFine || !isCaught) process.exitCode = 1;
