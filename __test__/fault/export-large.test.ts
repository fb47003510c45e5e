/**
 * More than fits in one request (F7): it is split, and arrives whole. The receiver takes messages of
 * 4 MiB over gRPC, as receivers do that nobody has configured.
 */
import { describeNativeWith } from '../conformance/judges';
import { NEVER_MS } from '../export/scenario';
import { quietMeter } from '../support/meter';
import { OtlpReceiver, PROTOCOLS } from '../support/otlp-receiver';
import { Sender } from '../support/sender';

const MIB = 1024 * 1024;
const MOST_BYTES = 4 * MIB;
const SERIES = 12_000;
const LABEL_BYTES = 700;
/** Nearly the most that a span can hold. */
const SPAN_BYTES = 3_800;

describeNativeWith('otlp_receiver', 'more than fits in one request', () => {
  let receiver: OtlpReceiver;

  beforeAll(async () => {
    receiver = await OtlpReceiver.start({ brief: true });
  });
  beforeEach(() => receiver.forget());

  test.each(PROTOCOLS)('metrics of 8 MiB, over %s', async (protocol) => {
    const meter = quietMeter({
      maxSeries: SERIES,
      otlp: {
        endpoint: receiver.endpoint(protocol),
        protocol,
        traces: false,
        intervalMs: NEVER_MS,
      },
    });
    const family = meter.counter('many', { labels: ['id', 'text'] });
    const text = 'x'.repeat(LABEL_BYTES);
    for (let id = 0; id < SERIES; id += 1) family.with({ id: `${id}`, text }).inc();
    expect(await meter.flush({ timeoutMs: 20_000 })).toMatchObject({ outcome: 'success' });
    const received = await receiver.received('metrics');
    await meter.close();
    const bytes = received.map(({ wireBytes }) => wireBytes);
    expect(Math.max(...bytes)).toBeLessThanOrEqual(MOST_BYTES);
    expect(bytes.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(SERIES * LABEL_BYTES);
    expect(received.reduce((sum, { items }) => sum + items, 0)).toBeGreaterThanOrEqual(SERIES);
    expect(received.flatMap(({ problems }) => problems)).toEqual([]);
  });

  test.each(['grpc', 'http/json'] as const)(
    'spans of 4.5 MiB in one batch, over %s',
    async (protocol) => {
      const spans = 1_200;
      const sender = new Sender(
        {
          ...{ endpoint: receiver.endpoint(protocol), protocol },
          ...{ maxBatch: spans, delayMs: 2_000, timeoutMs: 20_000 },
        },
        { flush: { timeoutMs: 5_000 } },
      );
      await sender.recordInTurns(spans, SPAN_BYTES);
      expect(await sender.settled(spans)).toEqual({ exported: spans, queued: 0, dropped: {} });
      const received = await receiver.received('traces');
      expect(Math.max(...received.map(({ wireBytes }) => wireBytes))).toBeLessThanOrEqual(
        MOST_BYTES,
      );
      const ids = received.flatMap(({ spanIds }) => spanIds);
      expect([ids.length, new Set(ids).size]).toEqual([spans, spans]);
    },
  );

  test('what is too much for the queue is counted, and the queue is no larger', async () => {
    await receiver.answer('traces', [], { status: 503 });
    const maxBytes = MIB;
    const spans = 500;
    const sender = new Sender({
      endpoint: receiver.endpoint('http/protobuf'),
      queue: { maxBytes },
    });
    await sender.recordInTurns(spans, SPAN_BYTES);
    const { queuedBytes } = sender.status;
    expect(queuedBytes).toBeLessThanOrEqual(maxBytes);
    expect(queuedBytes).toBeGreaterThan(0.5 * maxBytes);
    const { queued, dropped, exported } = sender.account;
    expect([exported, dropped]).toEqual([0, { queue_full: spans - queued }]);
    await receiver.answer('traces', []);
    expect(await sender.settled(spans)).toEqual({ exported: queued, queued: 0, dropped });
  });
});
