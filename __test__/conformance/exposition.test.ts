/** Every judge looks at the scrape of a service that has recorded one of everything. */
import { spawnSync } from 'node:child_process';
import { Fixture } from '../support/fixture';
import { scrape } from '../support/request';
import { check } from './checker';
import { parseForeign, samplesNamed, type Format } from './foreign-parser';
import { describeWith } from './judges';

const scraped: Record<Format, string> = { openmetrics: '', text: '' };

beforeAll(async () => {
  const service = Fixture.start('recording-service.cjs');
  const { url } = await service.next<{ url: string }>();
  scraped.openmetrics = await scrape(url, 'openmetrics');
  scraped.text = await scrape(url, 'text');
  await service.kill();
});

describe('our own checker', () => {
  test.each<Format>(['openmetrics', 'text'])('finds nothing wrong with the %s output', (format) => {
    expect(scraped[format].length).toBeGreaterThan(1000);
    expect(check(scraped[format], format)).toEqual([]);
  });
});

describeWith('prometheus_client', 'the parser of prometheus_client', () => {
  test('understands the OpenMetrics output, with types, units and values', () => {
    const families = parseForeign(scraped.openmetrics, 'openmetrics');
    const byName = new Map(families.map((family) => [family.name, family]));

    expect(byName.get('target')).toMatchObject({ type: 'info' });
    expect(byName.get('orders_accepted')).toMatchObject({
      type: 'counter',
      help: 'Orders accepted.',
    });
    expect(byName.get('orders_latency_seconds')).toMatchObject({
      type: 'histogram',
      unit: 'seconds',
    });
    expect(byName.get('bytes_sent')).toMatchObject({
      type: 'counter',
    });

    expect(only(families, 'orders_accepted_total')).toBe(41);
    expect(only(families, 'wait_time_seconds_total')).toBe(1.234567891);
    expect(only(families, 'stream_backpressure_duration_seconds_total')).toBe(1.5e-6);
    expect(only(families, 'flow_elements_total')).toBe(7);
    expect(only(families, 'queue_peak')).toBe(9);
    expect(only(families, 'queue_low')).toBe(-3.5);
    expect(only(families, 'huge_total')).toBe(1e300);
    expect(only(families, 'never_touched_total')).toBe(0);
    expect(only(families, 'request_rate_per_second')).toBe(17);
    expect(only(families, 'memory_used_bytes')).toBe(1.5 * 1024 * 1024);
  });

  test('reads the same numbers from both formats', () => {
    const openmetrics = flatten(parseForeign(scraped.openmetrics, 'openmetrics'));
    const text = flatten(parseForeign(scraped.text, 'text'));
    expect(text.length).toBeGreaterThan(100);
    expect(text).toEqual(openmetrics);
  });

  test('finds bounds in seconds, inclusive, with every value in its bucket', () => {
    const families = parseForeign(scraped.openmetrics, 'openmetrics');
    const buckets = samplesNamed(families, 'orders_latency_seconds_bucket');
    const count = (le: string) => buckets.find((sample) => sample.labels['le'] === le)?.value;
    expect(buckets).toHaveLength(26);
    expect(count('1e-07')).toBe(3);
    expect(count('10.0')).toBe(8);
    expect(count('+Inf')).toBe(9);
  });

  test('finds states as sets of which one is true, in the text as a gauge', () => {
    const states = (name: string) => {
      const family = parseForeign(scraped.openmetrics, 'openmetrics').find(
        (each) => each.name === name,
      );
      expect(family).toMatchObject({ type: 'stateset', unit: '' });
      return family?.samples.map(({ labels, value }) => [labels, value]);
    };
    expect(states('door')).toEqual([
      [{ door: 'shut' }, 1],
      [{ door: 'open' }, 0],
    ]);
    const names = ['created', 'running', 'completed', 'failed "so"\n'];
    const job = (labels: Record<string, string>, is: string) =>
      names.map((name) => [{ ...labels, job_state: name }, name === is ? 1 : 0]);
    expect(states('job_state')).toEqual([
      ...job({ job: '1', exported_job_state: 'a label' }, 'running'),
      ...job({ job: '2', exported_job_state: '' }, 'failed "so"\n'),
      ...job({ otel_metric_overflow: 'true' }, 'completed'),
    ]);
    expect(scraped.text).toContain('# TYPE job_state gauge\n');
  });

  test('finds quotients as gauges', () => {
    const families = parseForeign(scraped.openmetrics, 'openmetrics');
    expect(families.find(({ name }) => name === 'line_rate_per_second')?.type).toBe('gauge');
    const rates = samplesNamed(families, 'line_rate_per_second');
    expect(rates.map(({ labels, value }) => [labels, value])).toEqual([
      [{ line: 'a' }, 10 / 3],
      [{ line: 'b' }, 0],
      [{ otel_metric_overflow: 'true' }, 0],
    ]);
    expect(only(families, 'line_waste')).toBe(1 / 3);
    const times = samplesNamed(families, 'line_time_seconds');
    expect(times.map(({ labels, value }) => [labels, value])).toEqual([
      [{ line: 'a' }, 3],
      [{ line: 'c' }, 3],
    ]);
  });

  test('finds the overflow of an open family, with nothing lost', () => {
    const series = samplesNamed(
      parseForeign(scraped.openmetrics, 'openmetrics'),
      'orders_by_sku_total',
    );
    expect(series.map(({ labels, value }) => [labels, value])).toEqual([
      [{ sku: 'A-1' }, 1],
      [{ sku: 'B-2' }, 1],
      [{ sku: 'C-3' }, 1],
      [{ otel_metric_overflow: 'true' }, 2],
    ]);
  });
});

describeWith('promtool', 'promtool check metrics', () => {
  test('has nothing to say about the text output', () => {
    const promtool = spawnSync('promtool', ['check', 'metrics'], { input: scraped.text });
    expect(promtool.stderr.toString() + promtool.stdout.toString()).toBe('');
    expect(promtool.status).toBe(0);
  });

  test('can be displeased', () => {
    const promtool = spawnSync('promtool', ['check', 'metrics'], {
      input: '# TYPE a counter\na 1\n',
    });
    expect(promtool.status).not.toBe(0);
  });
});

function only(families: ReturnType<typeof parseForeign>, name: string): number | undefined {
  const samples = samplesNamed(families, name);
  expect(samples).toHaveLength(1);
  return samples[0]?.value;
}

/** Samples by name, without what two scrapes of a living process cannot share. */
function flatten(families: ReturnType<typeof parseForeign>): string[] {
  return families
    .flatMap((family) => family.samples)
    .filter((sample) => !sample.name.startsWith('nanometer_'))
    .map((sample) => JSON.stringify([sample.name, sample.labels, sample.value]))
    .sort();
}
