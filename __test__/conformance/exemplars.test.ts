/** Others read our exemplars: the parser of `prometheus_client`, and a real Prometheus. */
import { Fixture } from '../support/fixture';
import { request, scrape } from '../support/request';
import { until } from '../support/surroundings';
import { parseForeign, type ParsedSample } from './foreign-parser';
import { describeWith } from './judges';
import { Prometheus } from './prometheus';

interface Told {
  readonly url: string;
  /** The trace of each element. */
  readonly traces: readonly string[];
}

const start = (): Promise<Told> => Fixture.start('exemplar-service.cjs').next<Told>();

/** What answers for the traces of some exemplars, asked one by one. */
const statuses = async (url: string, traceIds: Iterable<string>): Promise<number[]> => {
  const found: number[] = [];
  for (const id of traceIds) found.push((await request(`${url}/traces/${id}`)).status);
  return found;
};

describeWith('prometheus_client', 'exemplars, to the parser of prometheus_client', () => {
  let told: Told;
  let samples: readonly ParsedSample[];

  beforeAll(async () => {
    told = await start();
    const families = parseForeign(await scrape(told.url, 'openmetrics'), 'openmetrics');
    samples = families.flatMap((family) => family.samples);
  });

  const withOne = () => samples.filter(({ exemplar }) => exemplar !== undefined);

  test('are on buckets and totals only, and name traces of the service', () => {
    const found = withOne();
    expect(found.length).toBeGreaterThan(30);
    for (const { name, exemplar } of found) {
      expect(name).toMatch(/_(bucket|total)$/);
      expect(Object.keys(exemplar!.labels)).toEqual(['trace_id', 'span_id']);
      expect(told.traces).toContain(exemplar!.labels['trace_id']);
      expect(exemplar!.labels['span_id']).toMatch(/^[0-9a-f]{16}$/);
      expect(exemplar!.timestamp).toBeGreaterThan(0);
    }
  });

  test('are in their buckets, one in each that has counted something', () => {
    for (const family of ['orders_weight_grams', 'orders_size_bytes']) {
      const buckets = samples.filter(({ name }) => name === `${family}_bucket`);
      let [below, counted] = [-Infinity, 0];
      for (const { labels, value, exemplar } of buckets) {
        const bound = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
        expect(exemplar === undefined).toBe(value === counted);
        if (exemplar !== undefined) {
          expect(exemplar.value).toBeGreaterThan(below);
          expect(exemplar.value).toBeLessThanOrEqual(bound);
        }
        [below, counted] = [bound, value];
      }
      expect(counted).toBe(40);
    }
  });

  test('are of the last that was counted, for each set of labels', () => {
    const totals = samples.filter(({ name }) => name === 'orders_accepted_total');
    expect(totals.map(({ labels, exemplar }) => [labels['sku'], exemplar!.value])).toEqual([
      ['even', 38 / 4],
      ['odd "\\', 39 / 4],
    ]);
    const ids = totals.map(({ exemplar }) => exemplar!.labels['trace_id']);
    expect(ids).toEqual(told.traces.slice(-2));
  });

  test('have traces that answer', async () => {
    const ids = new Set(withOne().map(({ exemplar }) => exemplar!.labels['trace_id']!));
    expect(new Set(await statuses(told.url, ids))).toEqual(new Set([200]));
  });

  test('are nowhere in text 0.0.4', async () => {
    expect(await scrape(told.url, 'text')).not.toContain('trace_id');
  });
});

describeWith('prometheus', 'exemplars, to a real Prometheus', () => {
  let told: Told;
  let prometheus: Prometheus;

  beforeAll(async () => {
    told = await start();
    prometheus = await Prometheus.start(told.url, ['--enable-feature=exemplar-storage']);
  }, 60_000);

  afterAll(() => {
    prometheus.stop();
  });

  interface Stored {
    readonly seriesLabels: Readonly<Record<string, string>>;
    readonly exemplars: readonly {
      readonly labels: Readonly<Record<string, string>>;
      readonly value: string;
    }[];
  }

  async function stored(selector: string): Promise<readonly Stored[]> {
    const query = new URLSearchParams({ query: selector, start: '0', end: String(Date.now()) });
    const answer = await prometheus.get<{ data: readonly Stored[] }>(
      `/api/v1/query_exemplars?${query.toString()}`,
    );
    return answer.data;
  }

  test.each([
    ['orders_accepted_total', 2],
    ['orders_weight_grams_bucket', 4],
    ['flow_latency_seconds_bucket', 5],
  ])('those of %s are stored, and their traces answer', async (name, least) => {
    await until('exemplars are stored', async () => (await stored(name)).length >= least);
    const all = (await stored(name)).flatMap(({ exemplars }) => exemplars);
    const ids = new Set(all.map(({ labels }) => labels['trace_id']!));
    expect(told.traces).toEqual(expect.arrayContaining([...ids]));
    expect(new Set(await statuses(told.url, ids))).toEqual(new Set([200]));
  });
});
