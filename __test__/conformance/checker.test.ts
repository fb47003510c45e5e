/**
 * A judge that cannot fail is no judge: for each rule an exposition that breaks it, and a good one
 * that breaks none.
 */
import { check } from './checker';
import { canonicalBound } from './checker-histogram';
import type { Format } from './foreign-parser';

const GOOD_TEXT = [
  '# HELP target_info Target metadata.',
  '# TYPE target_info gauge',
  'target_info{service_name="orders"} 1',
  '# HELP a_seconds How long.',
  '# TYPE a_seconds histogram',
  'a_seconds_bucket{k="x",le="0.5"} 1',
  'a_seconds_bucket{k="x",le="1.0"} 1',
  'a_seconds_bucket{k="x",le="+Inf"} 3',
  'a_seconds_sum{k="x"} 12.25',
  'a_seconds_count{k="x"} 3',
  '# HELP b_total Counted.',
  '# TYPE b_total counter',
  'b_total{k="a\\"b\\\\c\\n"} 7',
  'b_total{k="{,}"} 1e+21',
  '# HELP c Level.',
  '# TYPE c gauge',
  'c -1.5e-07',
  '',
].join('\n');

const GOOD_OPENMETRICS = [
  '# TYPE target info',
  '# HELP target Target metadata.',
  'target_info{service_name="orders"} 1',
  '# TYPE a_seconds histogram',
  '# UNIT a_seconds seconds',
  '# HELP a_seconds How long.',
  'a_seconds_bucket{le="1e-05"} 1',
  'a_seconds_bucket{le="+Inf"} 1',
  'a_seconds_sum 0',
  'a_seconds_count 1',
  '# TYPE b counter',
  '# HELP b Counted.',
  'b_total 7',
  '# TYPE life stateset',
  '# HELP life Where it is.',
  'life{id="x",life="begun"} 0',
  'life{id="x",life="over"} 1',
  'life{id="y",life="begun"} 1',
  'life{id="y",life="over"} 0',
  '# EOF',
  '',
].join('\n');

/** What is done to a good exposition, and the rule that catches it. */
type Damage = [rule: string, from: string | RegExp, to: string];

const TEXT_DAMAGE: Damage[] = [
  ['last-line', /\n$/, ''],
  ['byte-order-mark', /^/, '\uFEFF'],
  ['blank', 'c -1.5e-07', '\nc -1.5e-07'],
  ['comment', 'c -1.5e-07', '# a remark\nc -1.5e-07'],
  ['eof', /$/, '# EOF\n'],
  ['malformed', 'c -1.5e-07', 'c -1.5e-07\r'],
  ['malformed', 'c -1.5e-07', 'c  -1.5e-07'],
  ['malformed', 'c -1.5e-07', 'c -1.5e-07 1700000000000'],
  ['malformed', 'c -1.5e-07', 'c Nan'],
  ['malformed', 'c -1.5e-07', 'c{} 1'],
  ['malformed', 'b_total{k="{,}"}', 'b_total{k="{,}",}'],
  ['malformed', 'b_total{k="{,}"}', 'b_total{k="\\t"}'],
  ['malformed', 'b_total{k="{,}"}', 'b_total{k="a"b"}'],
  ['contiguous', 'c -1.5e-07', 'c 1\n# HELP b_total Counted.\n# TYPE b_total counter\nb_total 1'],
  ['metadata-first', 'c -1.5e-07', 'c 1\n# TYPE c gauge'],
  ['metadata-once', '# TYPE c gauge', '# TYPE c gauge\n# TYPE c gauge'],
  ['metadata-order', '# HELP c Level.\n# TYPE c gauge', '# TYPE c gauge\n# HELP c Level.'],
  ['metadata-order', '# TYPE c gauge', '# UNIT c c\n# TYPE c gauge'],
  ['sample-name', 'c -1.5e-07', 'd -1.5e-07'],
  ['sample-name', 'c -1.5e-07', 'c_total 1'],
  ['metric-name', /a_seconds/g, '_a_seconds'],
  ['metric-name', /a_seconds/g, 'a:seconds'],
  ['type', '# TYPE c gauge\n', ''],
  ['type', '# TYPE c gauge', '# TYPE c info'],
  ['help', '# HELP c Level.\n', ''],
  ['help', '# HELP c Level.', '# HELP c '],
  ['counter-suffix', /b_total/g, 'b'],
  ['counter-value', '} 7', '} NaN'],
  ['counter-value', '} 7', '} -1'],
  ['duplicate-label', 'b_total{k="{,}"}', 'b_total{k="{,}",k="y"}'],
  ['label-name', 'b_total{k="{,}"}', 'b_total{__k="{,}"}'],
  ['label-name', 'b_total{k="{,}"}', 'b_total{k-k="{,}"}'],
  ['reserved-label', 'b_total{k="{,}"}', 'b_total{le="1.0"}'],
  ['reserved-label', 'b_total{k="{,}"}', 'b_total{quantile="1.0"}'],
  ['duplicate-series', 'c -1.5e-07', 'c 1\nc 1'],
  ['duplicate-series', 'c -1.5e-07', 'c{a="1",b="2"} 1\nc{b="2",a="1"} 1'],
  ['name-clash', /b_total/g, 'a_seconds_count'],
  ['family-order', /\bc\b(?=\s)/g, 'a'],
  [
    'family-order',
    /^(?:.*\n){3}([^]*)$/,
    '$1# HELP target_info T\n# TYPE target_info gauge\ntarget_info 1\n',
  ],
  ['canonical-le', 'le="1.0"', 'le="1"'],
  ['canonical-le', 'le="0.5"', 'le="5e-01"'],
  ['bucket-order', 'le="0.5"', 'le="2.0"'],
  ['bucket-order', 'le="0.5"', 'le="1.0"'],
  ['bucket-cumulative', 'le="0.5"} 1', 'le="0.5"} 2'],
  ['bucket-integer', 'le="0.5"} 1', 'le="0.5"} 0.5'],
  ['bucket-inf', 'a_seconds_bucket{k="x",le="+Inf"} 3\n', ''],
  ['bucket-le', ',le="0.5"', ''],
  ['inf-is-count', 'a_seconds_count{k="x"} 3', 'a_seconds_count{k="x"} 4'],
  ['sum-and-count', 'a_seconds_sum{k="x"} 12.25\n', ''],
  ['sum-and-count', 'a_seconds_count{k="x"} 3\n', ''],
  ['sum', 'a_seconds_sum{k="x"} 12.25', 'a_seconds_sum{k="x"} -1'],
  ['sum', 'a_seconds_sum{k="x"} 12.25', 'a_seconds_sum{k="x"} NaN'],
  ['interleaved', 'a_seconds_sum', 'a_seconds_bucket{k="y",le="+Inf"} 0\na_seconds_sum'],
];

