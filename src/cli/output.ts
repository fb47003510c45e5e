/** What a command says: to standard output what was asked for, to standard error everything else. */
import { CommandError } from './command-error';

/**
 * Writes text to standard output, and waits until it is out.
 *
 * @throws CommandError where it cannot be written; a reader who has gone away has had enough
 */
export async function print(text: string): Promise<void> {
  const whole = text.endsWith('\n') ? text : `${text}\n`;
  const error = await new Promise<Error | null>((resolve) => {
    process.stdout.write(whole, (failed) => {
      resolve(failed ?? null);
    });
  });
  if (error === null || (error as NodeJS.ErrnoException).code === 'EPIPE') return;
  throw CommandError.failed(`standard output cannot be written: ${error.message}`);
}

/** One line on standard error. */
export function say(line: string): void {
  process.stderr.write(`nanometer: ${line}\n`);
}
