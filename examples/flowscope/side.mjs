/**
 * What one side of a TCP flow has sent, put together in order. It holds what is not yet a whole line,
 * which is what reads it; a segment that comes too early is dropped, as nothing waits for the gap.
 */

// What is held at most. A line that is longer overflows it.
export const MOST_HELD_BYTES = 65_536;
const NEW_LINE = 10;

export class Side {
  #next = null;
  #held = Buffer.alloc(0);
  #finSeq = null;
  /** Bytes of this side's packets. */
  bytes = 0;
  /** The most bytes that were held at once. */
  peakHeld = 0;

  /**
   * @param {import('./packet.mjs').Packet['tcp']} segment
   * @returns {{ outOfOrder: boolean, oversizeBytes: number }} What went wrong with it.
   */
  take({ seq, flags, payload }) {
    if (flags.syn) this.#next = after(seq, 1);
    // Seen from the middle: the first byte that is seen is the first there is.
    this.#next ??= seq;
    if (flags.fin) this.#finSeq = after(seq, payload.length + 1);
    const early = distance(this.#next, seq);
    if (payload.length === 0) return { outOfOrder: false, oversizeBytes: 0 };
    if (early > 0) return { outOfOrder: true, oversizeBytes: 0 };
    // What was sent again is left out.
    const fresh = payload.subarray(Math.min(-early, payload.length));
    this.#next = after(this.#next, fresh.length);
    return { outOfOrder: false, oversizeBytes: this.#hold(fresh) };
  }

  /** Whether this side has sent its end, and the other has acknowledged it. @param {number} [ack] */
  isOver(ack) {
    return this.#finSeq !== null && ack !== undefined && distance(this.#finSeq, ack) >= 0;
  }

  get hasEnded() {
    return this.#finSeq !== null;
  }

  #hold(fresh) {
    const room = MOST_HELD_BYTES - this.#held.length;
    this.#held = Buffer.concat([this.#held, fresh.subarray(0, room)]);
    this.peakHeld = Math.max(this.peakHeld, this.#held.length);
    this.#held = this.#held.subarray(this.#held.lastIndexOf(NEW_LINE) + 1);
    return Math.max(0, fresh.length - room);
  }
}

/** Sequence numbers are modulo 2^32. */
function after(seq, bytes) {
  return (seq + bytes) >>> 0;
}

/** How far `to` is behind `from`, negative where it is before. */
function distance(from, to) {
  return (to - from) | 0;
}
