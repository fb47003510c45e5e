/** A tally that nobody reads. */
import { mockClock } from 'nanometer';
import { Tally } from '../../../dist/trace/tally';
import { counterAt, histogramAt } from './handles';
import { block } from './memory';

/** One whose cells do not record. */
export function tallied(): Tally {
  const { cells } = block();
  return new Tally(counterAt(cells, 8), histogramAt(cells, 9, [], mockClock()));
}
