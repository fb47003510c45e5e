/**
 * The Nodes that the package is judged on. The binaries of other majors come out of npm packages,
 * and are kept in a cache below node_modules.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
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

function install(specification: string, directory: string): void {
  mkdirSync(directory, { recursive: true });
  // A root of its own, so that npm looks no further up.
  writeFileSync(join(directory, 'package.json'), '{ "private": true }\n');
  const options = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
  spawnSync('npm', ['install', ...options, specification], { cwd: directory, stdio: 'ignore' });
}
