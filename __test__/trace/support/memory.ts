/** Memory of a thread's spans, of ordinary buffers, and what stands in it. */
import type { TraceMemory, Views } from '../../../dist/backend/backend';
import * as layout from '../../../dist/generated/layout';

/** One block. */
export function block(): Views {
  const buffer = new ArrayBuffer(layout.BLOCK_BYTES);
  return { cells: new Float64Array(buffer), words: new Int32Array(buffer) };
}

/** Memory as a backend gives it, with settings that promote nothing. */
export function traceMemory(flightBlocks = 1): TraceMemory {
  const memory = {
    shared: block(),
    open: block(),
    exports: Array.from({ length: layout.EXPORT_BLOCKS }, block),
    flight: Array.from({ length: flightBlocks }, block),
  };
  const { cells } = memory.shared;
  cells[layout.TRACING_ENABLED] = 1;
  cells[layout.TRACING_PROMOTE_LATENCY_NS] = Infinity;
  cells[layout.TRACING_MOST_PROMOTIONS] = Infinity;
  return memory;
}

/** The words of each slot that has a span, in the order of the ring. */
export function spansIn(blocks: readonly Views[]): Int32Array[] {
  return blocks.flatMap(({ words }) =>
    Array.from({ length: layout.SPANS_PER_BLOCK }, (_, index) => {
      const at = layout.BLOCK_HEADER_CELLS * 2 + index * layout.SPAN_WORDS;
      return words.slice(at, at + layout.SPAN_WORDS);
    }).filter((slot) => slot[layout.SPAN_WORD]! > 0),
  );
}

/** How many entries are in use, of those that readers see. */
export function openEntries({ open }: TraceMemory): number {
  let count = 0;
  for (let index = 0; index < layout.SPANS_PER_BLOCK; index++) {
    const at = layout.BLOCK_HEADER_CELLS * 2 + index * layout.SPAN_WORDS;
    if (open.words[at + layout.OPEN_WORD] !== 0) count += 1;
  }
  return count;
}

/** What the rings say of themselves. */
export function accountOf({ flight, exports: exported, open }: TraceMemory) {
  const cells = flight[0]!.cells;
  const kept = spansIn(flight).filter((slot) => slot[layout.SPAN_FATE] === layout.FATE_KEPT);
  return {
    recorded: cells[layout.FLIGHT_RECORDED]!,
    promoted: cells[layout.FLIGHT_PROMOTED]!,
    overwritten: cells[layout.FLIGHT_OVERWRITTEN]!,
    droppedFull: cells[layout.FLIGHT_DROPPED_FULL]!,
    droppedLimit: cells[layout.FLIGHT_DROPPED_LIMIT]!,
    kept: kept.length,
    missed: exported[0]!.cells[layout.EXPORT_MISSED]!,
    refused: open.cells[layout.OPEN_REFUSED]!,
  };
}

/** Takes all that has been published out of the export ring, as its reader does. */
export function drain({ exports: exported }: TraceMemory): void {
  exported[1]!.cells[layout.EXPORT_TAIL] = exported[0]!.cells[layout.EXPORT_HEAD]!;
}
