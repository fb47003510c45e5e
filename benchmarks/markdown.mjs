/** Pieces of Markdown. */
import { digits, percent } from './harness/report.mjs';

/** A heading of the second level, and what is below it. */
export function section(title, ...parts) {
  return [`## ${title}`, ...parts].join('\n\n');
}

/** A table; the first column to the left, the others to the right. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** The row of a timing: what it is, nanoseconds, noise. */
export function timing({ name, ns, spread }) {
  return [code(name), digits(ns), percent(spread)];
}

/** What a library is called, and then its call, as code. */
export function code(name) {
  return name.replace(/^(.*?: )?(.*)$/, (_, library = '', call) => `${library}\`${call}\``);
}
