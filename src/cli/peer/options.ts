/** The options that say which process a command is about. */
import type { Command } from 'commander';
import { wholeNumber } from '../values';

/** As they were given. */
export interface PeerOptions {
  readonly service?: string;
  readonly pid?: number;
  readonly socket?: string;
}

/** What Linux goes up to on 64 bits. */
const LARGEST_PID = 4_194_304;

const ENVIRONMENT_HELP = `
Environment:
  NANOMETER_STATE_DIR  a directory where a socket may be, beside the usual ones
  NANOMETER_TOKEN      the inspection token, where the process has one`;

/** Gives them to a command. */
export function withPeerOptions(command: Command): Command {
  return command
    .option('--service <name>', 'the process of this service')
    .option('--pid <pid>', 'the process with this id', wholeNumber(1, LARGEST_PID))
    .option('--socket <path>', 'the process that listens on this socket')
    .addHelpText('after', ENVIRONMENT_HELP);
}
