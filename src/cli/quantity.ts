/** Numbers as people read them: three digits and a prefix. */

const DIGITS = 3;
const PREFIXES = ['', 'k', 'M', 'G', 'T'] as const;
const TIMES = ['ns', 'µs', 'ms', 's'] as const;

/** A number with a prefix, such as `1.24 M`. */
export function brief(value: number): string {
  const [scaled, prefix] = scale(value, 1_000, PREFIXES);
  return prefix === '' ? scaled : `${scaled} ${prefix}`;
}

/** A time, such as `1.24 ms`. */
export function nanoseconds(value: number): string {
  return scale(value, 1_000, TIMES).join(' ');
}

/** A value in the unit of its metric; without a unit, or in one like `{order}`, as it is. */
export function inUnit(value: number, unit: string): string {
  if (unit === 'ns') return nanoseconds(value);
  const plain = value.toLocaleString('en-US', { maximumFractionDigits: 3 });
  return unit === '' || unit.startsWith('{') ? plain : `${plain} ${unit}`;
}

function scale<T extends string>(value: number, by: number, names: readonly T[]): [string, T] {
  let power = 0;
  let scaled = value;
  // What would be rounded up to 1,000 has the next prefix.
  while (Math.abs(scaled) >= by - 0.5 && power < names.length - 1) {
    scaled /= by;
    power += 1;
  }
  return [String(Number(scaled.toPrecision(DIGITS))), names[power]!];
}
