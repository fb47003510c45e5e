/** The reference page of a catalog, in Markdown: every name as each output has it. */
import { metricName } from '../javascript/prometheus/names';
import type { Catalog, CatalogMetric } from './catalog';
import type { CatalogEvent } from './check';

/** The names of a metric in `/metrics`. */
export interface ExposedNames {
  /** The family in the text format, whose `TYPE` line names the sample. */
  readonly text: string;
  /** The family in OpenMetrics. */
  readonly openMetrics: string;
}

/** What a metric is called in `/metrics`, as both encoders have it. */
export function exposedNames(metric: CatalogMetric): ExposedNames {
  const { family } = metricName(metric);
  return { text: metric.kind === 'counter' ? `${family}_total` : family, openMetrics: family };
}

/** The page. */
export function renderReference(catalog: Catalog): string {
  const { name, about, metrics, events } = catalog;
  const sections = [
    '<!-- Made from the catalog by `npm run docs`. -->',
    `# ${name}`,
    about,
    ...summary(catalog),
    '## Metrics',
    ...metricTables(metrics),
    ...eventSection(events),
    ...invariantSection(catalog),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function summary({ name, metrics }: Catalog): string[] {
  const count = (is: (metric: CatalogMetric) => boolean): number => metrics.filter(is).length;
  const numbers = [
    `${metrics.length} metrics`,
    `${count(({ diagnostic }) => diagnostic)} recorded at the level diagnostic only`,
    `${count(({ reserved }) => reserved)} reserved`,
    `${count(({ deprecated }) => deprecated !== null)} deprecated`,
  ];
  const first = metrics.find(({ kind, labels }) => kind !== 'derived' && labels.length === 0);
  const use = first === undefined ? [] : [`stats.${first.path}; // index ${first.index}`];
  return [
    `${numbers.filter((number) => !number.startsWith('0 ')).join(', ')}.`,
    [
      '```ts',
      `import { ${name} } from 'nanometer/catalogs';`,
      '',
      `const stats = meter.catalog(${name});`,
      ...use,
      '```',
    ].join('\n'),
  ];
}

/** A table for each group, or for each category where there are no groups. */
function metricTables(metrics: readonly CatalogMetric[]): string[] {
  const byHeading = new Map<string, CatalogMetric[]>();
  for (const metric of metrics) {
    const heading = metric.group ?? metric.category ?? '';
    byHeading.set(heading, [...(byHeading.get(heading) ?? []), metric]);
  }
  return [...byHeading].flatMap(([heading, list]) => [
    heading === '' ? '' : `### ${heading}`,
    table(
      [
        'index',
        'name',
        'path',
        'text format',
        'OpenMetrics',
        'kind',
        'unit',
        'labels',
        'what it says',
      ],
      list.map(row),
    ),
    ...details(list),
  ]);
}

function row(metric: CatalogMetric): string[] {
  const { index, name, path, unit, help } = metric;
  const { text, openMetrics } = exposedNames(metric);
  const path_ = metric.kind === 'derived' ? '' : code(path);
  return [
    String(index),
    code(name),
    path_ === code(name) ? '' : path_,
    code(text),
    openMetrics === text ? '' : code(openMetrics),
    kindOf(metric),
    unit === '' ? '' : code(unit),
    labelsOf(metric),
    [help, ...flagsOf(metric)].join(' '),
  ];
}

function kindOf({ kind, aggregate }: CatalogMetric): string {
  if (kind !== 'gauge' || aggregate === null || aggregate === 'sum') return kind;
  return `gauge (${aggregate})`;
}

function labelsOf({ labels, values }: CatalogMetric): string {
  return labels
    .map((label, i) => {
      const closed = values?.[i];
      return closed === undefined ? code(label) : `${code(label)}: ${closed.map(code).join(' ')}`;
    })
    .join('; ');
}

function flagsOf({ diagnostic, reserved, deprecated }: CatalogMetric): string[] {
  return [
    diagnostic ? '_Diagnostic._' : '',
    reserved ? '_Reserved._' : '',
    deprecated === null ? '' : `_Deprecated: ${deprecated}_`,
  ].filter((flag) => flag !== '');
}

/** What a table has no room for: bounds, states, quotients. */
function details(metrics: readonly CatalogMetric[]): string[] {
  const lines = metrics.flatMap((metric) => {
    const { name, buckets, states, derive, unit } = metric;
    if (buckets !== null) {
      return `- ${code(name)}: buckets to ${buckets.bounds.join(', ')} ${unit}, and beyond.`;
    }
    if (states !== null) {
      const final = states.final.length === 0 ? '' : `; of these ${list(states.final)} are final`;
      const { text } = exposedNames(metric);
      return `- ${code(name)}: a series for each of ${list(states.names)}, in the label ${code(text)}${final}.`;
    }
    if (derive === null) return [];
    const { numerator, denominator, factor } = derive;
    const times = factor === 1 ? '' : `${factor} × `;
    return `- ${code(name)}: ${times}${code(numerator)} / ${code(denominator)}, when it is read.`;
  });
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function eventSection(events: readonly CatalogEvent[]): string[] {
  if (events.length === 0) return [];
  const rows = events.map(({ key, name, kind, level, attributes, help }) => [
    code(name),
    code(`events.${key}`),
    kind,
    level,
    Object.entries(attributes)
      .map(([attribute, type]) => {
        const shown = typeof type === 'string' ? type : type.map(code).join(' ');
        return `${code(attribute)}: ${shown}`;
      })
      .join('; '),
    help,
  ]);
  return ['## Events', table(['name', 'path', 'kind', 'level', 'attributes', 'when'], rows)];
}

function invariantSection({ name, invariants, invariantsAbout }: Catalog): string[] {
  const names = Object.keys(invariants);
  if (names.length === 0) return [];
  const lines = names.map(
    (invariant) =>
      `- ${code(`${name}.invariants.${invariant}(snapshot)`)}: ${invariantsAbout[invariant] ?? ''}`,
  );
  return ['## Invariants', lines.join('\n')];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  // A column without content says nothing.
  const kept = head.map((_, i) => rows.some((cells) => cells[i] !== ''));
  const line = (cells: readonly string[]): string =>
    `| ${cells
      .filter((_, i) => kept[i])
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | ')} |`;
  const rule = head.map((title) => (title === 'index' ? '---:' : '---'));
  return [head, rule, ...rows].map(line).join('\n');
}

function list(words: readonly string[]): string {
  return words.map(code).join(', ');
}

function code(text: string): string {
  return `\`${text}\``;
}
