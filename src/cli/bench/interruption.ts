/** Ctrl-C: once to have the report so far, twice to end at once. */
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs something that can be interrupted: the first signal aborts it, the second one ends the
 * process, with the exit code that shells have for that.
 *
 * @param onInterrupted - called at the first one
 */
export async function interruptible<T>(
  run: (signal: AbortSignal) => Promise<T>,
  onInterrupted: () => void,
): Promise<T> {
  const interruption = new AbortController();
  const onSignal = (name: (typeof SIGNALS)[number]): void => {
    if (interruption.signal.aborted) process.exit(128 + constants.signals[name]);
    interruption.abort();
    onInterrupted();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await run(interruption.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}
