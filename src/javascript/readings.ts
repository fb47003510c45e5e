/**
 * What threads read, merged: gauges, states, running times. Each lane's cells are a reading and a
 * stamp that says whether it counts. The twin of `crates/core/src/readings.rs`.
 *
 * ```text
 * stamp   0      the thread never set it: what it added to a sum counts, now and when it has ended
 *         above  a reading of that thread: counts while the thread lives
 *         below  settled: counts for good
 * ```
 */
import type { Definition } from '../definition/define';
import { CELLS_PER_BLOCK, GAUGE_STAMP, GAUGE_VALUE } from '../generated/layout';
import { HIGH_WORD } from '../handles/search';
import type { Part } from './catalogue';
import { blockOf } from './lanes';

// How often a lane is asked again whose thread is just starting or stopping a time.
const ATTEMPTS = 8;

/**
 * The reading of a gauge or of a state, merged across lanes; 0 where no lane has one that counts.
 * Allocates nothing.
 *
 * @param nowNs - the time on the clock of the threads, for times that run
 */
export function mergeReadings(
  definition: Definition,
  parts: readonly Part[],
  nowNs: number,
): number {
  const aggregate = definition.kind === 'state' ? 'last' : (definition.aggregate ?? 'sum');
  if (aggregate === 'elapsed') return longest(parts, nowNs);
  let merged = 0;
  let latest = 0;
  let isFirst = true;
  for (const { lane, position } of parts) {
    const cells = lane.cells(blockOf(position));
    const index = position % CELLS_PER_BLOCK;
    const value = cells[index + GAUGE_VALUE]!;
    const stamp = cells[index + GAUGE_STAMP]!;
    if (stamp === 0 ? aggregate !== 'sum' : stamp > 0 && !lane.isLive) continue;
    if (isFirst) {
      merged = value;
      latest = stamp;
      isFirst = false;
    } else if (aggregate === 'max') {
      merged = Math.max(merged, value);
    } else if (aggregate === 'min') {
      merged = Math.min(merged, value);
    } else if (aggregate === 'sum') {
      merged += value;
    } else if (stamp >= latest) {
      merged = value;
      latest = stamp;
    }
  }
  return definition.kind === 'state' ? stateOf(definition, merged) : merged;
}

/** Whether any lane has a reading of a gauge or state, whether it counts or not. */
export function hasReading(parts: readonly Part[]): boolean {
  return parts.some(({ lane, position }) => {
    const cells = lane.cells(blockOf(position));
    const index = position % CELLS_PER_BLOCK;
    return cells[index + GAUGE_VALUE] !== 0 || cells[index + GAUGE_STAMP] !== 0;
  });
}

/**
 * The longest time. A start that were taken for a time, or a time for a start, would be off by
 * hours: the thread sets the stamp to 0 while it changes one to the other, so a pair counts only if
 * the stamp was the same before and after.
 */
function longest(parts: readonly Part[], nowNs: number): number {
  let most = 0;
  for (const { lane, position } of parts) {
    const block = blockOf(position);
    const cells = lane.cells(block);
    const words = lane.cellWords(block);
    const index = position % CELLS_PER_BLOCK;
    // The half of the stamp that has its sign: above 0, 0 or below, as the whole is.
    const half = (index + GAUGE_STAMP) * 2 + HIGH_WORD;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // Atomic, so that the engine neither moves nor spares one of the two.
      const before = Atomics.load(words, half);
      const value = cells[index + GAUGE_VALUE]!;
      if (Atomics.load(words, half) !== before) continue;
      if (before < 0) most = Math.max(most, value);
      else if (before > 0 && lane.isLive) most = Math.max(most, nowNs - value);
      break;
    }
  }
  return most;
}

/** The index of the state that a cell stands for. What stands for none is the first. */
function stateOf({ states }: Definition, cell: number): number {
  return states?.names[cell] === undefined ? 0 : cell;
}
