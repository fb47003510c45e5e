/** `nanometer level`: how much another process records, through its socket. */
import { NanometerError } from '../../errors';
import { checkLease, type Level } from '../../level';
import { CommandError } from '../command-error';
import { print } from '../output';
import { choosePeer } from '../peer/choose';
import type { PeerOptions } from '../peer/options';
import { asCommandError, type LevelAnswer } from '../peer/peer';

/** Its options. */
export interface LevelOptions extends PeerOptions {
  /** Milliseconds. */
  readonly for?: number;
  readonly json?: true;
}

/**
 * Prints the level of a process, after setting it where one is given.
 *
 * @throws CommandError
 */
export async function level(wanted: Level | undefined, options: LevelOptions): Promise<void> {
  if (wanted === undefined && options.for !== undefined) {
    throw CommandError.usage('--for is how long a level is set: give the level, too');
  }
  checkLength(options.for);
  const text = await readOrSet(wanted, options).catch((error: unknown) => {
    throw asCommandError(error);
  });
  await print(text);
}

async function readOrSet(wanted: Level | undefined, options: LevelOptions): Promise<string> {
  const peer = await choosePeer(options);
  const answer = await (wanted === undefined ? peer.level() : peer.setLevel(wanted, options.for));
  return options.json ? JSON.stringify(answer) : inWords(answer);
}

function checkLength(forMs: number | undefined): void {
  try {
    if (forMs !== undefined) checkLease({ forMs });
  } catch (cause) {
    if (!NanometerError.is(cause)) throw cause;
    throw CommandError.usage(`--for is at most 596h, not ${forMs! / 3_600_000}h`, { cause });
  }
}

function inWords({ level, revertsInMs }: LevelAnswer): string {
  if (revertsInMs === null) return level;
  return `${level}, for another ${(revertsInMs / 1_000).toFixed(1)} s`;
}
