/** Small disks, mounted in memory, that go with the process that mounted them, however it ends. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './surroundings';

/** A disk; without the right to mount one, a folder. */
export interface Disk {
  readonly path: string;
  /** `test`, and where nothing could be mounted `test.skip`. */
  readonly test: jest.It;
  /** For the name of a test: why it is skipped, if it is. */
  readonly reason: string;
  /** Whether it could be made read-only, or writable again. */
  readonly remount: (how: 'ro' | 'rw') => boolean;
}

/**
 * Mounts one of that size, until the `describe` around is over. Not for the top level of a file.
 *
 * @param isUsed - false where that `describe` is skipped: it is run all the same, but no hook of it
 */
export function mountDisk(kibibytes: number, isUsed = true): Disk {
  const path = join(temporaryDirectory(), 'disk');
  mkdirSync(path);
  const options = `size=${kibibytes}k,mode=0700`;
  const isMounted = isUsed && mount('-t', 'tmpfs', '-o', options, 'tmpfs', path);
  if (isMounted) unmountAtTheEnd(path);
  return {
    path,
    test: isMounted ? test : test.skip,
    reason: isMounted ? '' : ' (no tmpfs can be mounted here: run as root)',
    remount: (how) => mount('-o', `remount,${how}`, path),
  };
}

function mount(...args: string[]): boolean {
  return spawnSync('mount', args).status === 0;
}

/** Who is killed runs no hooks, but closes its pipes: another process waits for that. */
function unmountAtTheEnd(path: string): void {
  const script = 'cat > /dev/null; umount --lazy "$1"';
  const guard = spawn('sh', ['-c', script, 'sh', path], {
    // A signal to the group of the tests is not for it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  const ended = once(guard, 'exit');
  afterAll(async () => {
    guard.stdin.end();
    await ended;
  });
}
