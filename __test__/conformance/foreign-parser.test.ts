/** The foreign parser is a judge only if it refuses what is wrong. */
import { parseForeign, samplesNamed } from './foreign-parser';
import { describeWith } from './judges';

describeWith('prometheus_client', 'the OpenMetrics parser of prometheus_client', () => {
  test('reads what is good, hostile label values too', () => {
    const families = parseForeign(
      '# TYPE a counter\n# HELP a Said "so".\na_total{x="1\\n\\"\\\\\r😀"} 1\n# EOF\n',
      'openmetrics',
    );
    expect(families).toHaveLength(1);
    expect(samplesNamed(families, 'a_total')).toEqual([
      { name: 'a_total', labels: { x: '1\n"\\\r😀' }, value: 1 },
    ]);
  });

  test.each([
    ['no EOF', '# TYPE a counter\na_total 1\n'],
    ['a counter without _total', '# TYPE a counter\na 1\n# EOF\n'],
    ['a counter that is NaN', '# TYPE a counter\na_total NaN\n# EOF\n'],
    ['a blank line', '# TYPE a gauge\n\na 1\n# EOF\n'],
    [
      'families in pieces',
      '# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\na 2\n# EOF\n',
    ],
    ['buckets that are not cumulative', histogram('a_bucket{le="1.0"} 2', 'a_bucket{le="+Inf"} 1')],
    ['no +Inf bucket', histogram('a_bucket{le="1.0"} 2')],
    ['+Inf that is not the count', histogram('a_bucket{le="+Inf"} 2', 'a_count 3', 'a_sum 1')],
    ['a unit that is no suffix', '# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n'],
  ])('refuses %s', (_, exposition) => {
    expect(() => parseForeign(exposition, 'openmetrics')).toThrow('the parser refuses');
  });
});

function histogram(...samples: string[]): string {
  return `# TYPE a histogram\n${samples.join('\n')}\n# EOF\n`;
}
