/** Builds the crossing addon when it is not there yet, and loads it. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const binary = join(here, 'build', 'Release', 'crossing.node');

/**
 * The addon's exports, or null with a line on stderr where it cannot be built: the benchmarks then
 * go on without this rival, and say so in their table.
 */
export function loadCrossing() {
  try {
    if (stale()) build();
    return require(binary);
  } catch (error) {
    process.stderr.write(`the C++ rival is left out: ${error.message}\n`);
    return null;
  }
}

function stale() {
  if (!existsSync(binary)) return true;
  const built = statSync(binary).mtimeMs;
  return ['crossing.cc', 'binding.gyp'].some((name) => statSync(join(here, name)).mtimeMs > built);
}

function build() {
  const gyp = require.resolve('node-gyp/bin/node-gyp.js');
  // Headers that came with this Node spare a download; without them node-gyp fetches its own.
  const prefix = dirname(dirname(process.execPath));
  const installed = existsSync(join(prefix, 'include', 'node', 'node_api.h'));
  const args = ['rebuild', '--directory', here, ...(installed ? ['--nodedir', prefix] : [])];
  const { status, stderr } = spawnSync(process.execPath, [gyp, ...args], { encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`node-gyp failed: ${stderr.trim().split('\n').slice(-8).join('\n')}`);
}
