/**
 * Delta temporality through failures: what a receiver has taken, added up, is what was counted, however
 * many requests were refused for a while or for good in between; nothing is missing, nothing is twice.
 */
import { describeNativeWith } from '../conformance/judges';
import { NEVER_MS } from '../export/scenario';
import { toldPoints, type ToldPoint } from '../export/told';
import { quietMeter } from '../support/meter';
import {
  OtlpReceiver,
  PROTOCOLS,
  type PlannedAnswer,
  type Protocol,
} from '../support/otlp-receiver';

const DELTA = 1;
const ROUNDS = 12;
const BOUNDS = [1, 10, 100];

/** Of HTTP and of gRPC: tried again, and refused for good. */
const REFUSALS: Readonly<Record<'grpc' | 'http', readonly PlannedAnswer[]>> = {
  http: [{ status: 503 }, { status: 400 }, { drop: true }, { status: 429 }, { status: 500 }],
  grpc: [{ code: 14 }, { code: 3 }, { code: 4 }, { code: 8 }, { code: 13 }],
};

describeNativeWith('otlp_receiver', 'delta temporality', () => {
  let receiver: OtlpReceiver;

  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
  });

  async function taken(): Promise<readonly ToldPoint[]> {
    const received = await receiver.received('metrics');
    expect(received.flatMap(({ problems }) => problems)).toEqual([]);
    const successes = received.filter(({ answer }) => Object.keys(answer).length === 0);
    return toldPoints(successes.map(({ message }) => message));
  }

  test.each(PROTOCOLS)('over %s adds up to what was counted', async (protocol: Protocol) => {
    await receiver.forget();
    const meter = quietMeter({
      otlp: {
        ...{ endpoint: receiver.endpoint(protocol), protocol, traces: false },
        ...{ temporality: 'delta', intervalMs: NEVER_MS },
      },
    });
    const counter = meter.counter('orders', { labels: { kind: ['a', 'b'] } });
    const histogram = meter.histogram('weights', { buckets: BOUNDS });
    const level = meter.gauge('level', { aggregate: 'sum' });
    const refusals = REFUSALS[protocol === 'grpc' ? 'grpc' : 'http'];
    const counts = { a: 0, b: 0, weights: 0, sum: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      counter.with({ kind: 'a' }).add(round);
      counts.a += round;
      // Nothing, every third time: then there is no point of it.
      if (round % 3 !== 0) {
        counter.with({ kind: 'b' }).inc();
        counts.b += 1;
      }
      histogram.record(round);
      counts.weights += 1;
      counts.sum += round;
      level.set(round);
      const refusal = refusals[round % (refusals.length + 1)];
      await receiver.answer('metrics', refusal === undefined ? [] : [refusal]);
      await meter.flush({ timeoutMs: 300 });
    }
    await receiver.answer('metrics', []);
    expect(await meter.flush({ timeoutMs: 10_000 })).toMatchObject({ outcome: 'success' });
    const points = await taken();
    await meter.close();

    const of = (metric: string, kind?: string) =>
      points.filter((point) => point.metric === metric && point.attributes['kind'] === kind);
    const sum = (values: readonly (number | null | undefined)[]) =>
      values.reduce<number>((total, value) => total + (value ?? 0), 0);
    for (const kind of ['a', 'b'] as const) {
      const told = of('orders', kind);
      expect(sum(told.map(({ value }) => value))).toBe(counts[kind]);
      expect(new Set(told.map(({ temporality }) => temporality))).toEqual(new Set([DELTA]));
      areOneAfterTheOther(told);
    }
    const weights = of('weights');
    expect(sum(weights.map(({ distribution }) => distribution!.count))).toBe(counts.weights);
    expect(sum(weights.map(({ distribution }) => distribution!.sum))).toBe(counts.sum);
    areOneAfterTheOther(weights);
    // What can fall is told as it is.
    expect(of('level').at(-1)).toMatchObject({ temporality: 2, value: ROUNDS - 1 });
  });
});

/** Windows do not overlap, and each is of some time. */
function areOneAfterTheOther(points: readonly ToldPoint[]): void {
  expect(points.length).toBeGreaterThan(2);
  for (const [i, { startNs, timeNs }] of points.entries()) {
    expect(timeNs).toBeGreaterThan(startNs);
    if (i > 0) expect(startNs).toBeGreaterThanOrEqual(points[i - 1]!.timeNs);
  }
}
