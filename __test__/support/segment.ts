/** Segments of processes that are gone, as the Rust reader reads them. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
// Of the whole workspace, like `cargo test --workspace`, which comes before jest: what that has built
// is not built again.
const READER = ['--workspace', '--example', 'read_segment'];
const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;

/** Whether the reader can be built: tests that need it are skipped by name where not. */
export const hasCargo = spawnSync('cargo', ['--version']).status === 0;

/** Builds the reader; the path of its executable. */
export function buildReader(): string {
  const cargo = spawnSync('cargo', ['build', '--message-format=json', ...READER], {
    cwd: ROOT,
    maxBuffer: MOST_OUTPUT_BYTES,
  });
  if (cargo.status !== 0) throw new Error(cargo.stderr.toString());
  const messages = cargo.stdout.toString().trim().split('\n');
  const built = messages.map((line) => JSON.parse(line) as { executable?: string | null });
  return String(built.find(({ executable }) => executable)?.executable);
}

/** The path of the one segment in a state directory. */
export function segmentIn(stateDir: string): string {
  const segments = readdirSync(stateDir).filter((file) => file.endsWith('.nanometer'));
  expect(segments).toHaveLength(1);
  return join(stateDir, String(segments[0]));
}

/** What the reader says of a segment: its snapshot, or, with `--open`, what is open in it. */
export function readSegment<T>(reader: string, path: string, ...flags: '--open'[]): T {
  const read = spawnSync(reader, [...flags, path], { maxBuffer: MOST_OUTPUT_BYTES });
  if (read.status !== 0) throw new Error(read.stderr.toString());
  return JSON.parse(read.stdout.toString()) as T;
}

/** The last number that was written out whole, after that word, to a log. */
export function lastIn(log: string, word: string): number {
  const lines = log
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith(word));
  return Number(lines.at(-1)?.split(' ')[1] ?? 0);
}
