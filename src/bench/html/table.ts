/** Tables: what figures draw, in numbers. */
import type { Content, Markup } from './markup';
import { markup } from './markup';

/** A table; the first cell of a row is its heading. */
export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Content[])[];
  /** Columns of words, which begin at the left; the first always does. */
  readonly words?: readonly number[];
}

/** A table in a box of its own that scrolls, by keys as well, where a screen is too narrow. */
export function table({ caption, head, rows, words = [] }: Table): Markup {
  const kind = (column: number): Content =>
    column > 0 && !words.includes(column) && markup` class="number"`;
  return markup`<div class="scroll" role="region" aria-label="Table: ${caption}" tabindex="0"><table>
<caption class="unseen">${caption}</caption>
<thead><tr>${head.map((name, column) => markup`<th scope="col"${kind(column)}>${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first = '', ...rest]) => markup`<tr><th scope="row">${first}</th>${rest.map(
      (cell, index) => markup`<td${kind(index + 1)}>${cell}</td>`,
    )}</tr>
`,
  )}</tbody></table></div>`;
}

/** A table that is unfolded when wanted. */
export function folded(of: Table): Markup {
  return markup`<details><summary>The numbers<span class="unseen">: ${of.caption}</span></summary>${table(of)}</details>`;
}

/** Names and values, one beneath the other. */
export function facts(pairs: readonly (readonly [string, Content])[]): Markup {
  return markup`<dl class="facts">${pairs.map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}
