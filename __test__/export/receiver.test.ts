/**
 * What is exported over gRPC, HTTP with protobuf and HTTP with JSON is decoded by the official types
 * in another language: it is what the snapshot and the listener of spans show, the same in all three.
 */
import { hostname } from 'node:os';
import type { PromotedSpan, Snapshot } from 'nanometer';
import { describeNativeWith } from '../conformance/judges';
import { OtlpReceiver, PROTOCOLS, type Protocol, type Received } from '../support/otlp-receiver';
import { until } from '../support/surroundings';
import { agreesWithSnapshot, agreesWithSpans } from './agreement';
import { NEVER_MS, recordScenario, SPANS } from './scenario';
import { toldPoints, toldResources, toldScopes, toldSpans } from './told';

interface Exported {
  readonly snapshot: Snapshot;
  readonly spans: readonly PromotedSpan[];
  readonly metrics: readonly Received[];
  readonly traces: readonly Received[];
}

describeNativeWith('otlp_receiver', 'what is exported, as the official types decode it', () => {
  let receiver: OtlpReceiver;
  const exported = {} as Record<Protocol, Exported>;

  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    for (const protocol of PROTOCOLS) exported[protocol] = await exportAll(protocol);
  });

  async function exportAll(protocol: Protocol): Promise<Exported> {
    await receiver.forget();
    const otlp = {
      ...{ endpoint: receiver.endpoint(protocol), protocol, headers: { 'x-who': 'a test' } },
      ...{ intervalMs: NEVER_MS, delayMs: NEVER_MS },
    };
    const { meter, spans } = await recordScenario({ otlp });
    const flushed = await meter.flush();
    expect(flushed).toMatchObject({ outcome: 'success' });
    await until('the listener has heard all', () => spans.length >= SPANS);
    const snapshot = meter.snapshot();
    const [metrics, traces] = [
      await receiver.received('metrics'),
      await receiver.received('traces'),
    ];
    await meter.close();
    return { snapshot, spans, metrics, traces };
  }

  describe.each(PROTOCOLS)('over %s', (protocol) => {
    const messages = (of: readonly Received[]) => of.map(({ message }) => message);

    test('is well-formed: no unknown field, no empty envelope, JSON as OTLP writes it', () => {
      const { metrics, traces } = exported[protocol];
      for (const received of [...metrics, ...traces]) {
        expect(received).toMatchObject({ protocol, problems: [] });
        expect(received.headers['x-who']).toBe('a test');
        expect(received.headers['user-agent']).toMatch(/^OTel-OTLP-Exporter-nanometer\/\d/);
      }
      expect([metrics.length, traces.length]).toEqual([1, 1]);
    });

    test('metrics are those of the snapshot', () => {
      const { metrics, snapshot } = exported[protocol];
      agreesWithSnapshot(toldPoints(messages(metrics)), snapshot.toJSON());
    });

    test('spans are those that listeners hear of', () => {
      const { traces, spans } = exported[protocol];
      agreesWithSpans(toldSpans(messages(traces)), spans);
    });

    test('everything says who recorded it', () => {
      const { metrics, traces } = exported[protocol];
      const told = messages([...metrics, ...traces]);
      expect(toldScopes(told)).toEqual([expect.stringMatching(/^nanometer \d+\.\d+\.\d+$/)]);
      for (const attributes of toldResources(told)) {
        expect(attributes).toMatchObject({
          'service.name': expect.stringMatching(/^quiet /) as string,
          'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
          'host.name': hostname(),
          'process.pid': process.pid,
          'process.runtime.name': 'nodejs',
          'telemetry.sdk.name': 'nanometer',
          'telemetry.sdk.language': 'nodejs',
          'deployment.environment.name': 'judged',
        });
      }
    });
  });

  test('is the same in all three, but for times and ids', () => {
    const [first, ...others] = PROTOCOLS.map((protocol) => {
      const { metrics, traces } = exported[protocol];
      const points = toldPoints(metrics.map(({ message }) => message));
      return {
        points: points
          .filter(({ metric }) => !metric.startsWith('nanometer.'))
          .map((point) => ({
            ...{ ...point, startNs: 0, timeNs: 0 },
            exemplars: point.exemplars.map(({ value }) => value),
          })),
        spans: toldSpans(traces.map(({ message }) => message)).map((span) => [
          ...[span.name, span.kind, span.status, span.attributes, span.endNs - span.startNs],
          span.events.map(({ name, attributes }) => [name, attributes]),
        ]),
      };
    });
    expect(first!.points.length).toBeGreaterThan(50);
    for (const other of others) expect(other).toEqual(first);
  });
});
