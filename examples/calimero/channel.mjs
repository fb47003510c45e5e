/**
 * The bounded channel between the network, which offers events when they come, and the node, which
 * takes one a turn of the loop. What finds it full is lost, and counted.
 */

const CAPACITY = 32;

export class Channel {
  #metrics;
  #now;
  #handle;
  #queue = [];
  #isPaused = false;
  #isScheduled = false;
  #wake = [];
  /** What became of each event that was offered, in order: `queued` or `dropped`. */
  offered = [];
  /** How many were taken out. */
  taken = 0;

  /**
   * @param metrics The group `channel` of the catalog.
   * @param {() => number} now The meter's clock.
   * @param {(event: unknown) => void} handle
   */
  constructor(metrics, now, handle) {
    this.#metrics = metrics;
    this.#now = now;
    this.#handle = handle;
  }

  get depth() {
    return this.#queue.length;
  }

  offer(event) {
    const isDropped = this.#queue.length === CAPACITY;
    this.offered.push(isDropped ? 'dropped' : 'queued');
    this.#metrics.received_total.inc();
    if (isDropped) this.#metrics.dropped_total.inc();
    else {
      this.#metrics.depth.inc();
      this.#queue.push({ event, sinceNs: this.#now() });
      this.#schedule();
    }
    this.#tell();
  }

  /** The node is busy with something else. */
  pause() {
    this.#isPaused = true;
  }

  resume() {
    this.#isPaused = false;
    this.#schedule();
  }

  /** Resolves when something is true of the channel; looked at when the channel changes. */
  async until(isSo) {
    while (!isSo(this)) await new Promise((resolve) => this.#wake.push(resolve));
  }

  #schedule() {
    if (this.#isPaused || this.#isScheduled || this.#queue.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.#isPaused) this.#takeOne();
      this.#schedule();
    });
  }

  #takeOne() {
    const { event, sinceNs } = this.#queue.shift();
    this.taken += 1;
    this.#metrics.depth.dec();
    this.#metrics.processed_total.inc();
    this.#metrics.processing_latency_seconds.recordSince(sinceNs);
    this.#handle(event);
    this.#tell();
  }

  #tell() {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
