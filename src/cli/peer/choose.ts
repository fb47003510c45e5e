/** Which process is meant: the one of the socket named, or the only one that fits. */
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { CommandError } from '../command-error';
import type { PeerOptions } from './options';
import { describe, type Known, list, nobody } from './known';
import { Peer, PeerError } from './peer';
import { socketPaths } from './sockets';

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
  if (first === undefined) throw nobody(options, { known, obstacles, paths });
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

async function askWhich(fitting: readonly Known[]): Promise<Known> {
  const lines = fitting.map((known, index) => `  ${index + 1}  ${describe(known)}\n`);
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const left = once(prompt, 'close').then(() => '');
    const question = `${lines.join('')}which? 1 to ${fitting.length}: `;
    const answer = await Promise.race([prompt.question(question), left]);
    const chosen = fitting[Number(answer) - 1];
    if (chosen !== undefined) return chosen;
    throw CommandError.usage(`${JSON.stringify(answer)} is none of 1 to ${fitting.length}`);
  } finally {
    prompt.close();
  }
}
