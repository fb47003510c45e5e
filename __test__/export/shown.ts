/**
 * What the Collector's Prometheus exporter is to show of points: names by OpenTelemetry's rules, with
 * the unit's word, values as they are.
 */
import type { ParsedSample } from '../conformance/foreign-parser';
import type { ExpectedPoint } from './expected';
import type { Value } from './told';

/** A sample as it is expected. */
export interface ShownSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const WORDS: Readonly<Record<string, string>> = {
  ...{ ns: 'nanoseconds', us: 'microseconds', ms: 'milliseconds', s: 'seconds', m: 'meters' },
  ...{
    By: 'bytes',
    KiBy: 'kibibytes',
    MiBy: 'mebibytes',
    g: 'grams',
    Cel: 'celsius',
    '%': 'percent',
  },
};

/** The samples of a point. Of exponential histograms there are none: see the Collector's manual. */
export function shownSamples(point: ExpectedPoint): ShownSample[] {
  const labels = Object.fromEntries(
    Object.entries(point.attributes).map(([key, value]) => [sanitized(key), text(value)]),
  );
  const name = shownName(point);
  if (point.value !== undefined) return [{ name, labels, value: point.value }];
  const { count, sum, buckets } = point.distribution!;
  let below = 0;
  return [
    ...buckets.map((bucket) => {
      below += bucket.count;
      return {
        name: `${name}_bucket`,
        labels: { ...labels, le: bound(bucket.bound) },
        value: below,
      };
    }),
    { name: `${name}_count`, labels, value: count },
    { name: `${name}_sum`, labels, value: sum! },
  ];
}

/** Whether a sample is the expected one; the Collector adds who recorded it. */
export function isShown(expected: ShownSample, sample: ParsedSample): boolean {
  const isOwn = (name: string) =>
    name in expected.labels || !/^(job|instance|otel_scope_.*)$/.test(name);
  const own = Object.fromEntries(Object.entries(sample.labels).filter(([name]) => isOwn(name)));
  return sample.name === expected.name && sameLabels(own, expected.labels);
}

function sameLabels(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>) {
  const key = (labels: Readonly<Record<string, string>>) =>
    JSON.stringify(Object.entries(labels).sort(([x], [y]) => (x < y ? -1 : 1)));
  // Of numbers in `le`, which may be written in many ways, the value counts.
  const plain = ({ le, ...rest }: Readonly<Record<string, string>>) =>
    key(le === undefined ? rest : { ...rest, le: le === '+Inf' ? le : String(Number(le)) });
  return plain(a) === plain(b);
}

function shownName({ metric, unit, type, isMonotonic }: ExpectedPoint): string {
  const tokens = sanitized(metric).split('_').filter(Boolean);
  const isTotal = type === 'sum' && isMonotonic === true;
  const suffixes = [...unitWords(unit), ...(unit === '1' && type === 'gauge' ? ['ratio'] : [])];
  const named = [...tokens, ...suffixes.filter((suffix) => !tokens.includes(suffix))];
  if (!isTotal) return named.join('_');
  return [...named.filter((token) => token !== 'total'), 'total'].join('_');
}

function unitWords(unit: string): string[] {
  const [of = '', per] = unit.split('/');
  const word = (part: string) =>
    part.startsWith('{') || part === '1' ? '' : (WORDS[part] ?? part);
  const one = per === undefined ? '' : word(per).replace(/s$/, '');
  return [...[word(of)].filter(Boolean), ...(one === '' ? [] : ['per', one])];
}

function sanitized(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]+/g, '_');
}

function bound(value: number): string {
  return value === Infinity ? '+Inf' : String(value);
}

function text(value: Value): string {
  return String(value);
}
