/**
 * Where this thread's cells are. The typed arrays go to handles only, which keep them private:
 * whoever held one could detach its buffer, and every store would silently do nothing.
 */
import type { BackendMeter } from './backend';
import { CELLS_PER_BLOCK } from '../generated/layout';

/** This thread's view of a position's block; see `backend.ts`. May map memory: cold. */
export function cellsAt(meter: BackendMeter, position: number): Float64Array {
  return meter.block(Math.floor(position / CELLS_PER_BLOCK));
}

/** The index of a position within its block. */
export function indexAt(position: number): number {
  return position % CELLS_PER_BLOCK;
}
