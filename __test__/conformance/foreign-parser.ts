/** The parser of `prometheus_client`, through a small Python script: someone else's word for it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The two formats that Prometheus reads. */
export type Format = 'openmetrics' | 'text';

/** A metric as the foreign parser understood it. */
export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly help: string;
  readonly samples: readonly ParsedSample[];
}

/** One line of samples as the foreign parser understood it. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Where it has one. */
  readonly exemplar?: ParsedExemplar;
}

/** What stands behind a sample, as the foreign parser understood it. */
export interface ParsedExemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Unix seconds; `null` where it says none. */
  readonly timestamp: number | null;
}

interface RawFamily extends Omit<ParsedFamily, 'samples'> {
  readonly samples: readonly (Omit<ParsedSample, 'value'> & { readonly value: string })[];
}

const SCRIPT = join(__dirname, 'parse_openmetrics.py');
const MOST_OUTPUT_BYTES = 512 * 1024 * 1024;

/**
 * What the foreign parser makes of an exposition.
 *
 * @throws Error with the parser's own words, where it refuses.
 */
export function parseForeign(exposition: string | Buffer, format: Format): ParsedFamily[] {
  const judge = spawnSync('python3', [SCRIPT, format], {
    input: exposition,
    maxBuffer: MOST_OUTPUT_BYTES,
  });
  if (judge.error) throw judge.error;
  if (judge.status !== 0) throw new Error(`the parser refuses: ${judge.stderr.toString().trim()}`);
  const families = JSON.parse(judge.stdout.toString()) as RawFamily[];
  return families.map((family) => ({
    ...family,
    samples: family.samples.map((sample) => ({ ...sample, value: pythonNumber(sample.value) })),
  }));
}

/** All samples of that name, in whichever family. */
export function samplesNamed(families: readonly ParsedFamily[], name: string): ParsedSample[] {
  return families.flatMap((family) => family.samples.filter((sample) => sample.name === name));
}

function pythonNumber(text: string): number {
  if (text === 'inf') return Infinity;
  if (text === '-inf') return -Infinity;
  return text === 'nan' ? NaN : Number(text);
}
