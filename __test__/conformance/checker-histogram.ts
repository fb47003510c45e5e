/** The rules of the checker that are about histograms. */
import { numberOf, seriesKey, type Family, type Report } from './checked-family';
import type { SampleLine } from './exposition-lines';

interface Series {
  readonly line: number;
  readonly buckets: { readonly line: number; readonly le: string; readonly count: string }[];
  readonly sums: string[];
  readonly counts: string[];
}

/** Buckets ascend to +Inf, are cumulative whole numbers, and agree with the count. */
export function checkHistogram(family: Family, report: Report): void {
  for (const [key, series] of collectSeries(family, report)) {
    const { line, buckets, sums, counts } = series;
    if (sums.length !== 1 || counts.length !== 1) report('sum-and-count', line, key);
    if (numberOf(sums[0] ?? '0') < 0 || sums[0] === 'NaN') report('sum', line, key);

    let previousBound = -Infinity;
    let previousCount = 0;
    for (const { line: at, le, count } of buckets) {
      const bound = numberOf(le);
      if (le !== canonicalBound(bound)) report('canonical-le', at, le);
      if (!(bound > previousBound)) report('bucket-order', at, le);
      if (!/^\d+$/.test(count)) report('bucket-integer', at, count);
      if (numberOf(count) < previousCount) report('bucket-cumulative', at, count);
      previousBound = bound;
      previousCount = numberOf(count);
    }
    if (buckets.at(-1)?.le !== '+Inf') report('bucket-inf', line, key);
    else if (counts[0] !== undefined && buckets.at(-1)?.count !== counts[0]) {
      report('inf-is-count', line, `${String(buckets.at(-1)?.count)} against ${counts[0]}`);
    }
  }
}

function collectSeries(family: Family, report: Report): Map<string, Series> {
  const all = new Map<string, Series>();
  let current: Series | undefined;
  for (const { line, sample } of family.samples) {
    const key = seriesKey(
      family.name,
      sample.labels.filter(([name]) => name !== 'le'),
    );
    const known = all.get(key);
    if (known !== undefined && known !== current) report('interleaved', line, key);
    current = known ?? { line, buckets: [], sums: [], counts: [] };
    all.set(key, current);
    addSample(current, family.name, sample, line, report);
  }
  return all;
}

function addSample(
  series: Series,
  family: string,
  sample: SampleLine,
  line: number,
  report: Report,
): void {
  if (sample.name === `${family}_sum`) series.sums.push(sample.valueText);
  if (sample.name === `${family}_count`) series.counts.push(sample.valueText);
  if (sample.name === `${family}_bucket`) {
    const le = sample.labels.find(([name]) => name === 'le')?.[1];
    if (le === undefined) report('bucket-le', line, 'a bucket without a bound');
    else series.buckets.push({ line, le, count: sample.valueText });
  }
}

/** A bound as OpenMetrics wants it: `0.0 0.001 1.0 10.0 1e-05 100000.0 1e+06 +Inf`. */
export function canonicalBound(bound: number): string {
  if (bound === Infinity) return '+Inf';
  if (bound === -Infinity) return '-Inf';
  if (bound === 0) return '0.0';
  const [mantissa = '', exponentText = ''] = bound.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 6) {
    const digits = String(Math.abs(exponent)).padStart(2, '0');
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`;
  }
  const plain = String(bound);
  return plain.includes('.') ? plain : `${plain}.0`;
}
