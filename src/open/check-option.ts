/** What the options of `open()` have in common: how they are checked, and how they are refused. */
import { NanometerError, show } from '../errors';

/** Throws `NANOMETER_INVALID_OPTION`. */
export function refuse(what: string): never {
  throw new NanometerError('NANOMETER_INVALID_OPTION', what);
}

/** An object with none but these keys. */
export function checkKeys(
  what: string,
  given: unknown,
  accepted: readonly string[],
): Record<string, unknown> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return refuse(`the options of ${what} are an object, not ${show(given)}`);
  }
  const unknown = Object.keys(given).find((key) => !accepted.includes(key));
  if (unknown === undefined) return given as Record<string, unknown>;
  return refuse(`${what} has no option ${show(unknown)}; accepted are ${accepted.join(', ')}`);
}

/** A whole number in that range. */
export function checkWhole(what: string, value: unknown, least: number, most: number): number {
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) {
    return Number(value);
  }
  return refuse(`${what} is a whole number from ${least} to ${most}, not ${show(value)}`);
}
