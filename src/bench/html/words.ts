/** Values and names as the page says them: in the terminal's units, with signs as they are printed. */
import type { Variant } from '../plan';
import * as units from '../render/units';
import type { Estimate } from '../report';

/** What stands where there is no value. */
export const NOTHING = units.NO_FIGURE;

const SEGMENTS = new Intl.Segmenter('en');
const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const PLAIN = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

const VARIANTS: Readonly<Record<Variant, string>> = {
  off: 'off',
  production: 'production',
  diagnostic: 'diagnostic',
  none: 'no flow',
  opentelemetry: 'OpenTelemetry',
};

/** A variant's name. */
export const variantName = (variant: Variant): string => VARIANTS[variant];

/** A time in nanoseconds, such as `1.24 ms`. */
export const time = (ns: number | null): string => minus(units.time(ns));

/** Elements a second, such as `1.24M/s`. */
export const rate = (perSecond: number): string => `${minus(units.count(perSecond))}/s`;

/** Bytes, such as `1.24 MiB`. */
export const bytes = (value: number): string => units.size(value);

/** 0.123 as `12.3%`. */
export const share = (value: number): string => minus(units.percent(value));

/** 0.123 as `+12.3%`. */
export const change = (value: number): string => minus(units.change(value));

/** A count, all of its digits. */
export const whole = (value: number): string => minus(WHOLE.format(value));

/** A number of three digits. */
export const plain = (value: number): string => minus(PLAIN.format(value));

/** A count and what is counted. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${whole(value)} ${value === 1 ? one : many}`;

/** An interval's two ends. */
export const interval = (estimate: Estimate | null, say: (value: number) => string): string =>
  estimate === null ? NOTHING : `${say(estimate.low)} to ${say(estimate.high)}`;

/** Names as an enumeration. */
export const enumeration = (names: readonly string[]): string =>
  new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(names);

/** So much of a name as a drawing has room for; all of it is in the table. */
export function shortened(name: string, most = 34): string {
  const characters = Array.from(SEGMENTS.segment(name), ({ segment }) => segment);
  return characters.length <= most ? name : `${characters.slice(0, most - 1).join('')}…`;
}

/** A hyphen before a number is a minus. */
function minus(said: string): string {
  return said.replace('-', '−');
}
