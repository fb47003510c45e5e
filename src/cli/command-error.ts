/** How a command ends that cannot do what it was asked: one line for people, and an exit code. */
import { EXIT, type ExitCode } from './exit-code';

/** Ends a command. Its message is all that is printed. */
export class CommandError extends Error {
  /** What the program ends with. */
  readonly exitCode: ExitCode;

  private constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }

  /** The command line is wrong: the message names the value, and says what is accepted. */
  static usage(message: string, options?: ErrorOptions): CommandError {
    return new CommandError(EXIT.usage, message, options);
  }

  /** The command line is fine, and it cannot be done. */
  static failed(message: string, options?: ErrorOptions): CommandError {
    return new CommandError(EXIT.failed, message, options);
  }
}
