/**
 * The reading end of the export rings. One thread of the process, the one that serves, takes spans
 * out, which makes room for more. Other threads that ask look at what the rings still have, and take
 * nothing: what they see is the last that each ring had when they first asked, and all that they ask
 * for in time.
 */
import { EXPORT_HEAD, EXPORT_TAIL, MOST_TEXT_SLOTS } from '../../generated/layout';
import { fence } from '../../trace/order';
import type { Lanes } from '../lanes';
import { spanBlocks, type SpanBlocks } from './blocks';
import { type CopiedSpan, Slots } from './slots';

/** What a writer may have under way beyond the head. */
const UNDER_WAY = 1 + MOST_TEXT_SLOTS;

interface Ring {
  readonly blocks: SpanBlocks;
  readonly slots: Slots;
  /** How many slots this thread has read. */
  read: number;
}

/** The export rings of all lanes, as one thread reads them. */
export class ExportRings {
  readonly #lanes: Lanes;
  readonly #takes: boolean;
  readonly #rings = new Map<number, Ring>();

  /** @param takes - whether this is the thread that makes room */
  constructor(lanes: Lanes, takes: boolean) {
    this.#lanes = lanes;
    this.#takes = takes;
  }

  /** Calls a function with each span that is new, each lane's in order. */
  drain(each: (copied: CopiedSpan) => void): void {
    for (const lane of this.#lanes.all()) {
      const ring = this.#rings.get(lane.number) ?? this.#ringOf(lane.number, spanBlocks(lane));
      if (ring !== null) this.#drainRing(ring, each);
    }
  }

  #drainRing(ring: Ring, each: (copied: CopiedSpan) => void): void {
    const { blocks, slots } = ring;
    const head = blocks.exports[0]!.cells[EXPORT_HEAD]!;
    fence();
    ring.read = Math.max(ring.read, this.#oldest(ring, head));
    while (ring.read < head) {
      const copied = slots.copy(ring.read);
      const isThere = copied !== null && (this.#takes || this.#isThere(ring));
      // Text without its span is left where this thread came too late.
      ring.read += isThere ? copied.slots : 1;
      if (this.#takes) {
        // What is written over from here on has been copied.
        fence();
        blocks.exports[1]!.cells[EXPORT_TAIL] = ring.read;
      }
      if (isThere) each(copied);
    }
  }

  /** Whether what was just copied cannot have been overwritten meanwhile. */
  #isThere(ring: Ring): boolean {
    fence();
    return ring.read >= this.#oldest(ring, ring.blocks.exports[0]!.cells[EXPORT_HEAD]!);
  }

  /** The first slot that still has what was published there. */
  #oldest({ slots }: Ring, head: number): number {
    return this.#takes ? 0 : head - slots.count + UNDER_WAY;
  }

  #ringOf(lane: number, blocks: SpanBlocks | null): Ring | null {
    if (blocks === null) return null;
    const tail = this.#takes ? blocks.exports[1]!.cells[EXPORT_TAIL]! : 0;
    const ring = { blocks, slots: new Slots(blocks.exports), read: tail };
    this.#rings.set(lane, ring);
    return ring;
  }
}
