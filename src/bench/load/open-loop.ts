/**
 * Open loop: element `i` is due at `start + i / rate`, whatever the pipeline does, and its latency
 * counts from then. Elements that were due while the pipeline stood still are late, each by as much as
 * it was: no stall is hidden by elements that were not sent.
 *
 * All that were due before the deadline are sent, late as they may be, for as long again as the round;
 * what is left then shows as backlog.
 */
import type { Feed } from './feed';
import { type Load, type LoadResult, SLICE_NS } from './load';

// Timers come up to a millisecond late and more: from here on the loop turns until it is time.
const SPIN_NS = 2e6;

/** Sends elements when they are due. */
export class OpenLoop implements Load {
  readonly #feed: Feed;
  readonly #intervalNs: number;
  readonly #offsetNs: number;
  readonly #concurrency: number;
  #startNs = 0;
  #durationNs = 0;
  #sent = 0;
  /** How many are due before the deadline. */
  #total = 0;
  #giveUpNs = 0;
  #backlogPeak = 0;
  #waits = 0;
  #waitedNs = 0;
  #spinSinceNs = 0;
  #isWaiting = false;
  #settle: ((result: LoadResult) => void) | null = null;
  readonly #turn = (): void => {
    this.#isWaiting = false;
    const now = this.#feed.account.now();
    if (this.#spinSinceNs > 0 && this.#feed.account.inFlight === 0) {
      this.#waits++;
      this.#waitedNs += now - this.#spinSinceNs;
    }
    this.#spinSinceNs = 0;
    this.#guard();
  };

  /**
   * @param intervalNs - from one element to the next
   * @param offsetNs - the first is due so long after the start: threads take turns
   * @param concurrency - the most in flight; Infinity for no bound
   */
  constructor(feed: Feed, intervalNs: number, offsetNs: number, concurrency: number) {
    this.#feed = feed;
    this.#intervalNs = intervalNs;
    this.#offsetNs = offsetNs;
    this.#concurrency = concurrency;
  }

  run(durationNs: number): Promise<LoadResult> {
    return new Promise((resolve, reject) => {
      const { functions, account } = this.#feed;
      this.#settle = resolve;
      functions.onFault = reject;
      functions.onEnd = () => {
        this.#pump();
      };
      this.#feed.onTaken = functions.onEnd;
      this.#sent = this.#backlogPeak = this.#waits = this.#waitedNs = this.#spinSinceNs = 0;
      this.#startNs = account.now();
      this.#durationNs = durationNs;
      this.#total = Math.max(0, Math.ceil((durationNs - this.#offsetNs) / this.#intervalNs));
      this.#giveUpNs = this.#startNs + 2 * durationNs;
      this.#guard();
    });
  }

  #guard(): void {
    try {
      this.#pump();
    } catch (fault) {
      this.#feed.functions.onFault(fault);
    }
  }

  #dueNs(index: number): number {
    return this.#startNs + this.#offsetNs + index * this.#intervalNs;
  }

  #pump(): void {
    const feed = this.#feed;
    const { account } = feed;
    const { cell } = account.clock;
    account.clock.tick();
    const yieldNs = cell[0]! + SLICE_NS;
    while (!this.#isOver(cell[0]!)) {
      const nowNs = cell[0]!;
      const dueNs = this.#dueNs(this.#sent);
      if (dueNs > nowNs) {
        this.#wait(dueNs - nowNs);
        return;
      }
      this.#noteBacklog(nowNs);
      if (account.inFlight >= this.#concurrency || feed.isTaking) return;
      if (nowNs >= yieldNs) {
        this.#wait(0);
        return;
      }
      account.arrival[0] = dueNs;
      this.#sent++;
      feed.next();
    }
    this.#finish();
  }

  #isOver(nowNs: number): boolean {
    const { hasEnded, isStopped } = this.#feed;
    return this.#sent >= this.#total || hasEnded || isStopped || nowNs >= this.#giveUpNs;
  }

  /** How many are due beside the one that is sent next. */
  #noteBacklog(nowNs: number): void {
    const due = Math.floor((nowNs - this.#startNs - this.#offsetNs) / this.#intervalNs);
    const backlog = Math.min(due, this.#total - 1) - this.#sent;
    if (backlog > this.#backlogPeak) this.#backlogPeak = backlog;
  }

  #wait(forNs: number): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    if (forNs > SPIN_NS) {
      setTimeout(this.#turn, Math.floor((forNs - SPIN_NS) / 1e6) || 1);
      return;
    }
    if (forNs > 0) this.#spinSinceNs = this.#feed.account.clock.cell[0]!;
    setImmediate(this.#turn);
  }

  #finish(): void {
    const { account, isTaking } = this.#feed;
    if (account.inFlight > 0 || isTaking || this.#settle === null) return;
    const passedNs = account.now() - this.#startNs;
    // The last element is due before the deadline, and may have ended before it too.
    const isWhole = this.#sent >= this.#total;
    this.#settle({
      durationNs: isWhole ? Math.max(passedNs, this.#durationNs) : passedNs,
      backlogPeak: this.#backlogPeak,
      waits: this.#waits,
      waitedNs: this.#waitedNs,
    });
    this.#settle = null;
  }
}
