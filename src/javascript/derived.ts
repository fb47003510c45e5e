/** Derived metrics of a reading. The twin of `crates/core/src/derive.rs`. */
import type { Definition, Derive } from '../definition/define';
import { quotient } from '../definition/derive';
import { seriesKey } from './catalogue';
import type { ReadMetric, ReadSeries } from './reading';

// No list of label values is written like this.
const OVERFLOW_KEY = 'overflow';

/** Why `operand` cannot be one of `derived`; `null` where it can. */
export function refusalOf(derived: Definition, operand: Definition): string | null {
  const { name, kind, labels } = operand;
  if (kind !== 'counter' && kind !== 'gauge') {
    return `'${name}' cannot be derived from: only counters and gauges can`;
  }
  const [theirs, its] = [list(labels), list(derived.labels)];
  if (theirs === its) return null;
  return `'${name}' has the labels ${theirs} and it has ${its}; they must be the same, in the same order`;
}

/**
 * The metrics, of which every derived one has got its series: those of its numerator, each with the
 * denominator's of equal labels. None where one of the two is not there, or does not fit.
 */
export function withDerived(metrics: readonly ReadMetric[]): ReadMetric[] {
  return metrics.map((metric) => {
    const { definition } = metric;
    const { derive } = definition;
    return derive === null
      ? metric
      : { definition, series: quotients(metrics, definition, derive) };
  });
}

function quotients(
  metrics: readonly ReadMetric[],
  derived: Definition,
  derive: Derive,
): ReadSeries[] {
  const operand = (wanted: string): readonly ReadSeries[] | null => {
    const found = metrics.find(({ definition: { name } }) => name === wanted);
    return found === undefined || refusalOf(derived, found.definition) !== null
      ? null
      : found.series;
  };
  const numerator = operand(derive.numerator);
  const denominator = operand(derive.denominator);
  if (numerator === null || denominator === null) return [];
  const below = new Map(denominator.map((series) => [keyOf(series), numberOf(series)]));
  return numerator.map((series) => ({
    values: series.values,
    value: quotient(derive, numberOf(series), below.get(keyOf(series)) ?? 0),
  }));
}

function keyOf({ values }: ReadSeries): string {
  return values === null ? OVERFLOW_KEY : seriesKey(values);
}

function numberOf({ value }: ReadSeries): number {
  return typeof value === 'number' ? value : 0;
}

function list(labels: readonly string[]): string {
  return `[${labels.map((label) => JSON.stringify(label)).join(', ')}]`;
}
