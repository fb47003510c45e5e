/** What a test stands in: the backend under judgement, and directories that go when it is over. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The backend that this run of the suite judges. */
export const BACKEND = process.env['NANOMETER_BACKEND'] ?? 'native';

/** Tests that only the native backend can pass, skipped by name on the other. */
export const describeNative = BACKEND === 'native' ? describe : describe.skip;

const directories: string[] = [];

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** A fresh private directory, removed when the test file is over. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'nanometer-test-'));
  directories.push(directory);
  return directory;
}

/** Waits until `probe` says true, looking again whenever the loop is free; for what tells nobody. */
export async function until(what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
  const limitMs = 20_000;
  const started = performance.now();
  while (!(await probe())) {
    if (performance.now() - started > limitMs) throw new Error(`${what}: not in ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
