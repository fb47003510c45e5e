/**
 * What a component has put out and the next one has not yet taken: the origins of the chunks, in
 * their order. A chunk that is taken while it is put out never enters the queue.
 */
import type { StreamProbe } from '../probe';
import { Ring } from './ring';

/** The way out of one component. */
export class Outlet {
  /** Whether a chunk is being put out, and has not been taken. */
  isHanded = false;
  /** The origin of that chunk. */
  handedNs = 0;
  /** When the next component took a chunk last. */
  takenNs = 0;
  /** Since when the chunk that was taken last had been here; 0 where that is not kept. */
  enteredNs = 0;
  /** Whether chunks are counted by their lengths: buffers may be merged or cut. */
  isBytes = false;
  /** The queue whose depth this is, where the next component reads from here and nowhere else. */
  probe: StreamProbe | null = null;
  /** Told of a chunk whose way out was not seen. */
  onUnseen: (() => void) | null = null;
  readonly kept = new Ring();

  /** A chunk that has not been taken while it was put out stays. */
  keep(originNs: number, nowNs: number, units: number): void {
    this.kept.push(originNs, nowNs, units);
    if (this.probe !== null) this.probe.setDepth(this.kept.size);
  }

  /** The origin of a chunk that the next component takes; 0 where that is not known. */
  take(chunk: unknown): number {
    const { kept } = this;
    if (kept.size === 0) {
      this.enteredNs = 0;
      if (this.isHanded) {
        this.isHanded = false;
        return this.handedNs;
      }
      this.onUnseen?.();
      return 0;
    }
    const originNs = kept.originNs;
    this.enteredNs = kept.enteredNs;
    if (this.isBytes) this.#takeBytes(lengthOf(chunk));
    else kept.shift();
    if (this.probe !== null) this.probe.setDepth(kept.size);
    return originNs;
  }

  #takeBytes(length: number): void {
    const { kept } = this;
    let left = length;
    while (kept.size > 0 && left >= kept.units) {
      left -= kept.units;
      kept.shift();
    }
    if (kept.size > 0 && left > 0) kept.shrink(left);
  }
}

function lengthOf(chunk: unknown): number {
  const { length } = chunk as { length?: unknown };
  return typeof length === 'number' ? length : 0;
}
