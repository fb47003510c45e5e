/** Runs the real command, in a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The file that `bin` names. */
export const MAIN = join(__dirname, '../../dist/cli/main.js');

/** How to run it. */
export interface CommandOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** The user and group to run it as. */
  readonly user?: number;
  /** Is handed the process once it runs. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** What came of it. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What would change what a command prints or finds. */
export const SURROUNDINGS = {
  NO_COLOR: undefined,
  FORCE_COLOR: undefined,
  NANOMETER_DEBUG: undefined,
  NANOMETER_STATE_DIR: undefined,
  NANOMETER_TOKEN: undefined,
  NODE_OPTIONS: undefined,
};

const running = new Set<ChildProcess>();

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** Runs `nanometer` with these arguments to its end. */
export async function nanometer(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Outcome> {
  const { env, cwd, user, onStart } = options;
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, ...SURROUNDINGS, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  onStart?.(child);
  const [code] = (await once(child, 'close')) as [number | null];
  running.delete(child);
  return { code, stdout, stderr };
}

/** Expects that it refused in one line, without a stack, and printed nothing else. */
export function expectOneLine({ stdout, stderr }: Outcome): void {
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^nanometer: [^\n]+\n$/);
}
