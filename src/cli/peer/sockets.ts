/** Where inspection sockets of this machine's processes are. */
import { lstatSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SOCKET_NAME = 'nanometer.sock';
/** Of the directories that `open()` makes where it is told none: see `privateDirectory()`. */
const PREFIX = 'nanometer-';
/** Service, process, and when it began. */
const SEGMENT_NAME = /-(\d+)-\d+\.nanometer$/;

/**
 * Paths where a process may have put its socket: in the directory that the environment names, and
 * in those that are chosen where it names none, of all users.
 */
export function socketPaths(environment: NodeJS.ProcessEnv): string[] {
  const { NANOMETER_STATE_DIR, XDG_RUNTIME_DIR } = environment;
  const bases = [XDG_RUNTIME_DIR, '/dev/shm', tmpdir()].filter((base) => base !== undefined);
  const named = NANOMETER_STATE_DIR ? [resolve(NANOMETER_STATE_DIR)] : [];
  const directories = new Set([...named, ...bases.flatMap(stateDirectories)]);
  return [...directories].map((directory) => join(directory, SOCKET_NAME)).filter(mayBeThere);
}

function stateDirectories(base: string): string[] {
  try {
    const names = readdirSync(base).filter((name) => name.startsWith(PREFIX));
    return names.sort().map((name) => join(base, name));
  } catch {
    // Not there, or not to be read: no directory of ours can be found in it.
    return [];
  }
}

/** A directory that may not be entered may have one. */
function mayBeThere(path: string): boolean {
  try {
    return lstatSync(path).isSocket();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

/** The directory among these in which a process with that id records. */
export function segmentDirectoryOf(
  pid: number,
  directories: readonly string[],
): string | undefined {
  return directories.find((directory) => {
    try {
      return readdirSync(directory).some((name) => SEGMENT_NAME.exec(name)?.[1] === String(pid));
    } catch {
      return false;
    }
  });
}
