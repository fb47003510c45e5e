/**
 * Reads an exposition line by line, strictly: one space where the formats show one, no timestamp,
 * no exemplar, only the three escapes. It knows no rule about what the lines mean together.
 */

/** One line of an exposition. `number` counts from 1. */
export type Line =
  | {
      readonly kind: 'metadata';
      readonly number: number;
      readonly keyword: Keyword;
      readonly name: string;
      readonly text: string;
    }
  | { readonly kind: 'sample'; readonly number: number; readonly sample: SampleLine }
  | { readonly kind: 'eof' | 'blank' | 'comment'; readonly number: number }
  | { readonly kind: 'malformed'; readonly number: number; readonly reason: string };

/** The words that begin a line of metadata. */
export type Keyword = 'HELP' | 'TYPE' | 'UNIT';

/** A sample as it is written. */
export interface SampleLine {
  readonly name: string;
  /** In their order, unescaped. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** As written. */
  readonly valueText: string;
}

const METADATA = /^# (HELP|TYPE|UNIT) ([^ ]+)(?: ([^]*))?$/;
const SAMPLE = /^([^ {]+)(?:\{([^]*)\})? ([^ ]+)$/;
const LABEL = /([^=,{}"]+)="((?:[^"\\]|\\["\\n])*)"(,|$)/y;
const VALUE = /^(?:NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]\d{2,})?)$/;

/** Reads all lines; the last must have been ended by a line feed, which is the caller's to see. */
export function readLines(exposition: string): Line[] {
  const texts = exposition.split('\n');
  if (texts.at(-1) === '') texts.pop();
  return texts.map((text, index) => readLine(text, index + 1));
}

function readLine(text: string, number: number): Line {
  if (text === '') return { kind: 'blank', number };
  if (text === '# EOF') return { kind: 'eof', number };
  if (text.startsWith('#')) {
    const metadata = METADATA.exec(text);
    if (!metadata) return { kind: 'comment', number };
    const [, keyword, name, rest] = metadata;
    return {
      kind: 'metadata',
      number,
      keyword: keyword as Keyword,
      name: name ?? '',
      text: rest ?? '',
    };
  }
  const sample = readSample(text);
  return typeof sample === 'string'
    ? { kind: 'malformed', number, reason: sample }
    : { kind: 'sample', number, sample };
}

function readSample(text: string): SampleLine | string {
  const match = SAMPLE.exec(text);
  if (!match) return 'neither a comment nor `name{labels} value`';
  const [, name = '', labelsText, valueText = ''] = match;
  if (!VALUE.test(valueText)) return `the value ${JSON.stringify(valueText)} is no number`;
  const labels = readLabels(labelsText ?? '');
  if (labels === null) return `the labels ${JSON.stringify(labelsText)} cannot be read`;
  if (labelsText === '') return 'empty braces';
  return { name, labels, valueText };
}

function readLabels(text: string): [string, string][] | null {
  const labels: [string, string][] = [];
  LABEL.lastIndex = 0;
  let end = 0;
  while (end < text.length) {
    const match = LABEL.exec(text);
    if (!match) return null;
    const [, name = '', value = '', separator] = match;
    labels.push([name, unescape(value)]);
    end = LABEL.lastIndex;
    if (separator === ',' && end === text.length) return null;
  }
  return labels;
}

const UNESCAPED: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' };

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_, escaped: string) => UNESCAPED[escaped] ?? escaped);
}
