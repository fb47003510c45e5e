/**
 * The foreign judges of our output that are no npm or cargo packages: which of them are missing
 * here, and how to install them. The list is the tests' own.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './tools.mjs';

const JUDGES = JSON.parse(readFileSync(join(ROOT, '__test__/conformance/judges.json'), 'utf8'));

/** One line for each judge that is not installed. */
export function missingJudges() {
  return Object.entries(JUDGES)
    .filter(([, judge]) => !starts(judge.probe))
    .map(([name, judge]) => `${name} is not installed (${judge.install})`);
}

function starts([file, ...args]) {
  return spawnSync(file, args, { cwd: ROOT, stdio: 'ignore' }).status === 0;
}
