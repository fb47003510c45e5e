/**
 * The bench's account of the elements of one thread. The invariant: each element that arrived ends
 * once, well or not; what is between is in flight.
 *
 * Times stand in typed arrays: a number that is passed to a function that V8 does not put into its
 * caller is allocated.
 */
import type { Clock } from '../../backend/backend';
import { inWords } from '../../errors';
import { chooseBackend } from '../../backend/choose';
import type { Counter } from '../../handles/counter';
import { Histogram } from '../../handles/histogram';
import * as search from '../../handles/search';
import type { ComponentErrors } from '../measured';
import { type Board, ENDED } from './board';
import type { BenchMeter } from './bench-meter';

const { scratch } = search;
const AT_ENDED = ENDED;

/** Elements in flight, and what became of the others. */
export class Account {
  /** Nanoseconds. */
  readonly clock: Clock;
  /** When the element arrived that is to be put in flight next. */
  readonly arrival = new Float64Array(1);
  /** Elements that arrived and have not ended. */
  inFlight = 0;
  /** Since {@link Account.begin}. */
  ended = 0;
  failed = 0;
  readonly #latency: Histogram;
  readonly #elements: Counter;
  readonly #failed: Counter;
  readonly #board: Board;
  readonly #extremes = new Float64Array([Infinity, -1]);
  readonly #errors = new Map<string, { errors: number; first: string }>();

  constructor(meter: BenchMeter, board: Board) {
    this.clock = chooseBackend().clock;
    this.#latency = meter.latency;
    this.#elements = meter.elements;
    this.#failed = meter.failed;
    this.#board = board;
  }

  /** The time now, nanoseconds. */
  now(): number {
    this.clock.tick();
    return this.clock.cell[0]!;
  }

  /** Counts from nothing: a round begins. */
  begin(): void {
    this.ended = 0;
    this.failed = 0;
    this.#extremes[0] = Infinity;
    this.#extremes[1] = -1;
    this.#errors.clear();
  }

  /** An element that arrived at that time ended well, now; leaves now in the clock's cell. */
  end(arrival: Float64Array): void {
    this.clock.tick();
    const latencyNs = this.clock.cell[0]! - arrival[0]!;
    scratch[0] = latencyNs;
    Histogram.recordStaged(this.#latency);
    if (latencyNs < this.#extremes[0]!) this.#extremes[0] = latencyNs;
    if (latencyNs > this.#extremes[1]!) this.#extremes[1] = latencyNs;
    this.#leave();
  }

  /** An element failed in a component, now, and has ended with that. */
  fail(component: string, error: unknown): void {
    this.clock.tick();
    this.note(component, error);
    this.#leave();
  }

  /** The same of one whose end is counted elsewhere. */
  note(component: string, error: unknown): void {
    this.#failed.inc();
    this.failed++;
    const known = this.#errors.get(component);
    if (known === undefined) this.#errors.set(component, { errors: 1, first: inWords(error) });
    else known.errors++;
  }

  /** An element that is counted and has no latency of its own. */
  pass(): void {
    this.#leave();
  }

  /** The least latency; `null` where no element ended well. */
  get minNs(): number | null {
    return this.#extremes[1]! < 0 ? null : Math.max(0, this.#extremes[0]!);
  }

  /** The largest. */
  get maxNs(): number | null {
    return this.#extremes[1]! < 0 ? null : this.#extremes[1]!;
  }

  /** Errors by component. */
  get errors(): ComponentErrors[] {
    return Array.from(this.#errors, ([component, tally]) => ({ component, ...tally }));
  }

  #leave(): void {
    this.#elements.inc();
    this.#board[AT_ENDED]! += 1;
    this.ended++;
    this.inFlight--;
  }
}
