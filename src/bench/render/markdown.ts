/** A report as Markdown, for the comment of a pull request: what came of it, the rest folded away. */
import type { Comparison, Report } from '../report';
import { comparisonSection } from './comparison';
import { type Cell, type Section, textOf } from './section';
import { headingOf, remarksOf, sectionsOf } from './sections';

/** Shown without unfolding. */
const FIRST = ['Throughput', 'Latency', 'Overhead'];

/** The report; the comparison with a baseline first, where there is one. */
export function markdownOf(report: Report, comparison: Comparison | null): string {
  const [what, how] = headingOf(report);
  const sections = sectionsOf(report);
  const first = sections.filter(({ title }) => FIRST.includes(title));
  const others = sections.filter(({ title }) => !FIRST.includes(title));
  const warnings = [...report.warnings, ...(comparison?.warnings ?? [])];
  return [
    `### ${escaped(what)}`,
    escaped(how),
    ...(comparison === null ? [] : [sectionText(comparisonSection(comparison))]),
    ...first.map(sectionText),
    ...remarksOf(warnings, report.notes).map(sectionText),
    '<details><summary>Everything else</summary>',
    ...others.map(sectionText),
    '</details>',
    '',
  ].join('\n\n');
}

function sectionText({ title, head, rows, drawing = [], sentences = [] }: Section): string {
  const parts = [`#### ${escaped(title)}`];
  if (rows.length > 0) parts.push(tableText(head ?? rows[0]!.map(() => ''), rows));
  if (drawing.length > 0) parts.push(['```', ...drawing, '```'].join('\n'));
  return [...parts, ...sentences.map(cellText)].join('\n\n');
}

function tableText(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head.map(escaped)),
    line(head.map((_, i) => (i === 0 || head.length === 2 ? '---' : '---:'))),
    ...rows.map((row) => line(row.map(cellText))),
  ].join('\n');
}

function cellText(cell: Cell): string {
  const text = escaped(textOf(cell));
  return typeof cell !== 'string' && cell.tone === 'bad' ? `**${text}**` : text;
}

/** What Markdown or HTML would take for its own. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\|`*_[\]]/g, '\\$&')
    .replaceAll('\n', ' ');
}
