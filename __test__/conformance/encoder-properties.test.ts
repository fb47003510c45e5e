/** Properties of the TypeScript encoder that hold for every input. */
import * as fc from 'fast-check';
import { encode, type EncoderInput } from '../../dist/javascript/prometheus/encode';
import { labelName } from '../../dist/javascript/prometheus/names';
import { formatBound, formatValue } from '../../dist/javascript/prometheus/numbers';
import { check } from './checker';

const HOSTILE = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\n', '\r', '{', '}', ',', '=', '#', ' ', '\0', '\ud800', 'x'),
  }),
);

const UNESCAPED: Record<string, string> = { '\\\\': '\\', '\\n': '\n', '\\"': '"' };

test('a value reads back as the same float', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Number(formatValue(value))).toBe(value === 0 ? 0 : value);
      expect(formatValue(value)).toMatch(/^-?\d+(\.\d+)?(e[+-]\d{2,3})?$/);
    }),
    { numRuns: 5_000 },
  );
});

test('a bound reads back as the same float, and always looks like a float', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }), (bound) => {
      expect(Number(formatBound(bound))).toBe(bound);
      expect(formatBound(bound)).toMatch(/^-?(\d+\.\d+|\d(\.\d+)?e[+-]\d{2,3})$/);
    }),
    { numRuns: 5_000 },
  );
});

test('a label name is legal, whatever it was', () => {
  fc.assert(
    fc.property(HOSTILE, (name) => {
      expect(labelName(name)).toMatch(/^(_[0-9]|[a-zA-Z])[a-zA-Z0-9_]*$/);
    }),
  );
});

test('label values come back intact, each series on one line', () => {
  const values = fc.uniqueArray(HOSTILE, {
    minLength: 1,
    maxLength: 20,
    selector: (value) => value.toWellFormed(),
  });
  fc.assert(
    fc.property(
      values,
      fc.constantFrom('text' as const, 'openmetrics' as const),
      (given, format) => {
        const definition = {
          name: 'hostile',
          kind: 'counter',
          unit: '',
          help: `Help ${given.join('')}.`,
          labels: ['label'],
          values: null,
          maxSeries: 100,
          aggregate: null,
          buckets: null,
          states: null,
          derive: null,
          diagnostic: false,
          reserved: false,
          deprecated: null,
        };
        const series = given.map((value, index) => ({ values: [value], value: index }));
        const input = {
          resource: {},
          metrics: [{ definition, series }],
        } as unknown as EncoderInput;
        const text = [...encode(input, format).chunks].join('');
        const samples = [
          ...text.matchAll(/^hostile_total\{label="((?:[^"\\\n]|\\.)*)"\} (\d+)$/gmu),
        ];
        const read = samples.map((match) =>
          match[1]?.replace(/\\[\\n"]/g, (escaped) => UNESCAPED[escaped] ?? ''),
        );
        expect(read).toEqual(given.map((value) => value.toWellFormed()));
        expect(check(text, format)).toEqual([]);
      },
    ),
  );
});
