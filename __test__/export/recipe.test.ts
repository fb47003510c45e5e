/**
 * The configuration that `docs/otlp` gives of a Collector and of Prometheus, for many hosts and many
 * services, run as it stands: only addresses and intervals are those of the test.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeNativeWith } from '../conformance/judges';
import { Prometheus } from '../conformance/prometheus';
import { Collector, type CollectorSetup } from '../support/collector';
import { Fixture } from '../support/fixture';
import { temporaryDirectory, until } from '../support/surroundings';
import { toldResources, toldSpans } from './told';

const DOCUMENTED = join(__dirname, '../../docs/otlp');

const SETUP: CollectorSetup = {
  config: join(DOCUMENTED, 'collector.yaml'),
  environment: ({ grpc, http, prometheus, health }, file) => ({
    ...{ OTLP_GRPC: `127.0.0.1:${grpc}`, OTLP_HTTP: `127.0.0.1:${http}` },
    ...{ PROMETHEUS: `127.0.0.1:${prometheus}`, HEALTH: `127.0.0.1:${health}` },
    ...{ TRACES_FILE: file, BATCH_TIMEOUT: '50ms' },
  }),
};

/** Processes that push, by service: how many orders each takes. */
const PUSHING = { orders: [3, 4, 5], prices: [7, 8] } as const;
/** One that is scraped. */
const SCRAPED = { service: 'bills', orders: 11 } as const;

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

