/**
 * Sees when a thread hangs: no element has ended for so long, while some are under way. A thread that
 * is only waiting for the next element to be due does not hang.
 */
import { BenchFault } from './faults';
import { type BenchThread, sentence } from './bench-thread';

const LOOKS = 20;

/** Watches threads while they run a round. */
export class HangWatch {
  readonly #hangMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #threads: { thread: BenchThread; ended: number; sinceMs: number }[];

  constructor(threads: readonly BenchThread[], hangMs: number) {
    this.#hangMs = hangMs;
    const sinceMs = performance.now();
    this.#threads = threads.map((thread) => ({ thread, ended: thread.ended, sinceMs }));
    this.#timer = setInterval(
      () => {
        this.#look();
      },
      Math.max(1, hangMs / LOOKS),
    );
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    for (const seen of this.#threads) {
      const { thread } = seen;
      const { ended } = thread;
      const names = thread.atWork();
      if (ended !== seen.ended || names.length === 0 || !thread.isBusy) {
        seen.ended = ended;
        seen.sinceMs = now;
        continue;
      }
      if (now - seen.sinceMs < this.#hangMs) continue;
      const how = thread.isBlocked ? 'blocks the event loop' : 'keeps elements';
      const what = `${how}: no element has ended for ${this.#hangMs / 1e3} s`;
      void thread.end(new BenchFault(names.length === 1 ? names[0]! : null, sentence(names, what)));
    }
  }
}
