/**
 * Our own judge of an exposition, for what the foreign parsers let pass: duplicate series, bounds
 * that are not canonical, order, clashes through suffixes, buckets that disagree with the count.
 *
 * It shares no code with the encoders. `checker.test.ts` shows for each rule an exposition that
 * breaks it and is caught.
 */
import { readLines, type Keyword, type SampleLine } from './exposition-lines';
import { checkHistogram } from './checker-histogram';
import { numberOf, seriesKey, type Family, type Report } from './checked-family';
import type { Format } from './foreign-parser';

/** A broken rule. */
export interface Violation {
  readonly rule: string;
  /** Counts from 1; 0 where it is of the whole. */
  readonly line: number;
  readonly detail: string;
}

/** Suffixes of sample names by type, for the text format and for OpenMetrics. */
const SUFFIXES: Readonly<Record<Format, Readonly<Record<string, readonly string[]>>>> = {
  text: { counter: [''], gauge: [''], untyped: [''], histogram: ['_bucket', '_sum', '_count'] },
  openmetrics: {
    counter: ['_total'],
    gauge: [''],
    info: ['_info'],
    stateset: [''],
    unknown: [''],
    histogram: ['_bucket', '_sum', '_count'],
  },
};

/** Sample names that a type may claim beyond those that we write. */
const CLAIMED: Readonly<Record<string, readonly string[]>> = {
  counter: ['', '_created'],
  histogram: ['', '_created'],
  info: [''],
};

const METADATA_ORDER: Readonly<Record<Format, readonly Keyword[]>> = {
  text: ['HELP', 'TYPE'],
  openmetrics: ['TYPE', 'UNIT', 'HELP'],
};

/** Types of OpenMetrics that have no unit. */
const UNITLESS = ['info', 'stateset'];

const METRIC_NAME = /^[a-zA-Z][a-zA-Z0-9_]*$/;
const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

/** All rules that an exposition breaks; none when it is good. */
export function check(exposition: string, format: Format): Violation[] {
  const violations: Violation[] = [];
  const report: Report = (rule, line, detail) => violations.push({ rule, line, detail });
  checkFrame(exposition, format, report);
  const families = collectFamilies(exposition, format, report);
  for (const family of families) checkFamily(family, format, report);
  checkDuplicates(families, report);
  checkClashes(families, format, report);
  checkOrder(families, format, report);
  return violations;
}

function checkFrame(exposition: string, format: Format, report: Report): void {
  if (exposition.startsWith('\uFEFF')) report('byte-order-mark', 1, 'begins with one');
  if (!exposition.endsWith('\n')) report('last-line', 0, 'the last line has no line feed');
  if (format === 'openmetrics' && !exposition.endsWith('# EOF\n')) {
    report('eof', 0, 'does not end in # EOF');
  }
}

function collectFamilies(exposition: string, format: Format, report: Report): Family[] {
  const families = new Map<string, Family>();
  let current: Family | undefined;
  const lines = readLines(exposition);

  for (const line of lines) {
    if (line.kind === 'metadata') {
      if (current?.name !== line.name) {
        if (families.has(line.name)) report('contiguous', line.number, `${line.name} came before`);
        current = families.get(line.name) ?? newFamily(line.name, line.number);
        families.set(line.name, current);
      }
      if (current.samples.length > 0) report('metadata-first', line.number, line.name);
      if (current.metadata.has(line.keyword)) report('metadata-once', line.number, line.name);
      current.metadata.set(line.keyword, line.text);
      current.keywords.push(line.keyword);
    } else if (line.kind === 'sample') {
      const type = current?.metadata.get('TYPE') ?? '';
      const suffixes = SUFFIXES[format][type] ?? [''];
      if (current === undefined || !suffixes.some((s) => line.sample.name === current?.name + s)) {
        report('sample-name', line.number, `${line.sample.name} is no sample of a ${type} here`);
      }
      current?.samples.push({ line: line.number, sample: line.sample });
    } else if (line.kind === 'eof') {
      if (format === 'text' || line.number !== lines.length)
        report('eof', line.number, 'misplaced');
    } else {
      report(line.kind, line.number, line.kind === 'malformed' ? line.reason : 'not allowed');
    }
  }
  return [...families.values()];
}

function newFamily(name: string, line: number): Family {
  return { name, line, metadata: new Map(), keywords: [], samples: [] };
}

