/**
 * Lets elements into streams, which take them one by one and whenever they have room: in a closed loop
 * at once, at a rate when they are due. The invariant: between rounds the gate is shut, and an element
 * that is let in arrived when `account.arrival` says.
 */
import type { Account } from './account';
import { type Board, STOP } from './board';
import { SLICE_NS } from './load';

// As in `open-loop.ts`.
const SPIN_NS = 2e6;

/** How elements arrive at a rate. */
export interface Schedule {
  readonly intervalNs: number;
  readonly offsetNs: number;
}

/** A gate that opens for a round. */
export class Gate {
  backlogPeak = 0;
  waits = 0;
  waitedNs = 0;
  readonly #account: Account;
  readonly #board: Board;
  readonly #schedule: Schedule | null;
  #startNs = 0;
  #deadlineNs = 0;
  #giveUpNs = 0;
  #sliceNs = 0;
  #sent = 0;
  #total = Infinity;
  #isOpen = false;
  #whenOpen: () => void = () => undefined;
  #whenShut: () => void = () => undefined;

  /** @param schedule - `null`: as fast as they are taken */
  constructor(account: Account, board: Board, schedule: Schedule | null) {
    this.#account = account;
    this.#board = board;
    this.#schedule = schedule;
  }

  /** Lets elements in for so long; resolves when it has shut. */
  open(startNs: number, durationNs: number): Promise<void> {
    const schedule = this.#schedule;
    this.#startNs = this.#sliceNs = startNs;
    this.#deadlineNs = startNs + durationNs;
    this.#giveUpNs = this.#deadlineNs + (schedule === null ? 0 : durationNs);
    this.#sent = this.backlogPeak = this.waits = this.waitedNs = 0;
    if (schedule !== null) {
      const { intervalNs, offsetNs } = schedule;
      this.#total = Math.max(0, Math.ceil((durationNs - offsetNs) / intervalNs));
    }
    return new Promise((resolve) => {
      this.#whenShut = resolve;
      this.#isOpen = true;
      this.#whenOpen();
    });
  }

  /** Shuts it: the time is over, or there are no more elements. */
  shut(): void {
    this.#isOpen = false;
    this.#whenShut();
  }

  /** Resolves when an element may go in. */
  async pass(): Promise<void> {
    const { clock, arrival } = this.#account;
    for (;;) {
      if (!this.#isOpen) {
        await new Promise<void>((resolve) => {
          this.#whenOpen = resolve;
        });
      }
      clock.tick();
      const nowNs = clock.cell[0]!;
      const isOver = this.#sent >= this.#total || nowNs >= this.#giveUpNs;
      if (isOver || this.#board[STOP] !== 0) this.shut();
      else if (this.#schedule !== null && this.#dueNs(this.#schedule) > nowNs) {
        await this.#waitFor(this.#dueNs(this.#schedule) - nowNs);
      } else if (nowNs - this.#sliceNs > SLICE_NS) {
        await turn();
        this.#sliceNs = this.#account.now();
      } else {
        arrival[0] = this.#schedule === null ? nowNs : this.#dueNs(this.#schedule);
        if (this.#schedule !== null) this.#noteBacklog(nowNs, this.#schedule);
        this.#sent++;
        return;
      }
    }
  }

  #dueNs({ intervalNs, offsetNs }: Schedule): number {
    return this.#startNs + offsetNs + this.#sent * intervalNs;
  }

  #noteBacklog(nowNs: number, { intervalNs, offsetNs }: Schedule): void {
    const due = Math.floor((nowNs - this.#startNs - offsetNs) / intervalNs);
    const backlog = Math.min(due, this.#total - 1) - this.#sent;
    if (backlog > this.backlogPeak) this.backlogPeak = backlog;
  }

  async #waitFor(forNs: number): Promise<void> {
    if (forNs > SPIN_NS) {
      await new Promise((resolve) => {
        setTimeout(resolve, Math.floor((forNs - SPIN_NS) / 1e6) || 1);
      });
      return;
    }
    const isIdle = this.#account.inFlight === 0;
    const sinceNs = this.#account.now();
    await turn();
    this.#sliceNs = this.#account.now();
    if (!isIdle) return;
    this.waits++;
    this.waitedNs += this.#sliceNs - sinceNs;
  }
}

/** Lets the event loop turn once. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
