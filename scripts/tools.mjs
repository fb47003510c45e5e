/**
 * Finds the tools that the scripts drive, and starts them.
 *
 * Nothing here knows what a tool is used for.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const require = createRequire(join(ROOT, 'package.json'));

/** True when a command of that name starts and says its version. */
export function hasCommand(name, versionFlag = '--version') {
  return spawnSync(name, [versionFlag], { cwd: ROOT, stdio: 'ignore' }).status === 0;
}

/**
 * The command line that runs the executable of an installed npm package with this Node.
 *
 * @throws Error where the package is not installed.
 */
export function npmTool(packageName, executable = packageName) {
  const manifestPath = require.resolve(`${packageName}/package.json`);
  const { bin } = require(manifestPath);
  const relative = typeof bin === 'string' ? bin : bin[executable];
  return [process.execPath, join(dirname(manifestPath), relative)];
}

/**
 * Runs a command in the root of the repository and shows what it prints: as it comes, or, where
 * `isHeld`, when it has ended.
 *
 * `onOutput` is handed the standard output as it comes, too. Resolves to the exit code; a command
 * that was ended by a signal, or could not be started, counts as 1.
 */
export function run(command, { env = {}, onOutput, isHeld = false } = {}) {
  const [file, ...args] = command;
  const held = [];
  return new Promise((done) => {
    const child = spawn(file, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', onOutput || isHeld ? 'pipe' : 'inherit', isHeld ? 'pipe' : 'inherit'],
    });
    child.stdout?.on('data', (chunk) => {
      if (isHeld) held.push(chunk);
      else process.stdout.write(chunk);
      onOutput?.(chunk.toString());
    });
    child.stderr?.on('data', (chunk) => held.push(chunk));
    child.on('error', (error) => {
      console.error(`cannot start ${file}: ${error.message}`);
      done(1);
    });
    child.on('close', (code) => {
      process.stdout.write(Buffer.concat(held));
      done(code ?? 1);
    });
  });
}