const OPENMETRICS_DAMAGE: Damage[] = [
  ['eof', '# EOF\n', ''],
  ['eof', '# EOF\n', '# EOF\nb_total 8\n'],
  ['metadata-order', '# TYPE b counter\n# HELP b Counted.', '# HELP b Counted.\n# TYPE b counter'],
  ['unit', '# UNIT a_seconds seconds', '# UNIT a_seconds bytes'],
  ['unit', '# UNIT a_seconds seconds', '# UNIT a_seconds '],
  ['counter-suffix', /\bb\b/g, 'b_total'],
  ['sample-name', 'b_total 7', 'b 7'],
  ['sample-name', 'b_total 7', 'b_total 7\nb_created 1'],
  ['info-value', 'target_info{service_name="orders"} 1', 'target_info{service_name="orders"} 2'],
  ['unit', '# TYPE life stateset', '# TYPE life stateset\n# UNIT life life'],
  ['state-value', 'life{id="x",life="over"} 1', 'life{id="x",life="over"} 2'],
  ['state-label', 'life{id="x",life="over"}', 'life{id="x",state="over"}'],
  ['one-state', 'life{id="x",life="over"} 1', 'life{id="x",life="over"} 0'],
  ['one-state', 'life{id="y",life="over"} 0', 'life{id="y",life="over"} 1'],
  ['name-clash', '# EOF', '# TYPE b_created gauge\n# HELP b_created x\nb_created 1\n# EOF'],
  ['name-clash', '# EOF', '# TYPE b_total gauge\n# HELP b_total x\nb_total 1\n# EOF'],
];

const MATERIAL: [Format, string, Damage[]][] = [
  ['text', GOOD_TEXT, TEXT_DAMAGE],
  ['openmetrics', GOOD_OPENMETRICS, OPENMETRICS_DAMAGE],
];

describe.each(MATERIAL)('the checker of %s', (format, good, damages) => {
  test('finds nothing wrong with a good exposition', () => {
    expect(check(good, format)).toEqual([]);
  });

  test.each(damages)('catches %s: %p made %p', (rule, from, to) => {
    const bad = good.replace(from, to);
    expect(bad).not.toBe(good);
    expect(check(bad, format).map((violation) => violation.rule)).toContain(rule);
  });
});

test('canonical bounds are those of the OpenMetrics table', () => {
  const table = {
    '0.0': 0, '0.001': 0.001, '0.01': 0.01, '1.0': 1, '10.0': 10, '100000.0': 100000,
    '1e-05': 0.00001, '2.5e-07': 2.5e-7, '1e+06': 1e6, '1.5e+22': 1.5e22, '+Inf': Infinity,
  }; // prettier-ignore
  for (const [text, bound] of Object.entries(table)) expect(canonicalBound(bound)).toBe(text);
});
