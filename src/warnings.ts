/**
 * What the user should hear once, in this thread: a port that is taken, a directory that cannot be
 * written. Warnings go to `process.emitWarning`, so that `--no-warnings`, `--trace-warnings` and
 * `process.on('warning')` treat them as Node's own.
 */

/** Something that the user should hear once. */
export interface Warning {
  /** `NANOMETER_` and what it is about. */
  readonly code: string;
  /** What happened, and what to do. */
  readonly message: string;
}

// By realm and not by module, so that two copies of the package do not say it twice.
const SAID = Symbol.for('nanometer.warnings');
// Beyond this many different warnings a person has stopped reading; it bounds the memory.
const MOST = 1_000;

const realm = globalThis as typeof globalThis & { [SAID]?: Set<string> };

/** Emits a warning, unless this thread has already emitted the same. */
export function warn(warning: Warning): void {
  const said = (realm[SAID] ??= new Set());
  const key = `${warning.code} ${warning.message}`;
  if (said.has(key) || said.size >= MOST) return;
  said.add(key);
  process.emitWarning(warning.message, { type: 'NanometerWarning', code: warning.code });
}
