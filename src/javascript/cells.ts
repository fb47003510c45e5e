/** How the cells of one series lie, and which positions a run of series has. */
import type { Definition } from '../define';
import { GAUGE_CELLS, HISTOGRAM_HEAD_CELLS } from '../generated/layout';

/** How many cells one series of a definition has. A derived metric has none. */
export function cellsOf({ kind, buckets }: Definition): number {
  switch (kind) {
    case 'counter':
      return 1;
    case 'gauge':
    case 'state':
      return GAUGE_CELLS;
    case 'histogram':
      return HISTOGRAM_HEAD_CELLS + (buckets?.bounds.length ?? 0) + 1;
    case 'derived':
      return 0;
  }
}

/** Every position of some runs, in order. */
export function positionsOf(
  definition: Definition,
  runs: readonly (readonly [number, number])[],
): number[] {
  const cells = cellsOf(definition);
  return runs.flatMap(([start, count]) =>
    Array.from({ length: count }, (_, index) => start + index * cells),
  );
}
