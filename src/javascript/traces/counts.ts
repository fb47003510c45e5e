/** What became of spans, counted by the threads that recorded them; summed over all lanes. */
import * as layout from '../../generated/layout';
import type { Lanes } from '../lanes';
import { type SpanBlocks, spanBlocks } from './blocks';

const { EXPORT_MISSED, FLIGHT_DROPPED_FULL, FLIGHT_DROPPED_LIMIT, FLIGHT_OVERWRITTEN } = layout;
const { FLIGHT_PROMOTED, FLIGHT_RECORDED, OPEN_REFUSED } = layout;

/** A number, or one for each value of the metric's only label. */
export type Computed = () => number | Readonly<Record<string, number>>;

/** The metrics of spans, by their names. */
export function spanCounts(lanes: Lanes): [string, Computed][] {
  const sum = (of: (blocks: SpanBlocks) => number): number =>
    lanes.all().reduce((total, lane) => {
      const blocks = spanBlocks(lane);
      return blocks === null ? total : total + of(blocks);
    }, 0);
  const flight = (cell: number): number => sum((blocks) => blocks.flight[0]!.cells[cell]!);
  return [
    ['nanometer.spans_recorded', () => flight(FLIGHT_RECORDED)],
    ['nanometer.spans_promoted', () => flight(FLIGHT_PROMOTED)],
    ['nanometer.spans_overwritten', () => flight(FLIGHT_OVERWRITTEN)],
    [
      'nanometer.spans_dropped',
      () => ({ full: flight(FLIGHT_DROPPED_FULL), limit: flight(FLIGHT_DROPPED_LIMIT) }),
    ],
    ['nanometer.spans_missed', () => sum(({ exports }) => exports[0]!.cells[EXPORT_MISSED]!)],
    ['nanometer.promotions_refused', () => sum(({ open }) => open.cells[OPEN_REFUSED]!)],
  ];
}
