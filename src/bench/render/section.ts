/** What is told of a report, said once for terminals and for Markdown: titled tables and sentences. */

/** How a cell is meant; a terminal shows it as a colour. */
export type Tone = 'good' | 'bad' | 'careful' | 'faint';

/** Text, and how it is meant where that matters. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

/** One section. */
export interface Section {
  readonly title: string;
  /** Of the columns; the first is of names, the others of figures. None: pairs of name and figures. */
  readonly head?: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** What is shown as it is, below the rows: one line each. */
  readonly drawing?: readonly string[];
  /** Sentences below. */
  readonly sentences?: readonly Cell[];
}

/** The text of a cell. */
export function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}
