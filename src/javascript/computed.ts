/** The backend's own metrics that nobody counts: they are looked up when they are read. */
import { overwrittenEvents } from './events';
import type { Lanes } from './lanes';
import type { Store } from './store';
import { type Computed, spanCounts } from './traces/counts';

/** Those metrics, by their names. */
export function computedMetrics(store: Store, lanes: Lanes): ReadonlyMap<string, Computed> {
  const count = (isLive: boolean): number =>
    lanes.all().filter((lane) => lane.isLive === isLive).length;
  return new Map<string, Computed>([
    ['nanometer.lanes.live', () => count(true)],
    ['nanometer.lanes.retired', () => count(false)],
    ['nanometer.segment.size', () => store.bytes],
    ['nanometer.events_overwritten', () => overwrittenEvents(lanes)],
    ...spanCounts(lanes),
  ]);
}
