/**
 * The one error that the package throws. Definitions, options and calls that manage a meter may
 * throw it; recording never does.
 */

/** What went wrong, for programs; stable across versions. */
export type NanometerErrorCode =
  /** An option of `open()`, or an argument of a method, is not of the kind that it must be. */
  | 'NANOMETER_INVALID_OPTION'
  /** A metric's name, unit, label, bucket or flag is not acceptable. */
  | 'NANOMETER_INVALID_DEFINITION'
  /** The name is already defined, otherwise. */
  | 'NANOMETER_CONFLICT'
  /** There is no room for the metric: see the option `maxLaneBytes`. */
  | 'NANOMETER_CAPACITY'
  /** The flow is not in a state in which that can be done. */
  | 'NANOMETER_INVALID_STATE'
  /** Not a level. */
  | 'NANOMETER_INVALID_LEVEL'
  /** A segment is damaged, or from another version. */
  | 'NANOMETER_SEGMENT'
  /** A baseline of the bench cannot be saved, is not there, or is no report of this version. */
  | 'NANOMETER_BASELINE'
  /** The native binary did not load, and `NANOMETER_BACKEND=native` forbids going on without it. */
  | 'NANOMETER_NATIVE'
  /** The meter is closed: nothing more can be defined in it. */
  | 'NANOMETER_CLOSED';

// Errors cross realms (jest, vm contexts, two copies of this package), where `instanceof` fails.
const BRAND = Symbol.for('nanometer.error');

/** An error of this package. Tell it by {@link NanometerError.is}, not by `instanceof`. */
export class NanometerError extends Error {
  /** What went wrong, for programs. */
  readonly code: NanometerErrorCode;
  /** @internal */
  readonly [BRAND] = true;

  /**
   * @param code - what went wrong, for programs
   * @param message - what went wrong, for people: names the offending value and what is accepted
   * @param options - the cause, where another error is behind this one
   */
  constructor(code: NanometerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NanometerError';
    this.code = code;
  }

  /** Whether a value is an error of this package, whichever realm or copy of it made the value. */
  static is(value: unknown): value is NanometerError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

/**
 * A value as an error message shows it: on one line and short, whatever it is.
 * Never throws, and runs no code of the value's.
 *
 * @internal
 */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    const text = value.length > 60 ? `${value.slice(0, 57)}...` : value;
    return JSON.stringify(text);
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value !== 'object' || value === null)
    return Object.is(value, -0) ? '-0' : String(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}

/**
 * An error in words. What a program throws can be anything, and can throw when it is looked at.
 *
 * @internal
 */
export function inWords(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'an error that cannot be shown';
  }
}

/**
 * How a check says no: throws an error that names what is checked, with what is wrong and what is
 * accepted.
 *
 * @internal
 */
export type Refuse = (what: string) => never;