describeNativeWith(
  ['collector', 'prometheus'],
  'the Collector and the Prometheus that are documented',
  () => {
    describe('many processes', () => {
      let collector: Collector;
      let prometheus: Prometheus;

      beforeAll(async () => {
        collector = await Collector.start(SETUP);
        const endpoints = [
          { endpoint: collector.endpoint('grpc'), protocol: 'grpc' },
          { endpoint: collector.endpoint('http/protobuf'), protocol: 'http/protobuf' },
          { endpoint: collector.endpoint('http/json'), protocol: 'http/json' },
        ];
        for (const [service, all] of Object.entries(PUSHING)) {
          for (const [i, orders] of all.entries()) {
            const otlp = { ...endpoints[i % endpoints.length], intervalMs: 500, delayMs: 100 };
            await start({ service, orders, otlp, inspection: false });
          }
        }
        const inspection = { host: '127.0.0.1', port: 0, socket: false };
        const { url } = await start({ ...SCRAPED, inspection });
        prometheus = await startPrometheus(collector.address, new URL(url!).host);
      }, 60_000);

      afterAll(() => {
        prometheus.stop();
        collector.stop();
      });

      const start = (options: object) =>
        Fixture.start('recipe-service.cjs', { args: [JSON.stringify(options)] }).next<{
          url: string | null;
        }>();

      /** As documented, but that it scrapes every second. */
      function startPrometheus(pushed: string, scraped: string): Promise<Prometheus> {
        const directory = temporaryDirectory();
        mkdirSync(join(directory, 'targets'));
        const write = (name: string, targets: unknown) =>
          writeFileSync(join(directory, 'targets', name), JSON.stringify(targets));
        write('collectors.json', [{ targets: [pushed] }]);
        write('processes.json', [{ targets: [scraped], labels: { service: SCRAPED.service } }]);
        const text = readFileSync(join(DOCUMENTED, 'prometheus.yml'), 'utf8');
        expect(text).toContain('scrape_interval: 15s');
        const quick = text.replace('scrape_interval: 15s', 'scrape_interval: 1s');
        return Prometheus.configured(quick, ['--enable-feature=exemplar-storage'], directory);
      }

      async function query(expression: string): Promise<readonly Sample[]> {
        const path = `/api/v1/query?query=${encodeURIComponent(expression)}`;
        const answer = await prometheus.get<{ data: { result: readonly Sample[] } }>(path);
        return answer.data.result;
      }

      /** Waits until the answer is this, by the label that it is grouped by. */
      async function answers(expression: string, label: string, expected: object): Promise<void> {
        let got = {};
        await until(`${expression} is ${JSON.stringify(expected)}`, async () => {
          const samples = await query(expression);
          got = Object.fromEntries(samples.map(({ metric, value }) => [metric[label], +value[1]]));
          return JSON.stringify(sorted(got)) === JSON.stringify(sorted(expected));
        }).catch((error: unknown) => {
          throw new Error(`${String(error)}, but ${JSON.stringify(got)}`);
        });
      }

      const sorted = (record: object) =>
        Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

      test('are added up by service', async () => {
        const expected = { orders: 12, prices: 15, bills: 11 };
        await answers('sum by (job) (orders_accepted_total)', 'job', expected);
      });

      test('can be told apart, and counted', async () => {
        const expected = { orders: 3, prices: 2, bills: 1 };
        await answers('count by (job) (orders_accepted_total)', 'job', expected);
        const instances = (await query('orders_accepted_total')).map(({ metric }) => metric);
        expect(new Set(instances.map(({ instance }) => instance)).size).toBe(6);
      });

      test('say where they run', async () => {
        const joined = (label: string) =>
          `sum by (${label}) (orders_accepted_total * on (job, instance) group_left (${label}) target_info)`;
        await answers(joined('deployment_environment_name'), 'deployment_environment_name', {
          judged: 38,
        });
        const hosts = await query(joined('host_name'));
        expect(hosts).toHaveLength(1);
      });

      test('have quantiles of all together', async () => {
        const quantile =
          'histogram_quantile(0.5, sum by (job, le) (orders_latency_nanoseconds_bucket))';
        await until('there are quantiles', async () => (await query(quantile)).length === 2);
        for (const { value } of await query(quantile)) {
          expect(+value[1]).toBeGreaterThan(100);
          expect(+value[1]).toBeLessThan(10_000);
        }
      });

      test('have exemplars, whose traces the Collector has written', async () => {
        await until('traces are written', () => toldSpans(collector.written()).length >= 27);
        const traces = new Set(toldSpans(collector.written()).map(({ traceId }) => traceId));
        const ask = new URLSearchParams({
          ...{ query: 'orders_accepted_total{job=~"orders|prices"}', start: '0' },
          end: String(Date.now() / 1000 + 60),
        });
        interface Stored {
          readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>> }[];
        }
        let found: readonly string[] = [];
        await until('exemplars are stored', async () => {
          const path = `/api/v1/query_exemplars?${ask.toString()}`;
          const { data } = await prometheus.get<{ data: readonly Stored[] }>(path);
          found = data.flatMap(({ exemplars }) =>
            exemplars.map(({ labels }) => labels['trace_id']!),
          );
          return found.length >= 5;
        });
        for (const id of found) expect([...traces]).toContain(id);
        const services = toldResources(collector.written()).map((one) => one['service.name']);
        expect(new Set(services)).toEqual(new Set(['orders', 'prices']));
      });

      test('can be asked what the page asks', async () => {
        const page = readFileSync(join(DOCUMENTED, 'README.md'), 'utf8');
        const questions = [...page.matchAll(/```promql\n(.*?)\n```/gs)].map(
          ([, question]) => question!,
        );
        expect(questions.length).toBeGreaterThan(3);
        for (const question of questions) {
          await until(`an answer to ${question}`, async () => (await query(question)).length > 0);
        }
      });

      test('are all well, and have lost nothing', async () => {
        const targets = await query('up');
        expect(targets.map(({ value }) => value[1])).toEqual(['1', '1']);
        const dropped = await query('sum(nanometer_exporter_dropped_total)');
        expect(dropped.map(({ value }) => value[1])).toEqual(['0']);
      });
    });
  },
);

describeNativeWith('promtool', 'the Prometheus of the documentation', () => {
  test('is a configuration that promtool accepts', () => {
    const { status, stderr } = spawnSync('promtool', [
      ...['check', 'config', '--syntax-only', join(DOCUMENTED, 'prometheus.yml')],
    ]);
    expect([status, stderr.toString()]).toEqual([0, '']);
  });
});
