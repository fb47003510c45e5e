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
  emit(warning);
}

/** Emits what a backend has to say; see {@link warn}. */
export function tell(warnings: readonly Warning[]): void {
  for (const warning of warnings) {
    // An exporter that fails again says so again, once a minute at most.
    if (warning.code === 'NANOMETER_EXPORT') emit(warning);
    else warn(warning);
  }
}

function emit({ code, message }: Warning): void {
  process.emitWarning(message, { type: 'NanometerWarning', code });
}
