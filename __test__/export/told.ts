/**
 * OTLP as its JSON has it, decoded by somebody else, read into points and spans that can be compared
 * with what nanometer shows elsewhere: attributes as plain values, times in nanoseconds.
 */

/** An attribute's value. */
export type Value = string | number | boolean;

/** Attributes by name. */
export type Attributes = Readonly<Record<string, Value>>;

/** An exemplar. */
export interface ToldExemplar {
  readonly value: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly timeNs: bigint;
}

/** A data point with all that stands around it. */
export interface ToldPoint {
  readonly metric: string;
  readonly unit: string;
  readonly help: string;
  readonly type: 'sum' | 'gauge' | 'histogram' | 'exponentialHistogram';
  /** Of sums and histograms: 1 is delta, 2 cumulative. */
  readonly temporality?: number;
  readonly isMonotonic?: boolean;
  readonly attributes: Attributes;
  readonly startNs: bigint;
  readonly timeNs: bigint;
  /** Of sums and gauges. */
  readonly value?: number;
  /** Of histograms of either kind. */
  readonly distribution?: ToldDistribution;
  readonly exemplars: readonly ToldExemplar[];
}

/** What a histogram has counted; a bucket ends at its bound, and a bound of Infinity is the last. */
export interface ToldDistribution {
  readonly count: number;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly buckets: readonly { readonly bound: number; readonly count: number }[];
}

/** A span. */
export interface ToldSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly status: { readonly code: number; readonly message: string };
  readonly attributes: Attributes;
  readonly events: readonly {
    readonly name: string;
    readonly timeNs: bigint;
    readonly attributes: Attributes;
  }[];
  readonly flags: number;
}

/** Who speaks, in each envelope. */
export function toldResources(messages: readonly unknown[]): Attributes[] {
  return envelopes(messages).map(({ resource }) => attributesOf(resource?.attributes));
}

/** The scopes' names and versions, once each. */
export function toldScopes(messages: readonly unknown[]): string[] {
  const scopes = envelopes(messages).flatMap((envelope) =>
    envelope.scopes.map(({ scope }) => scope),
  );
  return [...new Set(scopes.map((scope) => `${scope?.name} ${scope?.version}`))];
}

/** All data points, in the order in which they came. */
export function toldPoints(messages: readonly unknown[]): ToldPoint[] {
  return envelopes(messages).flatMap((envelope) =>
    envelope.scopes.flatMap(({ metrics }) => (metrics ?? []).flatMap(pointsOf)),
  );
}

/** All spans, in the order in which they came. */
export function toldSpans(messages: readonly unknown[]): ToldSpan[] {
  return envelopes(messages).flatMap((envelope) =>
    envelope.scopes.flatMap(({ spans }) => (spans ?? []).map(spanOf)),
  );
}

// The shapes of OTLP's JSON, as far as they are read.
interface RawAttribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: string | number;
    readonly doubleValue?: number | string;
    readonly boolValue?: boolean;
  };
}
interface RawExemplar {
  readonly asDouble?: number | string;
  readonly asInt?: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly timeUnixNano: string;
}
interface RawPoint {
  readonly attributes?: readonly RawAttribute[];
  readonly startTimeUnixNano?: string;
  readonly timeUnixNano: string;
  readonly asInt?: string;
  readonly asDouble?: number | string;
  readonly count?: string;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  readonly explicitBounds?: readonly number[];
  readonly bucketCounts?: readonly string[];
  readonly scale?: number;
  readonly zeroCount?: string;
  readonly zeroThreshold?: number;
  readonly positive?: { readonly offset?: number; readonly bucketCounts?: readonly string[] };
  readonly exemplars?: readonly RawExemplar[];
}
interface RawData {
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
  readonly dataPoints: readonly RawPoint[];
}
type RawMetric = Readonly<Partial<Record<ToldPoint['type'], RawData>>> & {
  readonly name: string;
  readonly unit?: string;
  readonly description?: string;
};
interface RawSpan extends Pick<ToldSpan, 'traceId' | 'spanId' | 'name'> {
  readonly parentSpanId?: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly attributes?: readonly RawAttribute[];
  readonly events?: readonly {
    readonly name: string;
    readonly timeUnixNano: string;
    readonly attributes?: readonly RawAttribute[];
  }[];
  readonly flags?: number;
}
interface RawScope {
  readonly scope?: { readonly name?: string; readonly version?: string };
  readonly metrics?: readonly RawMetric[];
  readonly spans?: readonly RawSpan[];
}
interface RawEnvelope {
  readonly resource?: { readonly attributes?: readonly RawAttribute[] };
  readonly scopeMetrics?: readonly RawScope[];
  readonly scopeSpans?: readonly RawScope[];
}
interface RawMessage {
  readonly resourceMetrics?: readonly RawEnvelope[];
  readonly resourceSpans?: readonly RawEnvelope[];
}

