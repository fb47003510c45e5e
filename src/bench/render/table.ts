/** A report for terminals: tables without lines, so that they can be copied, and read at 80 columns. */
import { createColors } from 'picocolors';
import type { Comparison, Report } from '../report';
import { comparisonSection } from './comparison';
import { plainTable, rendered } from './plain-table';
import { type Cell, type Section, textOf, type Tone } from './section';
import { headingOf, remarksOf, sectionsOf } from './sections';

/** How a terminal shows it. */
export interface TableOptions {
  readonly colour: boolean;
  /** Columns of the terminal; sentences are wrapped there. */
  readonly width: number;
}

/** Narrower than this nothing fits. */
const NARROWEST = 40;
const NAME_WIDTH = 24;
// Blanks before each cell, and behind it.
const PADDING = [2, 0] as const;

/** The report, the comparison after it, and what to be careful about last. */
export function tableOf(
  report: Report,
  comparison: Comparison | null,
  { colour, width }: TableOptions,
): string {
  const printer = new Printer(colour, Math.max(width, NARROWEST));
  const sections = [
    ...sectionsOf(report),
    ...(comparison === null ? [] : [comparisonSection(comparison)]),
    ...remarksOf([...report.warnings, ...(comparison?.warnings ?? [])], report.notes),
  ];
  const [what, how] = headingOf(report);
  const parts = [
    printer.heading(what, how),
    ...sections.map((section) => printer.section(section)),
  ];
  return `${parts.join('\n\n')}\n`;
}

class Printer {
  readonly #width: number;
  readonly #bold: (text: string) => string;
  readonly #tones: Readonly<Record<Tone, (text: string) => string>>;

  constructor(colour: boolean, width: number) {
    const colours = createColors(colour);
    this.#width = width;
    this.#bold = colours.bold;
    this.#tones = {
      good: colours.green,
      bad: colours.red,
      careful: colours.yellow,
      faint: colours.dim,
    };
  }

  heading(what: string, how: string): string {
    return `${this.#bold(this.#wrapped(what))}\n${this.#wrapped(how)}`;
  }

  section({ title, head, rows, drawing = [], sentences = [] }: Section): string {
    const table = head === undefined ? this.#pairs(rows) : this.#columns(head, rows);
    const lines = [
      ...drawing.map((line) => `  ${line}`),
      ...sentences.map((each) => this.#cell(each)),
    ];
    return [this.#bold(title), ...(rows.length > 0 ? [table] : []), ...lines].join('\n');
  }

  /** Figures under each other, to the right. */
  #columns(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
    const table = plainTable(
      { colAligns: head.map((_, i) => (i === 0 ? 'left' : 'right')) },
      PADDING,
    );
    // A colour around nothing would keep a line from being trimmed.
    table.push(head.map((text) => text && this.#tones.faint(text)));
    for (const [name, ...figures] of rows) {
      table.push([this.#cell(clipped(name!)), ...figures.map((cell) => this.#cell(cell))]);
    }
    return rendered(table);
  }

  /** A name, and a sentence that may take several lines. */
  #pairs(rows: readonly (readonly Cell[])[]): string {
    const names = Math.max(...rows.map(([name]) => textOf(name!).length));
    const columns = Math.max(...rows.map((row) => row.length));
    const isWrapped = columns === 2;
    const table = plainTable(
      isWrapped
        ? { colWidths: [names + 4, this.#width - names - 4], wordWrap: true }
        : { colAligns: ['left', 'right', 'right'] },
      PADDING,
    );
    table.push(...rows.map((row) => row.map((cell) => this.#cell(cell))));
    return rendered(table);
  }

  #cell(cell: Cell): string {
    return typeof cell === 'string' ? cell : this.#tones[cell.tone](cell.text);
  }

  #wrapped(text: string): string {
    const table = plainTable({ colWidths: [this.#width], wordWrap: true }, [0, 0]);
    table.push([text]);
    return rendered(table);
  }
}

function clipped(cell: Cell): Cell {
  const text = textOf(cell);
  if (text.length <= NAME_WIDTH) return cell;
  const short = `${text.slice(0, NAME_WIDTH - 1)}…`;
  return typeof cell === 'string' ? short : { ...cell, text: short };
}
