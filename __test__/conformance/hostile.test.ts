/** Hostile names, helps and label values (F61): each one series, and back intact. */
import hostile from '../fixtures/hostile.json';
import { Fixture } from '../support/fixture';
import { scrape } from '../support/request';
import { check } from './checker';
import { parseForeign, samplesNamed, type Format, type ParsedFamily } from './foreign-parser';
import { describeWith } from './judges';

interface Report {
  readonly url: string;
  readonly refused: {
    readonly names: Record<string, string>;
    readonly labels: Record<string, string>;
  };
}

let report: Report;
const scraped: Record<Format, string> = { openmetrics: '', text: '' };

/** What a string is once it is written as UTF-8. */
const intact = (text: string) => text.toWellFormed();
const values = [...hostile.values, 'x'.repeat(2 ** 20)];

beforeAll(async () => {
  const service = Fixture.start('hostile-service.cjs');
  report = await service.next<Report>();
  scraped.text = await scrape(report.url, 'text');
  scraped.openmetrics = await scrape(report.url, 'openmetrics');
  await service.kill();
});

test.each<Format>(['openmetrics', 'text'])('the checker finds nothing wrong with %s', (format) => {
  expect(check(scraped[format], format)).toEqual([]);
});

test('what a definition refuses, it refuses with a code of ours', () => {
  for (const code of [
    ...Object.values(report.refused.names),
    ...Object.values(report.refused.labels),
  ]) {
    expect(code).toBe('NANOMETER_INVALID_DEFINITION');
  }
  expect(Object.keys(report.refused.names)).toContain('');
  expect(Object.keys(report.refused.labels)).toEqual(
    expect.arrayContaining(['le', 'quantile', '']),
  );
});

describeWith('prometheus_client', 'the parser of prometheus_client', () => {
  let families: ParsedFamily[] = [];

  beforeAll(() => {
    families = parseForeign(scraped.openmetrics, 'openmetrics');
  });

  test('finds every label value once, intact, with what was recorded under it', () => {
    const expected = new Map<string, number>();
    for (const [index, value] of values.entries()) {
      expected.set(intact(value), (expected.get(intact(value)) ?? 0) + index + 1);
    }
    const found = samplesNamed(families, 'by_value_total');
    expect(found.map((sample) => sample.labels['value'])).toEqual([...expected.keys()]);
    expect(found.map((sample) => sample.value)).toEqual([...expected.values()]);
  });

  test('finds each pair of values once: no separator merges two series', () => {
    const distinct = new Set(hostile.values.map(intact)).size;
    const found = samplesNamed(families, 'by_pair_total');
    const keys = new Set(found.map(({ labels }) => JSON.stringify([labels['a'], labels['b']])));
    expect(keys.size).toBe(distinct ** 2);
    expect(found).toHaveLength(distinct ** 2);
    expect(found.reduce((sum, { value }) => sum + value, 0)).toBe(hostile.values.length ** 2);
  });

  test('finds every help intact', () => {
    for (const [index, help] of hostile.helps.entries()) {
      expect(families.find((family) => family.name === `help_n${index}`)?.help).toBe(intact(help));
    }
  });

  test('finds no metric that was smuggled in', () => {
    expect(families.map((family) => family.name).filter((name) => /evil/.test(name))).toEqual([]);
  });

  test('finds every name that was accepted, once', () => {
    const accepted = hostile.names.filter((name) => !(name in report.refused.names));
    const named = families.filter((family) => family.help === 'Hostile name.');
    expect(named.length).toBeLessThanOrEqual(accepted.length);
    for (const family of named) expect(family.samples).toHaveLength(1);
  });

  test('finds the resource intact', () => {
    const target = samplesNamed(families, 'target_info')[0]?.labels;
    expect(target?.['service_name']).toBe('hostile "service" \\');
    expect(target?.['hostile_key_1']).toBe('x"} 1\nevil 2');
  });

  test('finds the first of those that clash, and a count of the others', () => {
    const values = (name: string) => samplesNamed(families, name).map((sample) => sample.value);
    expect(values('clash_total')).toEqual([5]);
    expect(values('clash_created')).toEqual([]);
    expect(values('span_count')).toEqual([1]);
    expect(values('span_bucket_total')).toEqual([]);
    expect(values('twin_one_total')).toEqual([1]);
    expect(values('sibling_one_total')).toEqual([1, 2]);
    expect(values('nanometer_prometheus_collisions_total')[0]).toBe(8);
  });

  test('joins the values of labels whose names collide', () => {
    if ('a.b and a_b' in report.refused.labels) return;
    expect(samplesNamed(families, 'colliding_labels_total')).toMatchObject([
      { labels: { a_b: 'one;two' }, value: 1 },
    ]);
  });
});
