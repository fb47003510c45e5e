/** How the cells of one series lie, and which positions a run of series has. */
import type { Definition } from '../definition/define';
import {
  COUNTER_CELLS,
  EXEMPLAR_CELLS,
  GAUGE_CELLS,
  HISTOGRAM_HEAD_CELLS,
} from '../generated/layout';

/** How many cells one series of a definition has. A derived metric has none. */
export function cellsOf(definition: Definition): number {
  return valueCellsOf(definition) + EXEMPLAR_CELLS * exemplarPlacesOf(definition);
}

/** How many of them its value takes; its exemplars come after them. */
export function valueCellsOf(definition: Definition): number {
  switch (definition.kind) {
    case 'counter':
      return COUNTER_CELLS;
    case 'gauge':
    case 'state':
      return GAUGE_CELLS;
    case 'histogram':
      return HISTOGRAM_HEAD_CELLS + bucketsOf(definition);
    case 'derived':
      return 0;
  }
}

/** How many exemplars one series has room for: one for each bucket, or one of a counter. */
export function exemplarPlacesOf(definition: Definition): number {
  if (definition.exemplars !== true) return 0;
  return definition.kind === 'histogram' ? bucketsOf(definition) : 1;
}

/** How many buckets a histogram has, the last one to +Inf included. */
function bucketsOf({ buckets }: Definition): number {
  return (buckets?.bounds.length ?? 0) + 1;
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
