/** What the command line's exit codes mean. */

/** Exit codes, by meaning. */
export const EXIT = {
  /** What was asked for was done. */
  fine: 0,
  /** A comparison found a regression beyond a threshold. */
  regression: 1,
  /** The command line is wrong, or what it names is. */
  usage: 2,
  /** What was asked for could not be done. */
  failed: 3,
} as const;

/** One of them. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** As `help` tells them. */
export const EXIT_CODES_HELP = `
Exit codes:
  0  fine; a bench that was interrupted and has its report, too
  1  regression: a comparison went beyond a threshold
  2  usage: the command line is wrong, or what it names is
  3  failed: the run, the process asked or the file written to`;
