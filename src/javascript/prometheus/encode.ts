/**
 * A reading as Prometheus text, format 0.0.4 and OpenMetrics 1.0, a chunk at a time. The twin of
 * `crates/export/src/encode/prometheus.rs`; golden files hold the two together.
 */
import type { Distribution } from '../merge';
import type { ReadMetric, ReadSeries } from '../reading';
import {
  type Collision,
  familiesOf,
  type FamilyKind,
  type Member,
  type PrometheusFamily,
  TARGET,
} from './families';
import { exemplarWriter, type ExemplarWriter, noExemplars } from './exemplars';
import { escape, writeResource } from './labels';
import { formatValue } from './numbers';
import { applyScale } from './units';

/** A text format of Prometheus: 0.0.4, which every Prometheus reads, or OpenMetrics 1.0. */
export type Format = 'text' | 'openmetrics';

/** What is encoded. */
export interface EncoderInput {
  /** Resource attributes by their OpenTelemetry names. */
  readonly resource: Readonly<Record<string, string>>;
  /** In the order of definition. */
  readonly metrics: readonly ReadMetric[];
}

// Characters of a chunk, about: it ends with the line that reaches this.
const CHUNK = 64 * 1_024;

/** The output, and the metrics whose names collide. */
export interface Encoded {
  /** The metrics whose names collide, in the order of definition. */
  readonly collisions: readonly Collision[];
  /** The text in chunks of whole lines, made one at a time. */
  readonly chunks: Iterable<string>;
}

/** Plans the output; the text is made while `chunks` is iterated. */
export function encode(input: EncoderInput, format: Format): Encoded {
  const hasTarget = Object.keys(input.resource).length > 0;
  const { families, collisions } = familiesOf(input.metrics, hasTarget);
  return { collisions, chunks: chunksOf(input, families, format) };
}

function* chunksOf(
  { resource }: EncoderInput,
  families: readonly PrometheusFamily[],
  format: Format,
): Generator<string> {
  let chunk = target(resource, format);
  for (const family of families) {
    chunk += header(family, format);
    for (const line of samples(family, format)) {
      chunk += line;
      if (chunk.length < CHUNK) continue;
      yield chunk;
      chunk = '';
    }
  }
  if (format === 'openmetrics') chunk += '# EOF\n';
  if (chunk !== '') yield chunk;
}

function target(resource: Readonly<Record<string, string>>, format: Format): string {
  const labels = writeResource(resource);
  if (labels === '') return '';
  const { family, sample } = TARGET;
  const head =
    format === 'text'
      ? `# HELP ${sample} Target metadata.\n# TYPE ${sample} gauge\n`
      : `# TYPE ${family} info\n# HELP ${family} Target metadata.\n`;
  return `${head}${labelSet(sample, labels)}1\n`;
}

function header({ name, kind, unit, help }: PrometheusFamily, format: Format): string {
  if (format === 'text') {
    const sample = name + suffixOf(kind);
    const helpLine = help === '' ? '' : `# HELP ${sample} ${escape(help, false)}\n`;
    return `${helpLine}# TYPE ${sample} ${typeOf(kind, format)}\n`;
  }
  const helpLine = help === '' ? '' : `# HELP ${name} ${escape(help, true)}\n`;
  const unitLine = unit === '' ? '' : `# UNIT ${name} ${unit}\n`;
  return `# TYPE ${name} ${typeOf(kind, format)}\n${unitLine}${helpLine}`;
}

/** The text format has no sets of states: there they are gauges. */
function typeOf(kind: FamilyKind, format: Format): string {
  if (kind !== 'state') return kind;
  return format === 'text' ? 'gauge' : 'stateset';
}

function suffixOf(kind: FamilyKind): string {
  return kind === 'counter' ? '_total' : '';
}

function* samples(family: PrometheusFamily, format: Format): Generator<string> {
  const seen = new Set<string>();
  for (const member of family.members) {
    for (const series of member.metric.series) {
      if (family.mayRepeat) {
        const identity = member.labels.identity(series.values);
        if (seen.has(identity)) continue;
        seen.add(identity);
      }
      yield sample(family, member, series, format);
    }
  }
}

function sample(
  family: PrometheusFamily,
  member: Member,
  series: ReadSeries,
  format: Format,
): string {
  const { values, value } = series;
  const labels = member.labels.write(values);
  const exemplarAt = format === 'text' ? noExemplars : exemplarWriter(member, series);
  if (typeof value === 'object') return histogram(family.name, member, labels, value, exemplarAt);
  if (family.kind === 'state') return states(family.name, member, labels, value);
  const scaled = formatValue(applyScale(member.scale, value));
  return `${labelSet(family.name + suffixOf(family.kind), labels)}${scaled}${exemplarAt(0)}\n`;
}

function histogram(
  name: string,
  member: Member,
  labels: string,
  { counts, sum }: Distribution,
  exemplarAt: ExemplarWriter,
): string {
  const head = `${name}_bucket{${labels}`;
  let below = 0;
  let lines = '';
  member.tails.forEach((tail, bucket) => {
    below += counts[bucket] ?? 0;
    lines += `${head}${tail}${formatValue(below)}${exemplarAt(bucket)}\n`;
  });
  lines += `${labelSet(`${name}_sum`, labels)}${formatValue(applyScale(member.scale, sum))}\n`;
  return `${lines}${labelSet(`${name}_count`, labels)}${formatValue(below)}\n`;
}

/** A sample for each state: 1 for the one that it is in, 0 for the others. */
function states(name: string, member: Member, labels: string, current: number): string {
  return member.tails
    .map((tail, index) => `${name}{${labels}${tail}${index === current ? 1 : 0}\n`)
    .join('');
}

/** `name{labels} `, without braces where there are no labels. */
function labelSet(name: string, labels: string): string {
  return labels === '' ? `${name} ` : `${name}{${labels.slice(0, -1)}} `;
}
