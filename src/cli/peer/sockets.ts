/** Where inspection sockets of this machine's processes are. */
import { lstatSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SOCKET_NAME = 'nanometer.sock';
/** Of the directories that `open()` makes where it is told none: see `privateDirectory()`. */
const PREFIX = 'nanometer-';
/** Where systemd makes a directory for each user. */
const USERS = '/run/user';
/** Service, process, and when it began. */
const SEGMENT_NAME = /-(\d+)-\d+\.nanometer$/;

/**
 * Paths where a process may have put its socket: in the directory that the environment names, and
 * in those that are chosen where it names none, of all users.
 */
export function socketPaths(environment: NodeJS.ProcessEnv): string[] {
  const { NANOMETER_STATE_DIR, XDG_RUNTIME_DIR } = environment;
  const bases = [XDG_RUNTIME_DIR, ...runtimeDirectories(), '/dev/shm', tmpdir()].filter(
    (base) => base !== undefined,
  );
  const named = NANOMETER_STATE_DIR ? [resolve(NANOMETER_STATE_DIR)] : [];
  const directories = new Set([...named, ...bases.flatMap(stateDirectories)]);
  return [...directories].map((directory) => join(directory, SOCKET_NAME)).filter(mayBeThere);
}

/** What `XDG_RUNTIME_DIR` is for each user who is there, where systemd says it. */
function runtimeDirectories(): string[] {
  return namesIn(USERS).map((user) => join(USERS, user));
}

function stateDirectories(base: string): string[] {
  const names = namesIn(base).filter((name) => name.startsWith(PREFIX));
  return names.map((name) => join(base, name));
}

/** Sorted; none where it is not there, or not to be read. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
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
  return directories.find((directory) =>
    namesIn(directory).some((name) => SEGMENT_NAME.exec(name)?.[1] === String(pid)),
  );
}
