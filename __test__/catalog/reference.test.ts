/** The four catalogs against their reference data: what they say, and what comes out of a meter. */
import { checkIndices, type Catalog, type MetricData, type Meter } from 'nanometer';
import * as catalogs from 'nanometer/catalogs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseForeign, type Format, type ParsedFamily } from '../conformance/foreign-parser';
import { describeWith } from '../conformance/judges';
import { check } from '../conformance/checker';
import { quietMeter } from '../support/meter';
import {
  COUNTS,
  describeWithReference,
  readReference,
  REFERENCES,
  type ReferenceMetric,
} from '../support/reference-catalogs';
import { scrape } from '../support/request';

const INDICES = join(__dirname, '../../docs/catalogs/indices.json');
const SERIES = 'one';

interface Handle {
  with(labels: object): Handle;
  add(value: number): void;
  set(value: unknown): void;
  record(value: number): void;
  start(): void;
}

describe.each(REFERENCES)('the indices of %s', (name) => {
  const catalog: Catalog = catalogs[name];

  test('are those that are committed', () => {
    const committed = JSON.parse(readFileSync(INDICES, 'utf8'));
    expect(committed[name]).toHaveLength(COUNTS[name]);
    expect(checkIndices(catalog, committed[name])).toEqual([]);
  });

  test('begin at 0 and have no gap', () => {
    expect(catalog.metrics.map(({ index }) => index)).toEqual([...Array(COUNTS[name]).keys()]);
  });
});

describeWithReference('the reference data', () => {
  describe.each(REFERENCES)('%s', (name) => {
    const catalog: Catalog = catalogs[name];
    const reference = readReference(name);
    let meter: Meter;
    let scraped: Record<Format, string>;
    let metrics: Map<string, MetricData>;

    beforeAll(async () => {
      meter = quietMeter({
        level: 'diagnostic',
        inspection: { host: '127.0.0.1', port: 0, socket: false },
      });
      const stats = meter.catalog(catalog);
      for (const group of new Set(reference.map((metric) => metric.group))) {
        if (group !== null) stats.enable(group);
      }
      for (const metric of reference) recordOne(metric, catalog, stats.at.bind(stats));
      metrics = new Map(meter.snapshot().metrics.map((metric) => [metric.name, metric]));
      const { url } = meter.inspection!;
      scraped = {
        openmetrics: await scrape(url!, 'openmetrics'),
        text: await scrape(url!, 'text'),
      };
    });

    afterAll(() => meter.close());

    test('has each metric, and no other', () => {
      expect(reference).toHaveLength(COUNTS[name]);
      expect(catalog.metrics.map((metric) => metric.name).sort()).toEqual(
        reference.map((metric) => metric.name).sort(),
      );
    });

    test.each(reference)('says of $name what the reference says', (expected) => {
      const metric = catalog.metrics.find((candidate) => candidate.name === expected.name)!;
      const { kind, unit, diagnostic, reserved, labels, index, category, group } = metric;
      expect({ kind, unit, diagnostic, reserved, labels }).toEqual({
        kind: expected.kind,
        unit: expected.unit,
        diagnostic: expected.diagnostic,
        reserved: expected.reserved,
        labels: expected.labels,
      });
      if (expected.index !== null) expect(index).toBe(expected.index);
      if (expected.category !== null) expect(category).toBe(expected.category);
      expect(group).toBe(expected.group);
      expect(metric.deprecated !== null).toBe(expected.deprecated);
      expect(metric.help).toMatch(/^[A-Z].{8,}\.$/);
      if (expected.bounds !== null) expect(metric.buckets!.bounds).toEqual(expected.bounds);
      if (expected.aggregate !== null) expect(metric.aggregate).toBe(expected.aggregate);
      if (expected.states !== null) {
        expect(metric.states!.names.filter((state) => expected.states!.includes(state))).toEqual(
          expected.states,
        );
      }
      const closed =
        metric.values && Object.fromEntries(labels.map((l, i) => [l, metric.values![i]]));
      expect(closed ?? {}).toEqual(expected.closed);
    });

    test.each(reference)('shows $name in a snapshot', (expected) => {
      const metric = metrics.get(expected.name)!;
      expect(metric).toMatchObject({ kind: expected.kind, unit: expected.unit });
      const wanted = labelsOf(expected);
      const series = metric.series.find((one) => same(one.labels, wanted))!;
      if (expected.kind === 'histogram') {
        expect(series).toMatchObject({ histogram: { count: 1, sum: valueOf(expected) } });
      } else if (isExact(expected)) {
        expect(series).toMatchObject({ value: valueOf(expected) });
      } else {
        expect((series as { value: number }).value).toBeGreaterThanOrEqual(0);
      }
      const all = Object.values(expected.closed);
      if (all.length > 0) {
        expect(metric.series).toHaveLength(all.reduce((total, { length }) => total * length, 1));
      }
    });

    test.each<Format>(['openmetrics', 'text'])('is well-formed in the format %s', (format) => {
      expect(check(scraped[format], format)).toEqual([]);
    });

    describeWith('prometheus_client', 'as prometheus_client reads it', () => {
      describe.each<Format>(['openmetrics', 'text'])('in the format %s', (format) => {
        let families: Map<string, ParsedFamily>;

        beforeAll(() => {
          families = new Map(parseForeign(scraped[format], format).map((one) => [one.name, one]));
        });

        test.each(reference)('shows $name', (expected) => {
          const { family: familyName, unit, scale } = prometheusName(expected);
          const family = families.get(familyName)!;
          const metric = catalog.metrics.find(({ name: own }) => own === expected.name)!;
          expect(family).toMatchObject({ type: typeOf(expected, format), help: metric.help });
          if (format === 'openmetrics') expect(family.unit).toBe(unit);
          const sampleName = { counter: `${familyName}_total`, histogram: `${familyName}_sum` };
          const samples = family.samples.filter(
            (sample) =>
              sample.name === (sampleName[expected.kind as 'counter'] ?? familyName) &&
              same(without(sample.labels, familyName), labelsOf(expected)),
          );
          if (expected.kind === 'state') {
            expect(samples.map(({ labels, value }) => [labels[familyName], value])).toEqual(
              metric.states!.names.map((state) => [state, state === 'running' ? 1 : 0]),
            );
          } else {
            expect(samples).toHaveLength(1);
            if (isExact(expected)) expect(samples[0]!.value).toBe(valueOf(expected) / scale);
          }
        });

        test('says no unit twice, and no total twice', () => {
          const names = [...families.values()].flatMap(({ samples }) =>
            samples.map((sample) => sample.name),
          );
          expect(names.length).toBeGreaterThan(COUNTS[name]);
          for (const word of ['seconds', 'bytes', 'total', 'ratio', 'second']) {
            const twice = new RegExp(`_${word}_(.*_)?${word}(_|$)`);
            expect(names.filter((each) => twice.test(`_${each}`))).toEqual([]);
          }
        });
      });
    });
  });
});

