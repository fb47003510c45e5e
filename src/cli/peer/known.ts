/** What is told of the processes that were found, and of why none of them fits. */
import { dirname } from 'node:path';
import { CommandError } from '../command-error';
import type { PeerOptions } from './options';
import type { Obstacle, Peer, PeerError } from './peer';
import { segmentDirectoryOf } from './sockets';

/** A process that answered. */
export interface Known {
  readonly peer: Peer;
  readonly service: string;
  readonly pid: number;
}

/** What came of looking for processes. */
export interface Search {
  readonly known: readonly Known[];
  readonly obstacles: readonly PeerError[];
  /** Of the sockets. */
  readonly paths: readonly string[];
}

/** A socket that may not be asked tells more than one that was left behind. */
const TELLING: readonly Obstacle[] = ['forbidden', 'unwell', 'dead', 'missing'];

/** Processes in one line. */
export function list(known: readonly Known[]): string {
  return known.map(describe).join(', ');
}

/** A process in a few words. */
export function describe({ service, pid }: Known): string {
  return `${service} (pid ${pid})`;
}

/** Why no process fits, in one line. */
export function nobody({ service, pid }: PeerOptions, search: Search): CommandError {
  const { known, obstacles, paths } = search;
  const directory = pid === undefined ? undefined : segmentDirectoryOf(pid, paths.map(dirname));
  if (pid !== undefined && directory !== undefined) {
    return CommandError.failed(`process ${pid} ${fateOf(pid)}; it recorded in ${directory}`);
  }
  const who = ['no process', ...wantedOf(service, pid), 'answers'].join(' ');
  const own = obstacles.filter(({ message }) => service !== undefined && message.includes(service));
  if (known.length > 0 && own.length === 0) {
    return CommandError.failed(`${who}; there is ${list(known)}`);
  }
  const [first, ...others] = (own.length > 0 ? own : obstacles).toSorted(
    (a, b) => TELLING.indexOf(a.obstacle) - TELLING.indexOf(b.obstacle),
  );
  if (first !== undefined) {
    const more = others.length === 0 ? '' : ` (and so on, for ${others.length} more)`;
    return CommandError.failed(`${who}: ${first.message}${more}`);
  }
  return CommandError.failed(
    `${who}: there is no socket where processes have theirs; name it with --socket, or its ` +
      'directory with NANOMETER_STATE_DIR',
  );
}

function wantedOf(service: string | undefined, pid: number | undefined): string[] {
  return [
    ...(service === undefined ? [] : [`of the service ${JSON.stringify(service)}`]),
    ...(pid === undefined ? [] : [`with the id ${pid}`]),
  ];
}

/** What became of a process that has a segment, and no socket that answers for it. */
function fateOf(pid: number): string {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's is there, too.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'has ended';
  }
  return 'has no socket: of those that share a state directory, the first one has it';
}
