/** The blocks of a lane that spans are in: one row, made together. */
import type { Views } from '../../backend/backend';
import { EXPORT_BLOCKS, SPANS_PER_BLOCK } from '../../generated/layout';
import type { Lane } from '../lanes';

/** Where a lane's spans are. */
export interface SpanBlocks {
  /** The table of what is open. */
  readonly open: Views;
  readonly exports: readonly Views[];
  readonly flight: readonly Views[];
}

/** How many blocks a flight ring has that holds that many spans. */
export function flightBlocksFor(spans: number): number {
  return Math.ceil(spans / SPANS_PER_BLOCK);
}

/** A lane's; `null` before its first span. */
export function spanBlocks(lane: Lane): SpanBlocks | null {
  return cut(lane.row('spans'));
}

/** The same, made where there is none; `null` when there is no room. Owner only. */
export function addSpanBlocks(lane: Lane, flightBlocks: number): SpanBlocks | null {
  return cut(lane.addRow('spans', 1 + EXPORT_BLOCKS + flightBlocks));
}

function cut(row: readonly Views[] | null): SpanBlocks | null {
  if (row === null) return null;
  return {
    open: row[0]!,
    exports: row.slice(1, 1 + EXPORT_BLOCKS),
    flight: row.slice(1 + EXPORT_BLOCKS),
  };
}
