/** Meters for tests of what is recorded: in memory only, without a server. */
import { randomUUID } from 'node:crypto';
import { open, type Meter, type OpenOptions } from 'nanometer';

/** A meter of its own service. */
export function quietMeter(options: OpenOptions = {}): Meter {
  // Test files may share a process, and so its meters.
  return open({ service: `quiet ${randomUUID()}`, stateDir: false, inspection: false, ...options });
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

/** What a call throws, whatever that is, as it is; fails where it throws nothing. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** Runs something with one variable of the environment set, and puts it back. */
export function withVariable<T>(name: string, value: string, run: () => T): T {
  const before = process.env[name];
  process.env[name] = value;
  try {
    return run();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}