/** A value that tells the metric from its neighbours. */
function valueOf({ name, kind, unit, labels }: ReferenceMetric): number {
  if (kind === 'state') return 2;
  const distinct = 1 + [...name].reduce((sum, character) => sum + character.charCodeAt(0), 0);
  return distinct + labels.length + unit.length;
}

/** Whether its value is the one that was recorded, and not computed or running. */
function isExact({ name, kind }: ReferenceMetric): boolean {
  return kind !== 'derived' && name !== 'flow.active_duration';
}

function recordOne(
  metric: ReferenceMetric,
  catalog: Catalog,
  at: (index: number) => unknown,
): void {
  const { kind, name } = metric;
  if (kind === 'derived') return;
  const found = at(catalog.metrics.find((candidate) => candidate.name === name)!.index) as Handle;
  const handle = metric.labels.length === 0 ? found : found.with(labelsOf(metric));
  if (name === 'flow.active_duration') handle.start();
  else if (kind === 'counter') handle.add(valueOf(metric));
  else if (kind === 'gauge') handle.set(valueOf(metric));
  else if (kind === 'histogram') handle.record(valueOf(metric));
  else handle.set('running');
}

function labelsOf({ labels, closed }: ReferenceMetric): Record<string, string> {
  return Object.fromEntries(labels.map((label) => [label, closed[label]?.[0] ?? SERIES]));
}

function typeOf({ kind }: ReferenceMetric, format: Format): string {
  if (kind === 'state') return format === 'openmetrics' ? 'stateset' : 'gauge';
  return kind === 'derived' ? 'gauge' : kind;
}

/** Worked out here, and not by the package: dots, then the unit in base units, said once. */
function prometheusName({ name, kind, unit }: ReferenceMetric): {
  readonly family: string;
  readonly unit: string;
  readonly scale: number;
} {
  const UNITS: Record<string, readonly [word: string, scale: number, said: readonly string[]]> = {
    ns: ['seconds', 1e9, ['ns']],
    us: ['seconds', 1e6, ['us']],
    ms: ['seconds', 1e3, ['ms']],
    s: ['seconds', 1, ['secs']],
    By: ['bytes', 1, []],
    'By/s': ['bytes_per_second', 1, []],
    '{element}/s': ['per_second', 1, []],
  };
  const [word, scale, said] = UNITS[unit] ?? ['', 1, []];
  let words = name.split(/[._]/);
  if (kind === 'counter') words = words.filter((each) => each !== 'total');
  if (said.includes(words.at(-1)!)) words.pop();
  if (words.at(-1) === word) words.pop();
  const isSaid = word === '' || words.includes(word);
  return {
    family: (isSaid ? words : [...words, word]).join('_'),
    unit: isSaid ? '' : word,
    scale,
  };
}

function same(a: object, b: object): boolean {
  const entries = (labels: object) => JSON.stringify(Object.entries(labels).sort());
  return entries(a) === entries(b);
}

function without(labels: Readonly<Record<string, string>>, name: string): object {
  return Object.fromEntries(Object.entries(labels).filter(([label]) => label !== name));
}
