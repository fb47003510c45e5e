/** The TypeScript encoder against the golden files, which the Rust encoder is held to as well. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode, type EncoderInput, type Format } from '../../dist/javascript/prometheus/encode';

const DIRECTORY = join(__dirname, 'golden');
// Counters of 64 bits: this backend counts in float64.
const RUST_ALONE = ['integers'];

interface GoldenSeries {
  readonly labels?: string[];
  readonly overflow?: boolean;
  readonly value?: number | string;
  readonly histogram?: object;
  readonly exemplars?: object[];
}

interface Golden {
  readonly resource: Record<string, string>;
  readonly metrics: { readonly definition: object; readonly series: readonly GoldenSeries[] }[];
  readonly collisions: object[];
}

const SPECIAL: Record<string, number> = { NaN, '+Inf': Infinity, '-Inf': -Infinity };
const DEFAULTS = {
  unit: '',
  help: '',
  labels: [],
  values: null,
  maxSeries: null,
  aggregate: null,
  buckets: null,
  states: null,
  derive: null,
  diagnostic: false,
  reserved: false,
  deprecated: null,
};

const names = readdirSync(DIRECTORY)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length))
  .filter((name) => !RUST_ALONE.includes(name));

describe.each(names)('%s', (name) => {
  const golden = JSON.parse(readFileSync(join(DIRECTORY, `${name}.json`), 'utf8')) as Golden;
  const input = {
    resource: golden.resource,
    metrics: golden.metrics.map(({ definition, series }) => ({
      definition: { ...DEFAULTS, ...definition },
      series: series.map(({ labels, overflow, value, histogram, exemplars }) => ({
        values: overflow === true ? null : (labels ?? []),
        value: histogram ?? (typeof value === 'string' ? SPECIAL[value] : value),
        exemplars,
      })),
    })),
  } as unknown as EncoderInput;

  test.each<[string, Format]>([
    ['prom', 'text'],
    ['om', 'openmetrics'],
  ])('.%s is what the encoder writes, byte for byte', (extension, format) => {
    const expected = readFileSync(join(DIRECTORY, `${name}.${extension}`));
    const text = [...encode(input, format).chunks].join('');
    expect(text).toBe(expected.toString('utf8'));
    expect(Buffer.from(text).equals(expected)).toBe(true);
  });

  test('the collisions are those that are listed', () => {
    expect(encode(input, 'text').collisions).toEqual(golden.collisions);
  });
});
