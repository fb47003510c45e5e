/** Figures as people read them: three digits that matter, and a unit. */
import type { Estimate } from '../report';

/** What is shown where there is no figure. */
export const NO_FIGURE = '–';

/** An amount in the largest unit that it is at least one of. */
interface Unit {
  readonly name: string;
  readonly size: number;
}

const TIMES: readonly Unit[] = [
  { name: ' s', size: 1e9 },
  { name: ' ms', size: 1e6 },
  { name: ' µs', size: 1e3 },
  { name: ' ns', size: 1 },
];
const COUNTS: readonly Unit[] = [
  { name: 'G', size: 1e9 },
  { name: 'M', size: 1e6 },
  { name: 'k', size: 1e3 },
  { name: '', size: 1 },
];
const SIZES: readonly Unit[] = [
  { name: ' GiB', size: 2 ** 30 },
  { name: ' MiB', size: 2 ** 20 },
  { name: ' KiB', size: 2 ** 10 },
  { name: ' B', size: 1 },
];

/** Nanoseconds: `812 ns`, `12.3 µs`. */
export const time = (ns: number | null): string => inUnits(ns, TIMES);

/** A number of things: `12.3k`. */
export const count = (value: number | null): string => inUnits(value, COUNTS);

/** Bytes: `12.3 MiB`. */
export const size = (bytes: number | null): string => inUnits(bytes, SIZES);

/** A share of 1: `12.3%`. */
export function percent(share: number | null): string {
  return share === null ? NO_FIGURE : `${digits(share * 100)}%`;
}

/** A change: `+12.3%`. */
export function change(share: number): string {
  const text = percent(share);
  return share > 0 ? `+${text}` : text;
}

/** The interval of an estimate: `12.1k–12.6k`. */
export function interval(estimate: Estimate | null, format: (value: number) => string): string {
  if (estimate === null) return NO_FIGURE;
  const low = format(estimate.low);
  const high = format(estimate.high);
  // A dash beside a sign is one too many to read.
  return low === high ? low : `${low}${/[+-]/.test(low + high) ? ' to ' : '–'}${high}`;
}

function inUnits(value: number | null, units: readonly Unit[]): string {
  if (value === null) return NO_FIGURE;
  const amount = Math.abs(value);
  // 999.6 ns is 1.00 µs: what is shown is rounded before its unit is chosen.
  const unit = units.find(({ size: one }) => amount >= one * 0.9995) ?? units.at(-1)!;
  return `${digits(value / unit.size)}${unit.name}`;
}

/** Three digits that matter, and none behind the point that says nothing. */
function digits(value: number): string {
  const amount = Math.abs(value);
  if (Number.isInteger(value) || amount >= 99.95) return value.toFixed(0);
  return value.toFixed(amount >= 9.995 ? 1 : 2);
}
