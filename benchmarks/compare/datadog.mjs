/**
 * dd-trace, which is no dependency: it would bring 100 MB to the 250 that all others take, and be
 * installed by everyone who runs the tests. The first benchmark that needs it puts it into a cache
 * below `node_modules`, as the tests do with other Nodes; without a registry its rows are left out.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const PACKAGE = 'dd-trace';
const VERSION = '6.21.0';
const CACHE = fileURLToPath(
  new URL('../../node_modules/.cache/nanometer-rivals/', import.meta.url),
);
const OPTIONS = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--fetch-retries=0'];
// What a program would turn off to have traces and nothing else. There is no agent to ask.
const TRACES_ONLY = {
  service: 'bench',
  startupLogs: false,
  telemetry: { enabled: false },
  remoteConfig: { enabled: false },
  runtimeMetrics: false,
  profiling: false,
};

/**
 * The tracer of dd-trace, begun, with its exporter's one method replaced by one that counts spans and
 * drops them: what it does without an agent is to encode them and fail to send.
 *
 * @param {object} [options] More for its `init()`.
 * @returns {{ tracer: any, exported: () => number } | null} Null where it cannot be installed.
 */
export function datadog(options = {}) {
  if (!isInstalled() && !install()) return null;
  const require = createRequire(`${CACHE}package.json`);
  const tracer = require(PACKAGE).init({ ...TRACES_ONLY, ...options });
  let exported = 0;
  // Its own name for it; a version in which it is another one must not pass for a quick one.
  const exporter = tracer._tracer?._exporter;
  if (typeof exporter?.export !== 'function') throw new Error(`${PACKAGE} has no exporter`);
  exporter.export = (spans) => (exported += spans.length);
  return { tracer, exported: () => exported };
}

function isInstalled() {
  return existsSync(`${CACHE}node_modules/${PACKAGE}/package.json`);
}

function install() {
  mkdirSync(CACHE, { recursive: true });
  // A root of its own, so that npm looks no further up.
  writeFileSync(`${CACHE}package.json`, '{ "private": true }\n');
  spawnSync('npm', ['install', ...OPTIONS, `${PACKAGE}@${VERSION}`], {
    cwd: CACHE,
    stdio: 'ignore',
  });
  return isInstalled();
}
