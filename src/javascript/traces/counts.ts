/** What became of spans, counted by the threads that recorded them; summed over all lanes. */
import {
  EXPORT_MISSED,
  FLIGHT_DROPPED_FULL,
  FLIGHT_DROPPED_LIMIT,
  FLIGHT_OVERWRITTEN,
  FLIGHT_PROMOTED,
  FLIGHT_RECORDED,
  OPEN_REFUSED,
} from '../../generated/layout';
import type { Lanes } from '../lanes';
import { type SpanBlocks, spanBlocks } from './blocks';

/** A number, or one for each value of the metric's only label. */
export type Computed = () => number | Readonly<Record<string, number>>;

/** The metrics of spans, by their names, for one reading: all are of the time of the first. */
export function spanCounts(lanes: Lanes): [string, Computed][] {
  const sum = (of: (blocks: SpanBlocks) => number): number =>
    lanes.all().reduce((total, lane) => {
      const blocks = spanBlocks(lane);
      return blocks === null ? total : total + of(blocks);
    }, 0);
  const flight = (cell: number): number => sum((blocks) => blocks.flight[0]!.cells[cell]!);
  const take = () => ({
    promoted: flight(FLIGHT_PROMOTED),
    overwritten: flight(FLIGHT_OVERWRITTEN),
    dropped: { full: flight(FLIGHT_DROPPED_FULL), limit: flight(FLIGHT_DROPPED_LIMIT) },
    missed: sum(({ exports }) => exports[0]!.cells[EXPORT_MISSED]!),
    refused: sum(({ open }) => open.cells[OPEN_REFUSED]!),
    // What is recorded is read last: it is never less than what became of it.
    recorded: flight(FLIGHT_RECORDED),
  });
  let taken: ReturnType<typeof take> | undefined;
  const count = (): ReturnType<typeof take> => (taken ??= take());
  return [
    ['nanometer.spans_recorded', () => count().recorded],
    ['nanometer.spans_promoted', () => count().promoted],
    ['nanometer.spans_overwritten', () => count().overwritten],
    ['nanometer.spans_dropped', () => count().dropped],
    ['nanometer.spans_missed', () => count().missed],
    ['nanometer.promotions_refused', () => count().refused],
  ];
}
