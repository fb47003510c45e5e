/** Runs the program once, and ends the process with its exit code. */
import { CommanderError, type Command } from 'commander';
import { CommandError } from './command-error';
import { EXIT, type ExitCode } from './exit-code';
import { say } from './output';
import { makeProgram } from './program';

/** Runs a command line. */
export async function run(argv: readonly string[]): Promise<void> {
  let code: ExitCode = EXIT.fine;
  const program = makeProgram((ending) => (code = ending));
  tame(program);
  // Who writes is told of what cannot be written; nobody needs an event besides.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    code = explain(error, isVerbose(argv));
  }
  // Nothing that a pipeline has left open keeps the command from ending.
  process.exit(code);
}

/** Errors are thrown, in one line, instead of ending the process in the middle. */
function tame(command: Command): void {
  command.exitOverride();
  command.configureOutput({
    outputError: (text) => {
      say(oneLine(text.replace(/^error: /, '')));
    },
  });
  command.commands.forEach(tame);
}

/** Says what is wrong, and gives what to end with. */
function explain(error: unknown, isVerbose: boolean): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  const { message } = error instanceof Error ? error : new Error(String(error));
  const isExpected = error instanceof CommandError;
  say(isExpected ? oneLine(message) : `${oneLine(message)} (a defect of nanometer; see --verbose)`);
  if (isVerbose) console.error(error);
  return isExpected ? error.exitCode : EXIT.failed;
}

function isVerbose(argv: readonly string[]): boolean {
  return argv.includes('--verbose') || process.env.NANOMETER_DEBUG === '1';
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}
