/** The Nodes that there are: the one that runs, and those that the tests keep below node_modules. */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/nanometer-nodes/', import.meta.url));
const BINARY = `node_modules/node-${process.platform}-${process.arch}/bin/node`;

/** @returns {{ path: string, version: string }[]} The oldest first, one of each major. */
export function nodes() {
  const cached = existsSync(CACHE) ? readdirSync(CACHE) : [];
  const paths = cached.map((major) => `${CACHE}${major}/${BINARY}`).filter(existsSync);
  const found = new Map([[majorOf(process.version), own()]]);
  for (const path of paths) {
    const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim();
    const major = majorOf(version);
    if (!found.has(major)) found.set(major, { path, version });
  }
  return [...found].toSorted(([one], [other]) => one - other).map(([, node]) => node);
}

function own() {
  return { path: process.execPath, version: process.version };
}

function majorOf(version) {
  return Number(version.slice(1).split('.')[0]);
}
