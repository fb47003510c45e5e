/**
 * The Nodes that the package is judged on. The binaries of other majors come out of npm packages,
 * and are kept in a cache below node_modules.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The oldest that is supported, the long-term lines since, and the newest there is. */
export const MAJORS = ['20', '22', '24', 'latest'];

const CACHE = join(__dirname, '../../node_modules/.cache/nanometer-nodes');

/** The path of that Node's executable, or why there is none. */
export function findNode(major: string): { readonly path: string } | { readonly missing: string } {
  if (process.versions.node.startsWith(`${major}.`)) return { path: process.execPath };
  const name = `node-${process.platform}-${process.arch}`;
  const directory = join(CACHE, major);
  const path = join(directory, 'node_modules', name, 'bin/node');
  if (!existsSync(path)) install(`${name}@${major}`, directory);
  return existsSync(path)
    ? { path }
    : { missing: `the npm package ${name}@${major} could not be installed` };
}

/** Makes the directory with the package in it, at once: nobody finds half of it there. */
function install(specification: string, directory: string): void {
  mkdirSync(CACHE, { recursive: true });
  const made = mkdtempSync(join(CACHE, 'new-'));
  // A root of its own, so that npm looks no further up.
  writeFileSync(join(made, 'package.json'), '{ "private": true }\n');
  const options = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
  const install = ['install', ...options, specification];
  const { status } = spawnSync('npm', install, { cwd: made, stdio: 'ignore' });
  try {
    if (status === 0) renameSync(made, directory);
  } catch {
    // Another suite was quicker.
  }
  rmSync(made, { recursive: true, force: true });
}
