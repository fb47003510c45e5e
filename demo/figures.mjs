/** Figures as people read them. */

/** Nanoseconds as milliseconds, three digits that matter; a dash where there is nothing. */
export function milliseconds(ns) {
  return Number.isFinite(ns) ? `${digits(ns / 1e6)} ms` : '–';
}

/** Bytes as kilobytes or megabytes. */
export function bytes(count) {
  return count >= 1e6 ? `${digits(count / 1e6)} MB` : `${digits(count / 1e3)} kB`;
}

/** A whole number with its thousands apart. */
export function whole(number) {
  return Number.isFinite(number) ? Math.round(number).toLocaleString('en-GB') : '–';
}

/** A fraction as a percentage with its sign. */
export function change(fraction) {
  return `${fraction >= 0 ? '+' : '−'}${Math.abs(fraction * 100).toFixed(1)}%`;
}

/** A fraction as a percentage. */
export function percent(fraction) {
  return `${(fraction * 100).toFixed(1)}%`;
}

function digits(number) {
  if (number >= 100) return number.toFixed(0);
  if (number >= 10) return number.toFixed(1);
  return number.toFixed(2);
}
