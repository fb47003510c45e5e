/** Handles over cells of a test's own; those of a program come from its meter. */
import type { Clock } from '../../../dist/backend/backend';
import * as counter from '../../../dist/handles/counter';
import * as histogram from '../../../dist/handles/histogram';
import { makeSearch, type Search } from '../../../dist/handles/search';
import { Timer } from '../../../dist/handles/timer';

// The package's types have no constructors of them.
const Counter = counter.Counter as unknown as new (
  cells: Float64Array,
  index: number,
) => counter.Counter;
const Histogram = histogram.Histogram as unknown as new (
  cells: Float64Array,
  index: number,
  refused: counter.Counter,
  search: Search,
  timer: Timer,
) => histogram.Histogram;

/** A counter whose cell is that one. */
export function counterAt(cells: Float64Array, index: number): counter.Counter {
  return new Counter(cells, index);
}

/** A histogram whose cells are those from there on. */
export function histogramAt(
  cells: Float64Array,
  index: number,
  bounds: readonly number[],
  clock: Clock,
): histogram.Histogram {
  const timer = new Timer(clock, '', 'ns');
  return new Histogram(cells, index, counterAt(cells, index), makeSearch(bounds), timer);
}
