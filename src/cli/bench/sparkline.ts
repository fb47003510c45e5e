/** Numbers as a line of blocks, the largest of them the tallest. */

const BLOCKS = '▁▂▃▄▅▆▇█';

/** One character a number, the newest last and at most `width` of them; a space where there is none. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const shown = values.slice(-Math.max(1, width));
  const largest = Math.max(...shown.map((value) => value ?? 0), Number.MIN_VALUE);
  const blocks = shown.map((value) => {
    if (value === null) return ' ';
    return BLOCKS[Math.round((value / largest) * (BLOCKS.length - 1))]!;
  });
  return blocks.join('');
}
