/** A real Prometheus scrapes the service, stores what it read, and answers queries about it. */
import { Fixture } from '../support/fixture';
import { until } from '../support/surroundings';
import { describeWith } from './judges';
import { Prometheus } from './prometheus';

interface QueryResult {
  readonly data: {
    readonly result: readonly {
      readonly metric: Record<string, string>;
      readonly value: [number, string];
    }[];
  };
}

describeWith('prometheus', 'a real Prometheus', () => {
  let prometheus: Prometheus;

  beforeAll(async () => {
    const service = Fixture.start('recording-service.cjs');
    const { url } = await service.next<{ url: string }>();
    prometheus = await Prometheus.start(url);
    await until('two scrapes', async () => {
      const scrapes = await query('count_over_time(up{job="judged"}[1m])');
      return Number(scrapes[0]?.value[1] ?? 0) >= 2;
    });
  }, 60_000);

  afterAll(() => {
    prometheus.stop();
  });

  test('finds the target healthy', async () => {
    expect((await query('up{job="judged"}'))[0]?.value[1]).toBe('1');
    const targets = await prometheus.get<{
      data: { activeTargets: { health: string; lastError: string }[] };
    }>('/api/v1/targets');
    expect(targets.data.activeTargets).toMatchObject([{ health: 'up', lastError: '' }]);
  });

  test('stored counters and labelled series', async () => {
    expect((await query('orders_accepted_total'))[0]?.value[1]).toBe('41');
    const sum = await query('sum by (route) (http_requests_total)');
    expect(sum.map(({ metric, value }) => [metric['route'], value[1]]).sort()).toEqual([
      ['/health', '1'],
      ['/orders', '5'],
    ]);
  });

  test('computes a quantile from the buckets', async () => {
    const median = await query('histogram_quantile(0.5, orders_latency_seconds_bucket)');
    const seconds = Number(median[0]?.value[1]);
    expect(seconds).toBeGreaterThan(1e-7);
    expect(seconds).toBeLessThan(1e-3);
  });

  test('knows types and units as metadata', async () => {
    const { data } = await prometheus.get<{
      data: Record<string, { type: string; unit: string; help: string }[]>;
    }>('/api/v1/metadata');
    expect(data['orders_latency_seconds']?.[0]).toMatchObject({
      type: 'histogram',
      unit: 'seconds',
    });
  });

  async function query(expression: string): Promise<QueryResult['data']['result']> {
    const path = `/api/v1/query?query=${encodeURIComponent(expression)}`;
    return (await prometheus.get<QueryResult>(path)).data.result;
  }
});
