/** Where segment and socket go when nobody says where. */
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Environment } from './environment';

/** Where Linux has a file system in memory. */
const SHARED_MEMORY = '/dev/shm';

/**
 * In memory where the system has a place for that: the kernel makes a store to a mapped page wait
 * while that page is being written to a disk, which is how the JVM's statistics file came to stop
 * programs.
 *
 * One name and no folder between: the owner of the memory makes it with nobody else's access, or
 * refuses what it finds there, and can only do so for the last part of a path. Short, because a
 * socket's path has at most 107 bytes.
 */
export function privateDirectory(service: string, environment: Environment): string {
  const name = service.replaceAll(/[^\w-]/g, '_').slice(0, 32);
  const runtime = environment.XDG_RUNTIME_DIR;
  if (runtime) return join(resolve(runtime), `nanometer-${name}`);
  const base = isWritable(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir();
  return join(base, `nanometer-${process.getuid?.() ?? 'user'}-${name}`);
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
