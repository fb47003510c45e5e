/** A real Prometheus scrapes the service, stores what it read, and answers queries about it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Fixture } from '../support/fixture';
import { request } from '../support/request';
import { temporaryDirectory, until } from '../support/surroundings';
import { describeWith } from './judges';

interface QueryResult {
  readonly data: {
    readonly result: readonly {
      readonly metric: Record<string, string>;
      readonly value: [number, string];
    }[];
  };
}

describeWith('prometheus', 'a real Prometheus', () => {
  let prometheus: ChildProcess;
  let api = '';

  beforeAll(async () => {
    const service = Fixture.start('recording-service.cjs');
    const { url } = await service.next<{ url: string }>();
    const directory = temporaryDirectory();
    const port = await freePort();
    api = `http://127.0.0.1:${port}`;
    const config = join(directory, 'prometheus.yml');
    writeFileSync(config, configuration(new URL(url).host));
    prometheus = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { stdio: 'ignore' },
    );
    await until('Prometheus answers', () => answers(`${api}/-/ready`));
    await until('two scrapes', async () => {
      const scrapes = await query('count_over_time(up{job="judged"}[1m])');
      return Number(scrapes[0]?.value[1] ?? 0) >= 2;
    });
  }, 60_000);

  afterAll(() => {
    prometheus.kill('SIGKILL');
  });

  test('finds the target healthy', async () => {
    expect((await query('up{job="judged"}'))[0]?.value[1]).toBe('1');
    const targets = await get<{ data: { activeTargets: { health: string; lastError: string }[] } }>(
      '/api/v1/targets',
    );
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
    const { data } = await get<{
      data: Record<string, { type: string; unit: string; help: string }[]>;
    }>('/api/v1/metadata');
    expect(data['orders_latency_seconds']?.[0]).toMatchObject({
      type: 'histogram',
      unit: 'seconds',
    });
  });

  async function query(expression: string): Promise<QueryResult['data']['result']> {
    const path = `/api/v1/query?query=${encodeURIComponent(expression)}`;
    return (await get<QueryResult>(path)).data.result;
  }

  async function get<T>(path: string): Promise<T> {
    const answer = await request(api + path);
    if (answer.status !== 200) throw new Error(answer.text);
    return JSON.parse(answer.text) as T;
  }
});

function configuration(target: string): string {
  return [
    'global: { scrape_interval: 1s, scrape_timeout: 1s }',
    'scrape_configs:',
    '  - job_name: judged',
    `    static_configs: [{ targets: ['${target}'] }]`,
    '',
  ].join('\n');
}

async function answers(url: string): Promise<boolean> {
  return request(url).then(
    (answer) => answer.status === 200,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
