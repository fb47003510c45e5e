/**
 * Builds a real OpenTelemetry Collector (OTLP in; debug, file, Prometheus and OTLP out) of the parts
 * in `manifest.yaml`, in the versions of `go.sum`, and prints where it is.
 *
 * It is built once, into `node_modules/.cache`: the second call finds it, and one that comes while
 * another builds waits for that one, as long as it lives. Needs Go 1.25 or newer and the Go module
 * proxy; on two cores it takes about 75 s the first time. Without Go it ends with 2 and says so.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const RECIPE = ['manifest.yaml', 'go.mod', 'go.sum'];
const BUILDER = 'go.opentelemetry.io/collector/cmd/builder@v0.155.0';
const LEAST_GO = [1, 25];
const LOOK_AGAIN_MS = 500;

const cache = join(HERE, '../../node_modules/.cache/nanometer-collector');
const binary = join(cache, `otelcol-${recipeHash()}`);
const lock = `${binary}.lock`;

if (!existsSync(binary)) {
  if (!hasGo()) {
    console.error(`Go ${LEAST_GO.join('.')} or newer is not installed`);
    process.exit(2);
  }
  mkdirSync(cache, { recursive: true });
  while (!takeLock()) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  try {
    if (!existsSync(binary)) build();
  } finally {
    rmSync(lock, { force: true });
  }
}
console.log(binary);

/** The recipe that a binary is of: another recipe, another binary. */
function recipeHash() {
  const hash = createHash('sha256');
  for (const file of RECIPE) hash.update(readFileSync(join(HERE, file)));
  return hash.digest('hex').slice(0, 12);
}

function hasGo() {
  const { status, stdout } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
  return status === 0 && (major > LEAST_GO[0] || (+major === LEAST_GO[0] && minor >= LEAST_GO[1]));
}

/** Whether the build is ours now: nobody else who is alive has it. */
function takeLock() {
  try {
    writeFileSync(lock, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!isAlive(holder())) rmSync(lock, { force: true });
    return false;
  }
}

/** Who builds; 0, which is always alive, where that is just changing. */
function holder() {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function build() {
  const work = mkdtempSync(join(tmpdir(), 'nanometer-collector-'));
  try {
    copyFileSync(join(HERE, 'manifest.yaml'), join(work, 'manifest.yaml'));
    go(
      ['run', BUILDER, '--config=manifest.yaml', '--skip-get-modules', '--skip-compilation'],
      work,
    );
    const sources = join(work, '_build');
    for (const file of ['go.mod', 'go.sum']) copyFileSync(join(HERE, file), join(sources, file));
    const out = join(work, 'otelcol');
    go(['build', '-mod=readonly', '-trimpath', '-ldflags=-s -w', '-o', out, '.'], sources);
    copyFileSync(out, `${binary}.new`);
    // At once, so that nobody runs half of it.
    renameSync(`${binary}.new`, binary);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function go(args, cwd) {
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-p=2 -buildvcs=false' };
  // Its output is ours only where something goes wrong: ours is the path.
  const { status, stderr } = spawnSync('go', args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`go ${args[0]} failed: ${stderr}`);
}
