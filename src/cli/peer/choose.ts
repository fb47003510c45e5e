/** Which process is meant: the one of the socket named, or the only one that fits. */
import { dirname } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { CommandError } from '../command-error';
import type { PeerOptions } from './options';
import { Peer, PeerError } from './peer';
import { segmentDirectoryOf, socketPaths } from './sockets';

interface Known {
  readonly peer: Peer;
  readonly service: string;
  readonly pid: number;
}

/**
 * The process that is meant. Where several fit, a terminal is asked which.
 *
 * @throws CommandError where there is none, or several and nobody to ask
 */
export async function choosePeer(options: PeerOptions): Promise<Peer> {
  if (options.socket !== undefined) return new Peer(options.socket);
  const paths = socketPaths(process.env);
  const { known, obstacles } = await meet(paths);
  const fitting = known.filter(
    ({ service, pid }) => (options.service ?? service) === service && (options.pid ?? pid) === pid,
  );
  const [first, ...others] = fitting;
  if (first === undefined) throw nobody(options, known, obstacles, paths);
  if (others.length === 0) return first.peer;
  if (process.stdin.isTTY && process.stderr.isTTY) return (await askWhich(fitting)).peer;
  throw CommandError.usage(`several processes answer, say which with --pid: ${list(fitting)}`);
}

/** Asks all who they are, at the same time. */
async function meet(paths: readonly string[]): Promise<{ known: Known[]; obstacles: PeerError[] }> {
  const peers = paths.map((path) => new Peer(path));
  const met = await Promise.allSettled(
    peers.map(async (peer): Promise<Known> => ({ peer, ...(await peer.identity()) })),
  );
  const known: Known[] = [];
  const obstacles: PeerError[] = [];
  for (const result of met) {
    if (result.status === 'fulfilled') known.push(result.value);
    else if (result.reason instanceof PeerError) obstacles.push(result.reason);
    else throw result.reason;
  }
  return { known, obstacles };
}

function nobody(
  { service, pid }: PeerOptions,
  known: readonly Known[],
  obstacles: readonly PeerError[],
  paths: readonly string[],
): CommandError {
  const wanted = [
    ...(service === undefined ? [] : [`of the service ${JSON.stringify(service)}`]),
    ...(pid === undefined ? [] : [`with the id ${pid}`]),
  ];
  const who = ['no process', ...wanted].join(' ');
  const directory = pid === undefined ? undefined : segmentDirectoryOf(pid, paths.map(dirname));
  if (directory !== undefined) {
    const why = 'processes that share a state directory have one socket, the first one has it';
    return CommandError.failed(`${who} has a socket; it records in ${directory}: ${why}`);
  }
  if (known.length > 0) return CommandError.failed(`${who} answers; there is ${list(known)}`);
  // A socket that may not be asked tells more than one that was left behind.
  const telling = ['forbidden', 'unwell', 'dead'] as const;
  const [obstacle] = telling.flatMap((kind) => obstacles.filter((o) => o.obstacle === kind));
  if (obstacle !== undefined) return CommandError.failed(`${who} answers: ${obstacle.message}`);
  return CommandError.failed(
    `${who} answers: there is no socket where processes have theirs; name it with --socket, or its ` +
      'directory with NANOMETER_STATE_DIR',
  );
}

async function askWhich(fitting: readonly Known[]): Promise<Known> {
  const lines = fitting.map((known, index) => `  ${index + 1}  ${describe(known)}\n`);
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${lines.join('')}which? 1 to ${fitting.length}: `);
    const chosen = fitting[Number(answer) - 1];
    if (chosen !== undefined) return chosen;
    throw CommandError.usage(`${JSON.stringify(answer)} is none of 1 to ${fitting.length}`);
  } finally {
    prompt.close();
  }
}

function list(known: readonly Known[]): string {
  return known.map(describe).join(', ');
}

function describe({ service, pid }: Known): string {
  return `${service} (pid ${pid})`;
}
