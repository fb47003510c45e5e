/**
 * A receiver that is away for a while (F1): spans at 1,000 a second and metrics often, and what the
 * queue holds arrives when it is back; the rest is counted. The outage is short, unless
 * `NANOMETER_OUTAGE_SECONDS=120` makes it as long as it should be survived.
 */
import { describeNativeWith } from '../conformance/judges';
import { answer, FaultyReceiver } from '../support/faulty-receiver';
import { Fixture } from '../support/fixture';
import { OtlpReceiver, type Protocol } from '../support/otlp-receiver';
import { describeNative, until } from '../support/surroundings';
import type { SignalStatus } from 'nanometer';

/** How the service stands. */
interface Standing {
  readonly spans: number;
  readonly signals: { readonly traces: SignalStatus; readonly metrics: SignalStatus };
  readonly rssBytes: number;
  readonly warnings: readonly { readonly code?: string; readonly message: string }[];
}

const SPANS_PER_SECOND = 1_000;
const OUTAGE_SECONDS = Number(process.env['NANOMETER_OUTAGE_SECONDS'] ?? 2);
/** Room for the outage, and for what comes until the receiver is found to be back. */
const ROOMY_SPANS = (OUTAGE_SECONDS + 30) * SPANS_PER_SECOND;
const NARROW_SPANS = (OUTAGE_SECONDS / 2) * SPANS_PER_SECOND;
const RECOVERY_MS = 30_000;
const QUEUE_BYTES = 96 * 1024 * 1024;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const total = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

function start(endpoint: string, protocol: Protocol, otlp: object = {}): Fixture {
  const transport = { endpoint, protocol, timeoutMs: 1_000 };
  const options = {
    spansPerSecond: SPANS_PER_SECOND,
    open: { otlp: { ...transport, intervalMs: 250, delayMs: 100, ...otlp } },
  };
  return Fixture.start('export-outage.cjs', { args: [JSON.stringify(options)] });
}

function isEven({ recorded, exported, queued, dropped }: SignalStatus): void {
  expect(exported + queued + total(dropped)).toBe(recorded);
}

async function standing(service: Fixture, what = 'status'): Promise<Standing> {
  const told = await service.ask<Standing>({ do: what });
  isEven(told.signals.traces);
  isEven(told.signals.metrics);
  return told;
}

describeNativeWith('otlp_receiver', 'a receiver that is away and comes back', () => {
  test.each<[Protocol, number]>([
    ['http/protobuf', ROOMY_SPANS],
    ['grpc', NARROW_SPANS],
  ])(
    'over %s with room for %d spans',
    async (protocol, maxSpans) => {
      const queue = { maxSpans, maxBytes: QUEUE_BYTES };
      const first = await OtlpReceiver.start({ brief: true });
      const service = start(first.endpoint(protocol), protocol, { queue });
      await service.next();
      await until('it exports', async () => (await first.taken('traces')) > 500);
      const before = await standing(service);
      await first.stop();

      await pause(OUTAGE_SECONDS * 1_000);
      const during = await standing(service);
      expect(during.signals.traces.state).toBe('retrying');
      expect(during.signals.traces.queued).toBeLessThanOrEqual(maxSpans);
      expect(during.rssBytes - before.rssBytes).toBeLessThan(QUEUE_BYTES);
      expect(total(during.signals.metrics.dropped)).toBe(0);
      expect(during.warnings.length).toBeLessThanOrEqual(1 + OUTAGE_SECONDS / 60);
      const { host } = new URL(first.endpoint(protocol));
      for (const { code, message } of during.warnings) {
        expect([code, message]).toEqual(['NANOMETER_EXPORT', expect.stringContaining(host)]);
      }

      const second = await OtlpReceiver.start({ brief: true, ...first.ports });
      const back = performance.now();
      await until('it exports again', async () => (await second.taken('traces')) > 0);
      await standing(service, 'stop');
      let { spans, signals } = await standing(service);
      while (signals.traces.queued > 0 || signals.traces.recorded < spans) {
        expect(performance.now() - back).toBeLessThan(RECOVERY_MS);
        ({ spans, signals } = await standing(service));
      }

      const { exported, dropped, state } = signals.traces;
      expect(state).toBe('ok');
      expect(exported + total(dropped)).toBe(spans);
      // What was on its way when the receiver went is sent again: of those that it heard, too.
      const received = [...first.heard, ...(await second.received('traces'))];
      const ids = new Set(received.flatMap(({ spanIds = [] }) => spanIds));
      expect(ids.size).toBe(exported);
      if (maxSpans === ROOMY_SPANS) expect(total(dropped)).toBe(0);
      else expect([dropped['queue_full'], total(dropped) > 0]).toEqual([total(dropped), true]);
    },
    (OUTAGE_SECONDS + 60) * 1_000,
  );
});

describeNative('receivers that never come', () => {
  test('nobody listens there', async () => {
    const closed = await FaultyReceiver.start();
    const { url } = closed;
    closed.close();
    await fails(url, 'http/protobuf', 'connection', /nobody listens/);
    await fails(url, 'grpc', 'connection', /nobody listens/);
  });

  test('the name is not found', async () => {
    const url = 'http://nobody.invalid:4318';
    await fails(url, 'http/protobuf', 'dns', /nobody\.invalid/);
    await fails(url, 'grpc', 'dns', /nobody\.invalid/);
  });

  test('nobody answers', async () => {
    const hole = await FaultyReceiver.start(() => undefined);
    await fails(hole.url, 'http/protobuf', 'timeout', /answer|time/i);
    await fails(hole.url, 'grpc', 'timeout', /answer|time/i);
  });

  test('a page is answered where gRPC is expected', async () => {
    const web = await FaultyReceiver.start(
      answer(400, { 'content-type': 'text/html' }, '<html>Bad Request</html>'),
    );
    await fails(web.url, 'grpc', 'protocol', /HTTP\/1|gRPC/);
  });

  async function fails(url: string, protocol: Protocol, reason: string, message: RegExp) {
    const service = start(url, protocol);
    await service.next();
    await until('an attempt has failed', async () => {
      return (await standing(service)).signals.traces.lastError !== null;
    });
    const { signals, warnings } = await standing(service);
    expect(signals.traces.lastError).toMatchObject({
      reason,
      message: expect.stringMatching(message) as string,
    });
    expect(signals.traces.lastError!.message).toContain(new URL(url).host);
    expect(warnings.length).toBeLessThanOrEqual(1);
    await service.kill();
  }
});
