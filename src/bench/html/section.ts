/** Sections of the page. */
import type { Content, Markup } from './markup';
import { markup } from './markup';

/** A section with its heading, and how it is named where all are listed. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** Its name in the list of all sections. */
  readonly name: string;
  /** What there is to know before reading on. */
  readonly lead: Content;
  readonly body: Content;
}

/** A section as markup. */
export function sectionOf({ id, title, lead, body }: Section): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${title}</h2>
<p class="lead">${lead}</p>
${body}</section>
`;
}

/** Links to sections. */
export function contentsOf(sections: readonly Section[]): Markup {
  return markup`<nav aria-label="Sections"><ul>${sections.map(
    ({ id, name }) => markup`<li><a href="#${id}">${name}</a></li>`,
  )}</ul></nav>`;
}

/** A word with a sign, so that its colour says nothing alone. */
export function verdict(
  kind: 'good' | 'bad' | 'open' | 'plain',
  sign: string,
  word: string,
): Markup {
  return markup`<span class="verdict ${kind}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}
