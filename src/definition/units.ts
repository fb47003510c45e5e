/** Units of time, in UCUM, as far as histograms need them. */

const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  min: 6e10,
  h: 3.6e12,
  d: 8.64e13,
};

/** The names of the units of time, for messages. */
export const TIME_UNITS = Object.keys(NANOSECONDS).join(', ');

/** How many nanoseconds one unit is; `undefined` when it is not a unit of time. */
export function nanosecondsIn(unit: string): number | undefined {
  return Object.hasOwn(NANOSECONDS, unit) ? NANOSECONDS[unit] : undefined;
}
