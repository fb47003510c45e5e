/** How the cells of one series lie, and which positions a run of series has. */
import type { Definition } from '../define';
import { GAUGE_CELLS, HISTOGRAM_HEAD_CELLS } from '../generated/layout';

/** How many cells one series of a definition has. */
export function cellsOf(definition: Definition): number {
  if (definition.kind === 'counter') return 1;
  if (definition.kind === 'gauge') return GAUGE_CELLS;
  return HISTOGRAM_HEAD_CELLS + (definition.buckets?.bounds.length ?? 0) + 1;
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
