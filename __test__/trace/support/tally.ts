/** A tally that nobody reads. */
import { Counter } from '../../../dist/handles/counter';
import { Histogram } from '../../../dist/handles/histogram';
import { makeSearch } from '../../../dist/handles/search';
import { Tally } from '../../../dist/trace/tally';
import { block } from './memory';

/** One whose cells do not record. */
export function tallied(): Tally {
  const { cells } = block();
  const counter = new Counter(cells, 8);
  const timer = undefined as never;
  return new Tally(counter, new Histogram(cells, 9, counter, makeSearch([]), timer));
}