function checkFamily(family: Family, format: Format, report: Report): void {
  const { name, line, metadata, keywords } = family;
  const type = metadata.get('TYPE');
  if (!METRIC_NAME.test(name)) report('metric-name', line, name);
  if (type === undefined) report('type', line, `${name} has none`);
  else if (!(type in SUFFIXES[format])) report('type', line, `${name} is a ${type}`);
  if (!metadata.get('HELP')) report('help', line, `${name} has none`);

  const places = keywords.map((keyword) => METADATA_ORDER[format].indexOf(keyword));
  if (places.some((place, i) => place < 0 || place < (places[i - 1] ?? 0))) {
    report('metadata-order', line, keywords.join(', '));
  }
  const unit = metadata.get('UNIT');
  if (
    unit !== undefined &&
    (unit === '' || !name.endsWith(`_${unit}`) || UNITLESS.includes(type ?? ''))
  ) {
    report('unit', line, `${unit} is no suffix of ${name}`);
  }
  if (type === 'counter' && format === 'text' && !name.endsWith('_total')) {
    report('counter-suffix', line, name);
  }
  if (type === 'counter' && format === 'openmetrics' && name.endsWith('_total')) {
    report('counter-suffix', line, name);
  }
  for (const { line: at, sample } of family.samples) {
    checkLabels(sample, type === 'histogram', at, report);
    const value = numberOf(sample.valueText);
    if (type === 'counter' && !(value >= 0)) report('counter-value', at, sample.valueText);
    if (type === 'info' && value !== 1) report('info-value', at, sample.valueText);
  }
  if (type === 'histogram') checkHistogram(family, report);
  if (type === 'stateset') checkStates(family, report);
}

/** Of each set of states one is on, as ours are: something is in one state at a time. */
function checkStates({ name, samples }: Family, report: Report): void {
  const on = new Map<string, number>();
  for (const { line, sample } of samples) {
    const value = numberOf(sample.valueText);
    if (value !== 0 && value !== 1) report('state-value', line, sample.valueText);
    if (!sample.labels.some(([label]) => label === name)) report('state-label', line, name);
    const set = seriesKey(
      name,
      sample.labels.filter(([label]) => label !== name),
    );
    on.set(set, (on.get(set) ?? 0) + value);
  }
  for (const [set, states] of on) {
    if (states !== 1) report('one-state', 0, `${set} is in ${states} states`);
  }
}

function checkLabels(sample: SampleLine, ofHistogram: boolean, line: number, report: Report): void {
  const names = new Set<string>();
  for (const [name] of sample.labels) {
    if (names.has(name)) report('duplicate-label', line, name);
    names.add(name);
    if (!LABEL_NAME.test(name)) report('label-name', line, name);
    const bucket = ofHistogram && sample.name.endsWith('_bucket');
    if (name === 'quantile' || (name === 'le' && !bucket)) report('reserved-label', line, name);
  }
}

function checkDuplicates(families: readonly Family[], report: Report): void {
  const seen = new Set<string>();
  for (const family of families) {
    for (const { line, sample } of family.samples) {
      const key = seriesKey(sample.name, sample.labels);
      if (seen.has(key)) report('duplicate-series', line, key);
      seen.add(key);
    }
  }
}

/** No name that one family writes, or may claim, is another's. */
function checkClashes(families: readonly Family[], format: Format, report: Report): void {
  const owners = new Map<string, string>();
  for (const { name, line, metadata } of families) {
    const type = metadata.get('TYPE') ?? '';
    const claimed = format === 'openmetrics' || type === 'histogram' ? (CLAIMED[type] ?? []) : [];
    for (const suffix of new Set([...(SUFFIXES[format][type] ?? ['']), ...claimed])) {
      const owner = owners.get(name + suffix);
      if (owner !== undefined) report('name-clash', line, `${name + suffix} is ${owner}'s`);
      owners.set(name + suffix, name);
    }
  }
}

/** The house's order: what the target is, then the families by name. */
function checkOrder(families: readonly Family[], format: Format, report: Report): void {
  const names = families.map((family) => family.name);
  const target = format === 'text' ? 'target_info' : 'target';
  if (names.indexOf(target) > 0) report('family-order', 0, `${target} is not first`);
  const rest = families.filter((family) => family.name !== target);
  // By the name of the family or of its samples, as long as it is the same for all.
  const sampleNames = rest.map(({ name, metadata }) =>
    format === 'openmetrics' && metadata.get('TYPE') === 'counter' ? `${name}_total` : name,
  );
  const familyNames = rest.map(({ name, metadata }) =>
    metadata.get('TYPE') === 'counter' ? name.replace(/_total$/, '') : name,
  );
  if (!isSorted(familyNames) && !isSorted(sampleNames)) {
    report('family-order', 0, 'families are not sorted by name');
  }
}

function isSorted(names: readonly string[]): boolean {
  return names.every((name, i) => i === 0 || (names[i - 1] ?? '') < name);
}