function envelopes(messages: readonly unknown[]) {
  return (messages as readonly RawMessage[])
    .flatMap(({ resourceMetrics = [], resourceSpans = [] }) => [
      ...resourceMetrics,
      ...resourceSpans,
    ])
    .map(({ resource, scopeMetrics = [], scopeSpans = [] }) => ({
      resource,
      scopes: [...scopeMetrics, ...scopeSpans],
    }));
}

function pointsOf(metric: RawMetric): ToldPoint[] {
  const { name, unit = '', description: help = '' } = metric;
  const types = ['sum', 'gauge', 'histogram', 'exponentialHistogram'] as const;
  const type = types.find((candidate) => metric[candidate] !== undefined)!;
  const { aggregationTemporality, isMonotonic, dataPoints } = metric[type]!;
  return dataPoints.map((point) => ({
    ...{ metric: name, unit, help, type },
    ...(type === 'gauge' ? {} : { temporality: aggregationTemporality }),
    ...(type === 'sum' ? { isMonotonic: isMonotonic ?? false } : {}),
    attributes: attributesOf(point.attributes),
    startNs: BigInt(point.startTimeUnixNano ?? 0),
    timeNs: BigInt(point.timeUnixNano),
    ...(type === 'sum' || type === 'gauge'
      ? { value: Number(point.asInt ?? point.asDouble) }
      : { distribution: distributionOf(type, point) }),
    exemplars: (point.exemplars ?? []).map((exemplar) => ({
      value: Number(exemplar.asInt ?? exemplar.asDouble),
      traceId: exemplar.traceId,
      spanId: exemplar.spanId,
      timeNs: BigInt(exemplar.timeUnixNano),
    })),
  }));
}

function distributionOf(type: ToldPoint['type'], point: RawPoint): ToldDistribution {
  const { count = 0, sum = null, min = null, max = null } = point;
  const buckets = type === 'histogram' ? explicitBuckets(point) : exponentialBuckets(point);
  return { count: Number(count), sum, min, max, buckets };
}

function explicitBuckets({ explicitBounds = [], bucketCounts = [] }: RawPoint) {
  return bucketCounts.map((count, i) => ({
    bound: explicitBounds[i] ?? Infinity,
    count: Number(count),
  }));
}

/** By the formula of the specification: bucket `i` of those that have an offset ends at base^(i+1). */
function exponentialBuckets({ scale = 0, zeroCount = '0', zeroThreshold = 0, positive }: RawPoint) {
  const base = 2 ** (2 ** -scale);
  const { offset = 0, bucketCounts = [] } = positive ?? {};
  return [
    { bound: zeroThreshold, count: Number(zeroCount) },
    ...bucketCounts.map((count, i) => ({ bound: base ** (offset + i + 1), count: Number(count) })),
  ];
}

function spanOf(span: RawSpan): ToldSpan {
  return {
    ...{ traceId: span.traceId, spanId: span.spanId, parentSpanId: span.parentSpanId ?? '' },
    ...{ name: span.name, kind: span.kind ?? 0, flags: span.flags ?? 0 },
    startNs: BigInt(span.startTimeUnixNano),
    endNs: BigInt(span.endTimeUnixNano),
    status: { code: span.status?.code ?? 0, message: span.status?.message ?? '' },
    attributes: attributesOf(span.attributes),
    events: (span.events ?? []).map(({ name, timeUnixNano, attributes }) => ({
      name,
      timeNs: BigInt(timeUnixNano),
      attributes: attributesOf(attributes),
    })),
  };
}

function attributesOf(raw: readonly RawAttribute[] = []): Attributes {
  return Object.fromEntries(
    raw.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? Number(value.intValue ?? value.doubleValue),
    ]),
  );
}
