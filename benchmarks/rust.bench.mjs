/**
 * What do an increment and an observation cost in Rust? Runs `crates/core/benches/native_lane.rs`
 * (criterion) and takes its estimates over, so that they stand beside those of JavaScript.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine } from './harness/machine.mjs';
import { OPERATIONS } from './harness/race.mjs';
import { digits, keep, percent, print } from './harness/report.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const GROUPS = ['counter', 'histogram'];

const where = machine();
const targetDir = target();
if (targetDir === null) {
  process.stdout.write('\nRust: left out, cargo is not installed\n');
} else {
  run();
  const rows = GROUPS.flatMap((group) => estimates(join(targetDir, 'criterion', group), group));
  for (const group of GROUPS) {
    print(
      `Rust: ${group} (ns a call)`,
      ['', 'ns', 'noise'],
      rows
        .filter((row) => row.group === group)
        .map(({ name, ns, spread }) => [name, digits(ns), percent(spread)]),
    );
  }
  keep('rust', { question: 'rust', machine: where, rows });
}

/** Where cargo builds, or null where there is no cargo. */
function target() {
  const args = ['metadata', '--format-version=1', '--no-deps'];
  const { status, stdout } = spawnSync('cargo', args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return status === 0 ? JSON.parse(stdout).target_directory : null;
}

function run() {
  const args = ['bench', '-p', 'nanometer-core', '--bench', 'native_lane'];
  for (const group of GROUPS) {
    rmSync(join(targetDir, 'criterion', group), { recursive: true, force: true });
  }
  const { status, stderr } = spawnSync('cargo', args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`cargo bench ended with ${status}:\n${stderr}`);
}

/** Criterion's estimates of a group, fastest first. */
function estimates(directory, group) {
  return readdirSync(directory)
    .filter((name) => name !== 'report')
    .map((name) => {
      const read = (file) => JSON.parse(readFileSync(join(directory, name, 'new', file), 'utf8'));
      const { median, median_abs_dev: deviation } = read('estimates.json');
      return {
        name: read('benchmark.json').value_str ?? read('benchmark.json').function_id,
        group,
        ns: median.point_estimate / OPERATIONS,
        spread: deviation.point_estimate / median.point_estimate,
      };
    })
    .sort((one, other) => one.ns - other.ns);
}
