/**
 * Names: from OpenTelemetry's dotted form to Prometheus. Only the classic alphabet is used,
 * `[a-zA-Z0-9_]` and no digit first, so that a name is the same under every escaping scheme. The
 * twin of `crates/export/src/encode/names.rs`.
 */
import type { Definition } from '../../definition/define';
import { sanitise } from './sanitise';
import { baseUnit, type Scale } from './units';

/** What a metric is called in Prometheus, and how its values get into the unit that the name says. */
export interface MetricName {
  /** The name of the family, without the `_total` of a counter: `orders_latency_seconds`. */
  readonly family: string;
  /** The unit's word where `family` ends in it after an underscore; else empty. */
  readonly unit: string;
  readonly scale: Scale;
}

/**
 * The name of a definition: words, then unit, then (in samples) `_total`. None of them is said twice:
 * a name that has the unit's word somewhere gets no other, and a counter's `total` stands at the end
 * only. So it is the name that Prometheus gives to the same metric when it comes by OTLP.
 */
export function metricName({ name, kind, unit }: Definition): MetricName {
  // OpenMetrics allows a set of states no unit.
  const { word, scale, saidBy } = baseUnit(kind === 'state' ? '' : unit);
  const sanitised = sanitise(name);
  const stem = withoutUnit(kind === 'counter' ? withoutTotal(sanitised) : sanitised, saidBy);
  const isSaid = word === '' || `_${stem}_`.includes(`_${word}_`);
  const words = [stem, isSaid ? '' : word].filter((part) => part !== '');
  return {
    family: withoutLeadingDigit(words.length === 0 ? 'unnamed' : words.join('_')),
    unit: stem === '' || isSaid ? '' : word,
    scale,
  };
}

/** The name of a label, or of a resource attribute as a label. */
export function labelName(name: string): string {
  const sanitised = sanitise(name);
  return sanitised === '' ? 'unnamed' : withoutLeadingDigit(sanitised);
}

/** A name less one word at its end that says the unit. */
function withoutUnit(name: string, saidBy: readonly string[]): string {
  if (saidBy.includes(name)) return '';
  const word = saidBy.find((said) => name.endsWith(`_${said}`));
  return word === undefined ? name : withoutSuffix(name, `_${word}`);
}

/** A counter's name less `total`, unless that is all of it. */
function withoutTotal(name: string): string {
  const words = name.split('_').filter((word) => word !== 'total');
  return words.length === 0 ? name : words.join('_');
}

function withoutSuffix(name: string, suffix: string): string {
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

function withoutLeadingDigit(name: string): string {
  return /^[0-9]/.test(name) ? `_${name}` : name;
}
