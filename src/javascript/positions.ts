/** Hands out the cells of this thread's lane: ranges that never cross a block. */
import { BLOCK_HEADER_CELLS, CELLS_PER_BLOCK } from '../generated/layout';
import type { Gates } from './gates';
import type { Lane } from './lanes';
import { BLOCK_BYTES } from './store';

/** Ranges of cells of one lane. Used by the thread that owns it. */
export class Positions {
  readonly #lane: Lane;
  readonly #gates: Gates;
  readonly #maxBlocks: number;
  // The next free position for ordinary and for diagnostic metrics; 0: no block is begun.
  readonly #next: [number, number] = [0, 0];

  constructor(lane: Lane, gates: Gates, maxLaneBytes: number) {
    this.#lane = lane;
    this.#gates = gates;
    this.#maxBlocks = Math.max(1, Math.floor(maxLaneBytes / BLOCK_BYTES));
  }

  /**
   * The position of that many cells, all zero; `null` when the lane has no room. Diagnostic metrics
   * have blocks of their own, so that one gate answers for all of a block.
   */
  take(cells: number, diagnostic: boolean): number | null {
    const kind = diagnostic ? 1 : 0;
    let position = this.#next[kind];
    const inBlock = position % CELLS_PER_BLOCK;
    if (inBlock === 0 || inBlock + cells > CELLS_PER_BLOCK) {
      if (cells > CELLS_PER_BLOCK - BLOCK_HEADER_CELLS) return null;
      if (this.#lane.cellBlocks >= this.#maxBlocks) return null;
      const block = this.#lane.addCellBlock(diagnostic);
      if (block === null) return null;
      this.#gates.open(this.#lane, block);
      position = block * CELLS_PER_BLOCK + BLOCK_HEADER_CELLS;
    }
    this.#next[kind] = position + cells;
    return position;
  }

  /**
   * Positions for several series of that many cells, as runs of start and number; `null`, with
   * nothing taken, when not all of them fit.
   */
  takeMany(series: number, cells: number, diagnostic: boolean): [number, number][] | null {
    const perBlock = Math.floor((CELLS_PER_BLOCK - BLOCK_HEADER_CELLS) / cells);
    const inBlock = this.#next[diagnostic ? 1 : 0] % CELLS_PER_BLOCK;
    const here = inBlock === 0 ? 0 : Math.floor((CELLS_PER_BLOCK - inBlock) / cells);
    const blocks = perBlock === 0 ? Infinity : Math.ceil(Math.max(0, series - here) / perBlock);
    if (this.#lane.cellBlocks + blocks > this.#maxBlocks) return null;
    const runs: [number, number][] = [];
    for (let left = series; left > 0; left--) {
      const position = this.take(cells, diagnostic);
      if (position === null) return null;
      const last = runs.at(-1);
      if (last !== undefined && last[0] + last[1] * cells === position) last[1]++;
      else runs.push([position, 1]);
    }
    return runs;
  }

  /** Starts behind what a former owner of the lane has taken. */
  resume(taken: Iterable<{ readonly position: number; readonly cells: number }>): void {
    for (const { position, cells } of taken) {
      const kind = this.#lane.isDiagnostic(Math.floor(position / CELLS_PER_BLOCK)) ? 1 : 0;
      this.#next[kind] = Math.max(this.#next[kind], position + cells);
    }
  }
}
