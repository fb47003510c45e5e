/**
 * Units: from UCUM to the words and base units of Prometheus, which wants seconds and bytes. The
 * twin of `crates/export/src/encode/units.rs`.
 */
import { sanitise } from './sanitise';

/** How a value becomes one of the base unit: one operation, so one rounding. */
export interface Scale {
  readonly times: number;
  readonly over: number;
}

/** What one unit of a definition becomes. */
export interface BaseUnit {
  /** The word that the name of a metric ends in (`seconds`); empty for none. */
  readonly word: string;
  readonly scale: Scale;
  /** Words at the end of a name that say this unit already: `seconds`, `nanoseconds`, `ns`. */
  readonly saidBy: readonly string[];
}

const ONE: Scale = { times: 1, over: 1 };
const times = (factor: number): Scale => ({ times: factor, over: 1 });
const over = (divisor: number): Scale => ({ times: 1, over: divisor });

/** Time and bytes, by UCUM: the unit in words, the base unit, the way there. */
const CONVERTED: ReadonlyMap<string, readonly [words: string, base: string, scale: Scale]> =
  new Map([
    ['ns', ['nanoseconds', 'seconds', over(1e9)]],
    ['us', ['microseconds', 'seconds', over(1e6)]],
    ['ms', ['milliseconds', 'seconds', over(1e3)]],
    ['s', ['seconds', 'seconds', ONE]],
    ['min', ['minutes', 'seconds', times(60)]],
    ['h', ['hours', 'seconds', times(3_600)]],
    ['d', ['days', 'seconds', times(86_400)]],
    ['By', ['bytes', 'bytes', ONE]],
    ['KBy', ['kilobytes', 'bytes', times(1e3)]],
    ['MBy', ['megabytes', 'bytes', times(1e6)]],
    ['GBy', ['gigabytes', 'bytes', times(1e9)]],
    ['TBy', ['terabytes', 'bytes', times(1e12)]],
    ['KiBy', ['kibibytes', 'bytes', times(1_024)]],
    ['MiBy', ['mebibytes', 'bytes', times(1_024 ** 2)]],
    ['GiBy', ['gibibytes', 'bytes', times(1_024 ** 3)]],
    ['TiBy', ['tebibytes', 'bytes', times(1_024 ** 4)]],
  ]);

/** What else says a unit at the end of a name. */
const SHORT: ReadonlyMap<string, string> = new Map([
  ['ns', 'nanos'],
  ['us', 'micros'],
  ['ms', 'millis'],
  ['s', 'secs'],
]);

/** Units that are spelled out and not converted. */
const SPELLED: ReadonlyMap<string, string> = new Map([
  ['m', 'meters'],
  ['V', 'volts'],
  ['A', 'amperes'],
  ['J', 'joules'],
  ['W', 'watts'],
  ['g', 'grams'],
  ['Cel', 'celsius'],
  ['Hz', 'hertz'],
  ['%', 'percent'],
  ['1', ''],
]);

/** Words after "per". `m` is a minute here: OpenTelemetry's table says so. */
const PER: ReadonlyMap<string, string> = new Map([
  ['s', 'second'],
  ['m', 'minute'],
  ['min', 'minute'],
  ['h', 'hour'],
  ['d', 'day'],
  ['w', 'week'],
  ['mo', 'month'],
  ['y', 'year'],
]);

/** `value`, in the base unit. */
export function applyScale(scale: Scale, value: number): number {
  return (value * scale.times) / scale.over;
}

/**
 * What a unit in UCUM becomes. Annotations in braces are dropped; an unknown unit is kept as it is,
 * less the characters that a name cannot have.
 */
export function baseUnit(given: string): BaseUnit {
  const unit = withoutAnnotations(given).trim();
  const converted = CONVERTED.get(unit);
  if (converted !== undefined) {
    const [words, base, scale] = converted;
    const others = [words, unit, SHORT.get(unit) ?? base].filter((word) => word !== base);
    return { word: base, scale, saidBy: [base, ...others] };
  }
  const word = spelledOut(unit);
  const symbol = sanitise(unit);
  const saidBy = [word, symbol].filter((said, at) => said !== '' && (at === 0 || said !== word));
  return { word, scale: ONE, saidBy: word === '' ? [] : saidBy };
}

/** `m/s` is `meters_per_second`, `{request}/s` is `per_second`. */
function spelledOut(unit: string): string {
  const slash = unit.indexOf('/');
  const of = wordsOf(slash === -1 ? unit : unit.slice(0, slash).trim());
  const divisor = slash === -1 ? '' : unit.slice(slash + 1).trim();
  const per = PER.get(divisor) ?? sanitise(divisor);
  if (per === '') return of;
  return of === '' ? `per_${per}` : `${of}_per_${per}`;
}

function wordsOf(unit: string): string {
  return CONVERTED.get(unit)?.[0] ?? SPELLED.get(unit) ?? sanitise(unit);
}

function withoutAnnotations(unit: string): string {
  let depth = 0;
  let kept = '';
  for (const character of unit) {
    if (character === '{') depth++;
    else if (character === '}') depth = Math.max(0, depth - 1);
    else if (depth === 0) kept += character;
  }
  return kept;
}
