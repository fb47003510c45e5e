/**
 * Figures. Horizontally a drawing is in thousandths of its width, whatever that is, and vertically in
 * pixels: so text is of one size on every screen, and nothing needs a script to be resized.
 */
import type { Content, Markup } from './markup';
import { markup } from './markup';
import type { Table } from './table';
import { folded } from './table';

/** The width of every drawing. */
export const WIDTH = 1000;

/** A figure, and what it says to those who do not see it. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  /** What is drawn, in a sentence or two. */
  readonly description: string;
  /** Pixels. */
  readonly height: number;
  readonly drawing: Content;
  /** What is drawn, in numbers; `null` where they are on the page anyway. */
  readonly numbers: Table | null;
  readonly legend?: Content;
  /** Whether there is something to write beside it, at the left. */
  readonly isIndented?: boolean;
}

/** A figure with its caption and its numbers. */
export function figure(of: Figure): Markup {
  const {
    id,
    title,
    description,
    height,
    drawing,
    numbers,
    legend = null,
    isIndented = false,
  } = of;
  return markup`<figure id="${id}"${isIndented && markup` class="indented"`}>
<figcaption><h3>${title}</h3>${legend}</figcaption>
<svg class="plot" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-description" width="100%" height="${height}">
<title id="${id}-title">${title}</title><desc id="${id}-description">${description}</desc>
${drawing}</svg>
${numbers !== null && folded(numbers)}</figure>`;
}

/** Where a thousandth of the width is. */
export const across = (x: number): string => `${Number((x / (WIDTH / 100)).toFixed(3))}%`;

/** Shapes that are stretched to the width: paths, which know no percentages. */
export function stretched(top: number, height: number, shapes: Content): Markup {
  return markup`<svg aria-hidden="true" x="0" y="${top}" width="100%" height="${height}" viewBox="0 0 ${WIDTH} ${height}" preserveAspectRatio="none">${shapes}</svg>`;
}

/** A path of one of the style's classes; nothing where there is none. */
export function path(kind: string, d: string | null): Content {
  return d !== null && markup`<path class="${kind}" d="${d}"/>`;
}

/** Text; near an end of the width it does not cross it. */
export function label(x: number, y: number, said: Content, kind = ''): Markup {
  const anchor = x < 20 ? 'start' : x > WIDTH - 20 ? 'end' : 'middle';
  return markup`<text class="${kind}" x="${across(x)}" y="${y}" text-anchor="${anchor}">${said}</text>`;
}

/** Text that begins at `x`, or with `end` ends there. */
export function text(x: number, y: number, said: Content, kind = '', end = false): Markup {
  return markup`<text class="${kind}" x="${across(x)}" y="${y}" text-anchor="${end ? 'end' : 'start'}">${said}</text>`;
}

/** Text at the left of an indented drawing. */
export function aside(y: number, said: Content, kind: string): Markup {
  return markup`<text class="${kind}" x="0" dx="-10" y="${y}" text-anchor="end">${said}</text>`;
}

/** A line from one point to another. */
export function line(
  kind: string,
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
): Markup {
  return markup`<line class="${kind}" x1="${across(x1)}" y1="${y1}" x2="${across(x2)}" y2="${y2}"/>`;
}

/** A box; `tip` is shown where a pointer rests on it. */
export function box(
  kind: string,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
  tip: string | null = null,
): Markup {
  return markup`<rect class="${kind}" x="${across(x)}" y="${y}" width="${across(Math.max(width, 0))}" height="${height}">${
    tip !== null && markup`<title>${tip}</title>`
  }</rect>`;
}

/** A point; `tip` is shown where a pointer rests on it. */
export function dot(
  kind: string,
  x: number,
  y: number,
  r: number,
  tip: string | null = null,
): Markup {
  return markup`<circle class="${kind}" cx="${across(x)}" cy="${y}" r="${r}">${
    tip !== null && markup`<title>${tip}</title>`
  }</circle>`;
}

/** A point of another shape. */
export function square(kind: string, x: number, y: number, tip: string): Markup {
  return markup`<rect class="${kind}" x="${across(x)}" y="${y - 5}" width="10" height="10" transform="translate(-5)"><title>${tip}</title></rect>`;
}
