/**
 * Numbers as text: the shortest digits that read back as the same float. Values are plain for as
 * long as a reader can count the digits; bounds are OpenMetrics' canonical `le` in both formats, so
 * that a series keeps its identity when the scraper changes its mind about the format. The twin of
 * `crates/export/src/encode/number.rs`.
 */

/**
 * A sample's value: `3`, `0.25`, `2.5e-07`, `NaN`, `+Inf`. An exponent is used below 1e-5 and from
 * 1e21 on. Minus zero is `0`.
 */
export function formatValue(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  return special(value) ?? digits(value, -5, 21);
}

/**
 * The bound of a bucket: `0.0`, `0.25`, `10.0`, `1e-05`, `1e+06`, `+Inf`. An exponent is used below
 * 1e-4 and from 1e6 on; a fraction is always shown where there is no exponent.
 */
export function formatBound(bound: number): string {
  const text = special(bound) ?? digits(bound, -4, 6);
  return /[.en]/.test(text) ? text : `${text}.0`;
}

function special(value: number): string | null {
  if (Number.isFinite(value)) return null;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/** Plain where the power of ten of the first digit is at least `least` and below `most`. */
function digits(value: number, least: number, most: number): string {
  const [mantissa = '0', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const figures = mantissa.replace(/[-.]/g, '');
  if (exponent < least || exponent >= most) {
    const fraction = figures.length > 1 ? `.${figures.slice(1)}` : '';
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${figures[0]}${fraction}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-1 - exponent)}${figures}`;
  const whole = figures.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const rest = figures.slice(exponent + 1);
  return sign + whole + (rest === '' ? '' : `.${rest}`);
}
