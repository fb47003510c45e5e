/**
 * Closed loop: as many elements in flight as there may be, and another one when one has ended. A
 * pipeline that stands still is given nothing meanwhile, so that its stalls count once: a closed loop
 * cannot show what they would do to elements that arrive by themselves.
 */
import { type Feed, ON_ARRIVAL } from './feed';
import { type Load, type LoadResult, SLICE_NS } from './load';

/** Keeps a number of elements in flight. */
export class ClosedLoop implements Load {
  readonly #feed: Feed;
  readonly #concurrency: number;
  #deadlineNs = 0;
  #startNs = 0;
  #sliceNs = 0;
  #isYielding = false;
  #settle: ((result: LoadResult) => void) | null = null;
  readonly #turn = (): void => {
    this.#isYielding = false;
    this.#sliceNs = this.#feed.account.now();
    this.#guard();
  };

  /** @param concurrency - 1 or more */
  constructor(feed: Feed, concurrency: number) {
    this.#feed = feed;
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
      this.#startNs = this.#sliceNs = account.now();
      this.#deadlineNs = this.#startNs + durationNs;
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

  #pump(): void {
    if (this.#isYielding) return;
    const feed = this.#feed;
    const { account } = feed;
    const { cell } = account.clock;
    const concurrency = this.#concurrency;
    const deadlineNs = this.#deadlineNs;
    const yieldNs = this.#sliceNs + SLICE_NS;
    while (account.inFlight < concurrency && !feed.isTaking) {
      if (cell[0]! >= deadlineNs || feed.hasEnded || feed.isStopped) {
        this.#finish();
        return;
      }
      if (cell[0]! >= yieldNs) {
        this.#isYielding = true;
        setImmediate(this.#turn);
        return;
      }
      account.arrival[0] = ON_ARRIVAL;
      feed.next();
    }
  }

  #finish(): void {
    if (this.#feed.account.inFlight > 0 || this.#settle === null) return;
    const durationNs = this.#feed.account.now() - this.#startNs;
    this.#settle({ durationNs, backlogPeak: 0, waits: 0, waitedNs: 0 });
    this.#settle = null;
  }
}
