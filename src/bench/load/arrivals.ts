/**
 * When the elements arrived that are in streams. Streams do not say what becomes of an element, so the
 * n-th that comes out is taken for the n-th that went in, for as long as as many come out as go in.
 */
import type { Account } from './account';

// More than streams hold: 16 objects each where nobody says otherwise.
const MOST = 1 << 16;

/** Elements between the source and the end of the last stream. */
export class Arrivals {
  /** Whether as many have come out as went in, whenever the streams were empty. */
  isOrdered = true;
  readonly #account: Account;
  readonly #times = new Float64Array(MOST);
  readonly #arrival = new Float64Array(1);
  #in = 0;
  #out = 0;

  constructor(account: Account) {
    this.#account = account;
  }

  /** Whether as many have come out as went in. */
  get isEven(): boolean {
    return this.#in === this.#out;
  }

  /** An element goes in, that arrived when `account.arrival` says. */
  enter(): void {
    const account = this.#account;
    account.inFlight++;
    if (this.#in - this.#out >= MOST) this.giveUp();
    this.#times[this.#in++ & (MOST - 1)] = account.arrival[0]!;
    if (!this.isOrdered) account.pass();
  }

  /** One comes out. */
  leave(): void {
    if (this.#out >= this.#in) this.giveUp();
    const at = this.#out++ & (MOST - 1);
    if (!this.isOrdered) return;
    this.#arrival[0] = this.#times[at]!;
    this.#account.end(this.#arrival);
  }

  /** One fails on its way, and does not come out. */
  fail(component: string, error: unknown): void {
    this.#out++;
    this.giveUp();
    this.#account.note(component, error);
  }

  /** No more is made of the order: what is in counts as ended from when it went in. */
  giveUp(): void {
    if (!this.isOrdered) return;
    this.isOrdered = false;
    while (this.#account.inFlight > 0) this.#account.pass();
  }
}
