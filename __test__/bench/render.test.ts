/** Reports as text: read as a terminal, a pull request and a program would. */
import { stripVTControlCharacters } from 'node:util';
import { compare } from '../../dist/bench/baseline/compare';
import { parseThresholds } from '../../dist/bench/baseline/thresholds';
import { reportOf } from '../../dist/bench/figures/report-of';
import { regressionsOf } from '../../dist/bench/render/comparison';
import { histogramOf } from '../../dist/bench/render/histogram';
import { jsonOf } from '../../dist/bench/render/json';
import { markdownOf } from '../../dist/bench/render/markdown';
import { tableOf } from '../../dist/bench/render/table';
import { change, count, interval, percent, size, time } from '../../dist/bench/render/units';
import type { Variant } from '../../dist/bench/plan';
import type { Report } from '../../dist/bench/report';
import { counted, inTurn, measuredOf, PLAN } from './figures-made-up';

const SLOWER: Partial<Record<Variant, number>> = { production: 1.01, diagnostic: 1.2 };
const reportAt = (rate: number): Report =>
  reportOf(
    measuredOf(
      inTurn(
        36,
        PLAN.variants,
        (variant, i) => (rate / (SLOWER[variant] ?? 1)) * (1 + (i % 7) / 500),
      ),
      { errors: [{ component: 'write', errors: 3, first: 'Error: no room' }] },
    ),
  );
const before = reportAt(20_000);
const report = reportAt(10_000);
const comparison = compare(before, report, parseThresholds('throughput=-5%,p99=+10%'), 'main');
const PLAIN = { colour: false, width: 80 };
const table = tableOf(report, comparison, PLAIN);

const TITLES = [
  'Throughput',
  'Latency',
  'Components',
  'Streams',
  'Levels',
  'Overhead',
  'Buffers',
  'Scheduling',
  'Memory',
  'Environment',
  'Compared with main (2026-11-21 12:00 UTC)',
  'Warnings',
  'Notes',
];

test('a terminal is shown every section, what to be careful about last', () => {
  const lines = table.split('\n');
  expect(lines.filter((line) => TITLES.includes(line))).toEqual(TITLES);
  expect(lines[0]).toBe('pipeline.ts: parse → write');
  expect(table).not.toMatch(/NaN|undefined|null|Infinity/);
});

test.each([80, 100, 60])('at %i columns no sentence is wider', (width) => {
  const lines = tableOf(report, comparison, { colour: false, width }).split('\n');
  const widest = Math.max(80, width);
  expect(lines.filter((line) => line.length > widest)).toEqual([]);
});

test('colours are for those who want them, and move nothing', () => {
  const coloured = tableOf(report, comparison, { colour: true, width: 80 });
  expect(table).toBe(stripVTControlCharacters(table));
  expect(coloured).not.toBe(table);
  expect(stripVTControlCharacters(coloured)).toBe(table);
});

test('regressions are marked where they are and named below', () => {
  const lines = table.split('\n');
  const marked = lines.filter((line) => line.includes('✗ regression'));
  expect(marked.map((line) => line.trim().split(/\s+/)[0])).toEqual(['throughput', 'p99']);
  expect(lines).toContain('Regressed: throughput, p99.');
  expect(regressionsOf(comparison)).toEqual([
    expect.stringMatching(
      /^throughput regressed by -50(\.\d)?% \(.*\), from .*k\/s to .*; -5% is allowed$/,
    ),
    expect.stringMatching(
      /^p99 regressed by \+\d+% \(.*\), from .* µs to .* µs; \+10% is allowed$/,
    ),
  ]);
});

test('without regressions that is said, and without thresholds that nothing can be one', () => {
  const text = (thresholds: string): string =>
    tableOf(report, compare(report, report, parseThresholds(thresholds), 'main'), PLAIN);
  expect(text('p50=+20%')).toContain('No regression.');
  expect(tableOf(report, compare(report, report, {}, 'main'), PLAIN)).toContain(
    'No --threshold was given',
  );
});

test('a run without anything is a table without anything', () => {
  const empty = tableOf(reportOf(measuredOf([], { harness: [] })), null, PLAIN);
  expect(empty).not.toMatch(/NaN|undefined|null|Infinity/);
  expect(empty).toContain('its own cost was not measured');
});

