/** What OTLP is to say of a snapshot and of spans, from their plain data alone. */
import type { DistributionData, MetricData, SnapshotData, SpanData } from 'nanometer';
import type { Attributes, ToldDistribution, ToldExemplar, ToldPoint, ToldSpan } from './told';

/** A point as it is expected: without the times, which are judged by themselves. */
export type ExpectedPoint = Omit<ToldPoint, 'startNs' | 'timeNs'>;

/** What a snapshot does not show of its metrics. */
export interface Undisclosed {
  /** Gauges that are not added up. */
  readonly notSummed: readonly string[];
  /** Histograms of exponential buckets. */
  readonly exponential: readonly string[];
}

const KINDS = ['internal', 'server', 'client', 'producer', 'consumer'];
const STATUSES = ['unset', 'ok', 'error'];

/** The points of one metric, in order. */
export function expectedPoints(metric: MetricData, undisclosed: Undisclosed): ExpectedPoint[] {
  const { name, unit, help, states } = metric;
  return metric.series.flatMap((series): ExpectedPoint[] => {
    const one = {
      ...{ metric: name, unit, help, ...typeOf(metric, undisclosed) },
      attributes: attributesOf(metric, series.labels),
      exemplars: (series.exemplars ?? []).map(exemplarOf),
    };
    if ('histogram' in series) {
      return [{ ...one, distribution: distributionOf(series.histogram, one.type) }];
    }
    if (states === undefined) return [{ ...one, value: series.value }];
    return states.map((state, i) => ({
      ...one,
      attributes: { ...one.attributes, [name]: state },
      value: i === series.value ? 1 : 0,
    }));
  });
}

function typeOf({ name, kind, elapsed }: MetricData, { notSummed, exponential }: Undisclosed) {
  switch (kind) {
    case 'counter':
      return { type: 'sum', isMonotonic: true, temporality: 2 } as const;
    case 'histogram':
      return exponential.includes(name)
        ? ({ type: 'exponentialHistogram', temporality: 2 } as const)
        : ({ type: 'histogram', temporality: 2 } as const);
    case 'gauge':
      return elapsed === true || notSummed.includes(name)
        ? ({ type: 'gauge' } as const)
        : ({ type: 'sum', isMonotonic: false, temporality: 2 } as const);
    default:
      return { type: 'gauge' } as const;
  }
}

function attributesOf(
  { name, kind }: MetricData,
  labels: Readonly<Record<string, string>>,
): Attributes {
  if (labels['otel_metric_overflow'] === 'true') return { 'otel.metric.overflow': true };
  if (kind !== 'state' || !(name in labels)) return labels;
  const { [name]: taken, ...rest } = labels;
  return { ...rest, [`exported_${name}`]: taken! };
}

function exemplarOf({
  value,
  traceId,
  spanId,
  atMs,
}: {
  readonly value: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly atMs: number;
}): ToldExemplar {
  return { value, traceId, spanId, timeNs: unixNs(atMs) };
}

function distributionOf(data: DistributionData, type: ToldPoint['type']): ToldDistribution {
  const { count, sum, min, max, bounds, counts } = data;
  const buckets = counts.map((inside, i) => ({ bound: bounds[i] ?? Infinity, count: inside }));
  return {
    ...{ count, sum, min, max },
    buckets: type === 'histogram' ? buckets : exponentialBuckets(buckets),
  };
}

/** Those that have values; what is above them all is in the bucket that follows the last bound. */
function exponentialBuckets(buckets: ToldDistribution['buckets']): ToldDistribution['buckets'] {
  const [zero, ...others] = buckets;
  const factor = others[1]!.bound / others[0]!.bound;
  const bounded = others.map(({ bound, count }, i) => ({
    bound: bound === Infinity ? others[i - 1]!.bound * factor : bound,
    count,
  }));
  const first = bounded.findIndex(({ count }) => count > 0);
  const last = bounded.findLastIndex(({ count }) => count > 0);
  return [zero!, ...(first < 0 ? [] : bounded.slice(first, last + 1))];
}

/** A span, without its times and flags. */
export type ExpectedSpan = Omit<ToldSpan, 'startNs' | 'endNs' | 'flags'>;

/** What OTLP is to say of a span. */
export function expectedSpan(span: SpanData): ExpectedSpan {
  const { traceId, spanId, name, attributes } = span;
  return {
    ...{ traceId, spanId, name, attributes },
    parentSpanId: span.parentSpanId ?? '',
    kind: 1 + KINDS.indexOf(span.kind),
    status: { code: STATUSES.indexOf(span.status), message: span.message ?? '' },
    events: span.events.map((event) => ({
      name: event.name,
      timeNs: unixNs(event.atMs),
      attributes: event.attributes,
    })),
  };
}

/** Milliseconds with a fraction, in whole nanoseconds. */
export function unixNs(ms: number): bigint {
  const whole = Math.floor(ms);
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6));
}

/** All metrics that the program recorded, and none of those that nanometer keeps of itself. */
export function recordedMetrics(snapshot: SnapshotData): readonly MetricData[] {
  return snapshot.metrics.filter(({ name }) => !/^(nanometer|system)\./.test(name));
}
