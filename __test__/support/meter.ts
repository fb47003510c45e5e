/** Meters for tests of what is recorded: in memory only, without a server. */
import { open, type Meter, type OpenOptions } from 'nanometer';

let opened = 0;

/** A meter of its own service. */
export function quietMeter(options: OpenOptions = {}): Meter {
  const service = `quiet-${String((opened += 1))}`;
  return open({ service, stateDir: false, inspection: false, ...options });
}

/** The warnings that this thread emits while the test file runs, oldest first. */
export function watchWarnings(): { readonly code: string; readonly message: string }[] {
  const seen: { code: string; message: string }[] = [];
  jest.spyOn(process, 'emitWarning').mockImplementation(((message: string, options: unknown) => {
    seen.push({ code: (options as { code: string }).code, message });
  }) as typeof process.emitWarning);
  return seen;
}

/** The code and message of what is thrown; fails where nothing is. */
export function thrown(call: () => unknown): { readonly code: unknown; readonly message: string } {
  try {
    call();
  } catch (error) {
    const { code, message } = error as { code: unknown; message: string };
    return { code, message };
  }
  throw new Error('nothing was thrown');
}
