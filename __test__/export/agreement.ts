/** Says where OTLP, decoded by somebody else, differs from what nanometer shows of the same. */
import type { PromotedSpan, SnapshotData } from 'nanometer';
import {
  expectedPoints,
  expectedSpan,
  recordedMetrics,
  unixNs,
  type ExpectedPoint,
} from './expected';
import { UNDISCLOSED } from './scenario';
import type { ToldPoint, ToldSpan } from './told';

/** Relative difference of an exponential bucket's bound by two ways to compute it. */
const BOUND_TOLERANCE = 1e-12;
/** A start in milliseconds is a double: it has no digits below 256 ns. */
const CLOCK_TOLERANCE_NS = 512;

/** Fails where the points are not those of a snapshot, metric by metric. Cumulative only. */
export function agreesWithSnapshot(points: readonly ToldPoint[], snapshot: SnapshotData): void {
  const metrics = recordedMetrics(snapshot);
  expect(metrics.length).toBeGreaterThan(30);
  for (const metric of metrics) {
    const told = points.filter((point) => point.metric === metric.name);
    const expected = expectedPoints(metric, UNDISCLOSED);
    expect(told.map(comparable)).toEqual(expected.map(comparable));
    // To the nanosecond: both are of the same double, milliseconds, whose part below one is exact.
    expect(exemplarTimes(told)).toEqual(exemplarTimes(expected));
  }
  agreesInTime(points, snapshot);
}

function agreesInTime(points: readonly ToldPoint[], snapshot: SnapshotData): void {
  const startNs = unixNs(snapshot.processes[0]!.startedAtMs);
  const takenNs = unixNs(snapshot.takenAtMs);
  for (const point of points) {
    // A gauge is of no interval.
    expect(point.startNs).toBe(point.type === 'gauge' ? 0n : startNs);
    expect(point.timeNs).toBeGreaterThanOrEqual(startNs);
    expect(point.timeNs).toBeLessThanOrEqual(takenNs);
  }
  expect(new Set(points.map(({ timeNs }) => timeNs)).size).toBe(1);
}

function exemplarTimes(points: readonly ExpectedPoint[]): bigint[] {
  return points.flatMap(({ exemplars }) => exemplars.map(({ timeNs }) => timeNs));
}

function expectNear(told: bigint, expected: bigint): void {
  expect(Math.abs(Number(told - expected))).toBeLessThan(CLOCK_TOLERANCE_NS);
}

/** Without the times; bounds of exponential buckets rounded, which are computed by either side. */
function comparable(point: ExpectedPoint | ToldPoint): unknown {
  const { metric, unit, help, type, temporality, isMonotonic, attributes, value } = point;
  const exemplars = point.exemplars.map((one) => [one.value, one.traceId, one.spanId]);
  const rest = { metric, unit, help, type, temporality, isMonotonic, attributes, value, exemplars };
  const { distribution } = point;
  if (distribution === undefined || type === 'histogram') return { ...rest, distribution };
  const buckets = distribution.buckets.map(({ bound, count }) => ({
    bound: Number(bound.toPrecision(-Math.log10(BOUND_TOLERANCE))),
    count,
  }));
  return { ...rest, distribution: { ...distribution, buckets } };
}

/** Fails where the spans are not those that listeners were told of. */
export function agreesWithSpans(told: readonly ToldSpan[], spans: readonly PromotedSpan[]): void {
  const ofId = new Map(told.map((span) => [span.spanId, span]));
  expect(ofId.size).toBe(told.length);
  expect([...ofId.keys()].sort()).toEqual(spans.map(({ spanId }) => spanId).sort());
  for (const span of spans) {
    const { startNs, endNs, flags, ...rest } = ofId.get(span.spanId)!;
    expect(rest).toEqual(expectedSpan(span));
    expectNear(startNs, unixNs(span.startMs));
    expect(Number(endNs - startNs)).toBe(Math.round(span.durationNs));
    // Promoted is sampled, as W3C Trace Context has it.
    expect(flags & 0xff).toBe(flags & 0xff & 3);
  }
}
