/** Tables without lines, so that they can be copied. */
import Table from 'cli-table3';

const NO_LINES = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right'],
    ...['bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((place) => [place, '']),
);

/**
 * An empty table.
 *
 * @param padding - blanks before and behind each cell
 */
export function plainTable(
  options: Table.TableConstructorOptions,
  padding: readonly [before: number, behind: number],
): Table.Table {
  const [before, behind] = padding;
  return new Table({
    ...options,
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': before, 'padding-right': behind },
  });
}

/** Its text, without the blanks at the end of lines that only a line on the right would need. */
export function rendered(table: Table.Table): string {
  return table.toString().replaceAll(/ +$/gm, '');
}
