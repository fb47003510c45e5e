/**
 * A real OpenTelemetry Collector takes what is exported, in all three protocols: what it writes to its
 * file and what it shows to Prometheus is what the snapshot has, metric by metric.
 */
import { hostname } from 'node:os';
import type { PromotedSpan, Snapshot } from 'nanometer';
import { parseForeign, type ParsedFamily } from '../conformance/foreign-parser';
import { describeNativeWith } from '../conformance/judges';
import { Collector } from '../support/collector';
import { PROTOCOLS, type Protocol } from '../support/otlp-receiver';
import { until } from '../support/surroundings';
import { agreesWithSnapshot, agreesWithSpans } from './agreement';
import { expectedPoints, recordedMetrics } from './expected';
import { NEVER_MS, recordScenario, SPANS, UNDISCLOSED } from './scenario';
import { isShown, shownSamples } from './shown';
import { toldPoints, toldSpans } from './told';

interface Told {
  readonly snapshot: Snapshot;
  readonly spans: readonly PromotedSpan[];
  readonly written: readonly unknown[];
  readonly families: readonly ParsedFamily[];
}

describeNativeWith(
  ['collector', 'prometheus_client'],
  'what a real Collector makes of what is exported',
  () => {
    const told = {} as Record<Protocol, Told>;

    beforeAll(async () => {
      for (const protocol of PROTOCOLS) told[protocol] = await exportAll(protocol);
    }, 120_000);

    async function exportAll(protocol: Protocol): Promise<Told> {
      const collector = await Collector.start();
      const otlp = {
        ...{ endpoint: collector.endpoint(protocol), protocol, compression: 'gzip' as const },
        ...{ intervalMs: NEVER_MS, delayMs: NEVER_MS },
      };
      const { meter, spans } = await recordScenario({ otlp });
      expect(await meter.flush()).toMatchObject({ outcome: 'success' });
      await until('the Collector has written all', () => {
        const written = collector.written();
        return toldSpans(written).length >= SPANS && toldPoints(written).length > 0;
      });
      await until('the listener has heard all', () => spans.length >= SPANS);
      const [snapshot, written, shown] = [
        meter.snapshot(),
        collector.written(),
        await collector.shown(),
      ];
      await meter.close();
      collector.stop();
      return { snapshot, spans, written, families: parseForeign(shown, 'openmetrics') };
    }

    describe.each(PROTOCOLS)('over %s', (protocol) => {
      test('its file has the metrics of the snapshot, with exemplars and start times', () => {
        const { written, snapshot } = told[protocol];
        const points = toldPoints(written);
        agreesWithSnapshot(points, snapshot.toJSON());
        expect(points.filter(({ exemplars }) => exemplars.length > 0)).toHaveLength(4);
      });

      test('its file has the spans that listeners heard of', () => {
        const { written, spans } = told[protocol];
        agreesWithSpans(toldSpans(written), spans);
      });

      test('Prometheus is shown the values of the snapshot', () => {
        const { families, snapshot } = told[protocol];
        const samples = families.flatMap((family) => family.samples);
        const differs: object[] = [];
        for (const metric of recordedMetrics(snapshot.toJSON())) {
          // Which the Collector's Prometheus exporter shows as native histograms only.
          if (UNDISCLOSED.exponential.includes(metric.name)) continue;
          // Nor does it show series that have a label which it has for itself.
          const points = expectedPoints(metric, UNDISCLOSED).filter(
            (one) => !('job' in one.attributes),
          );
          for (const expected of points.flatMap(shownSamples)) {
            const found = samples.filter((sample) => isShown(expected, sample));
            const values = found.map(({ value }) => value);
            if (values.length !== 1 || values[0] !== expected.value)
              differs.push({ expected, values });
          }
        }
        expect(differs).toEqual([]);
      });

      test('Prometheus is shown exemplars, and who recorded them', () => {
        const { families, snapshot } = told[protocol];
        const samples = families.flatMap((family) => family.samples);
        const shown = samples.flatMap(({ exemplar }) => (exemplar === undefined ? [] : [exemplar]));
        const ids = recordedMetrics(snapshot.toJSON())
          .flatMap(({ series }) => series.flatMap(({ exemplars = [] }) => exemplars))
          .map(({ traceId, spanId }) => `${traceId} ${spanId}`);
        expect(shown.length).toBeGreaterThan(4);
        for (const { labels } of shown) {
          expect(ids).toContain(`${labels['trace_id']} ${labels['span_id']}`);
        }
        const target = samples.find(({ name }) => name === 'target_info');
        expect(target?.labels).toMatchObject({ job: snapshot.service, host_name: hostname() });
      });
    });
  },
);