test('long names are cut short', () => {
  const [first] = report.components;
  const long = { ...report, components: [{ ...first!, id: 'x'.repeat(100) }] };
  expect(tableOf(long, null, PLAIN)).toContain(`  ${'x'.repeat(23)}…  `);
});

test('a pull request is shown tables of Markdown, the comparison first', () => {
  const markdown = markdownOf(report, comparison);
  const titles = [...markdown.matchAll(/^#### (.*)$/gm)].map(([, title]) => title);
  expect(titles[0]).toBe(TITLES[10]);
  expect([...titles].sort()).toEqual([...TITLES].sort());
  for (const lines of markdown.matchAll(/(?:^\|.*\|\n)+/gm)) {
    // A bar in a cell is written \|.
    const widths = lines[0]
      .trim()
      .split('\n')
      .map((line) => line.split(/(?<!\\)\|/).length);
    expect(new Set(widths).size).toBe(1);
  }
  expect(markdown).toContain('**✗ regression**');
});

test('names cannot break out of Markdown', () => {
  const [first] = report.components;
  const hostile = { ...report, components: [{ ...first!, id: '<img src=x>|`a`\n# b' }] };
  const markdown = markdownOf(hostile, null);
  expect(markdown).toContain('| &lt;img src=x>\\|\\`a\\` # b |');
  expect(markdown).not.toContain('<img');
});

test('a program is given one line of JSON, which is the report with the comparison beside', () => {
  expect(jsonOf(report, null)).toMatch(/^[^\n]*\n$/);
  expect(JSON.parse(jsonOf(report, null))).toEqual(report);
  expect(JSON.parse(jsonOf(report, comparison))).toEqual({ ...report, comparison });
});

test.each<[string, string]>([
  [time(0), '0 ns'],
  [time(812.4), '812 ns'],
  [time(999.6), '1.00 µs'],
  [time(12_345), '12.3 µs'],
  [time(100e6), '100 ms'],
  [time(2.5e9), '2.50 s'],
  [time(-500), '-500 ns'],
  [time(null), '–'],
  [count(7), '7'],
  [count(1_234_567), '1.23M'],
  [size(1_536), '1.50 KiB'],
  [size(100 * 2 ** 20), '100 MiB'],
  [percent(0.1234), '12.3%'],
  [change(0.1), '+10%'],
  [change(-0.005), '-0.50%'],
  [interval({ value: 2, low: 1_000, high: 3_000 }, time), '1 µs–3 µs'],
  [interval({ value: 0, low: -0.01, high: 0.02 }, change), '-1% to +2%'],
  [interval({ value: 5, low: 5, high: 5 }, count), '5'],
  [interval(null, time), '–'],
])('%s', (shown, expected) => {
  expect(shown).toBe(expected);
});

test('a histogram has a bar for each range, as long as the share in it', () => {
  // A quarter, evenly, from 1 to 2 ms, and three quarters from 2 to 2.2 ms.
  const between = (low: number, high: number, values: number): number[] =>
    Array.from({ length: values }, (_, i) => low + ((high - low) * (i + 0.5)) / values);
  const lines = histogramOf(
    counted([...between(1.02e6, 2e6, 500), ...between(2e6, 2.2e6, 1_500)]),
    20,
  );
  const shares = lines.map((line) => Number(/([\d.]+)%$/.exec(line)![1]));
  expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(100, 0);
  const longest = lines[shares.indexOf(Math.max(...shares))]!;
  expect(longest).toContain('█'.repeat(20));
  expect(lines.length).toBeLessThanOrEqual(16);
  expect(lines[0]).toMatch(/^ *1 ms – 1\.10 ms /);
});

test.each([
  ['nothing', [], 0],
  ['one value', [5_050], 1],
  ['six powers of ten', [150, 1e3, 1e5, 9e7], 6],
  ['three powers of ten', [1_100, 9e5], 9],
])('a histogram of %s has its rows', (_, values, rows) => {
  expect(histogramOf(counted(values), 10)).toHaveLength(rows);
});
