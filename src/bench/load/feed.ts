/** Takes elements from a source and puts them in flight, whenever a load says so. */
import { inWords } from '../../errors';
import type { Account } from './account';
import { type Board, CURRENT, PLACES, SOURCE, STOP } from './board';
import { ComponentFault } from './fault';
import type { Functions } from './functions';
import { NO_MORE, type Source } from './source';

const AT_CURRENT = CURRENT;
const AT_STOP = STOP;

/** Store it in `account.arrival` for an element that arrives when the source gives it. */
export const ON_ARRIVAL = NaN;

/** A source, and what its elements go through. */
export class Feed {
  /** Whether the source has no more. */
  hasEnded = false;
  /** Whether the source has been asked, and has not answered yet. */
  isTaking = false;
  /** Called when a source that answers later has answered. */
  onTaken: () => void = () => undefined;
  readonly account: Account;
  readonly functions: Functions;
  readonly #source: Source;
  readonly #board: Board;
  /** When the element is due that the source was asked for. */
  readonly #due = new Float64Array(1);

  constructor(source: Source, functions: Functions, account: Account, board: Board) {
    this.#source = source;
    this.functions = functions;
    this.account = account;
    this.#board = board;
  }

  /** Bytes of all values taken. */
  get bytes(): number {
    return this.#source.bytes;
  }

  /** Whether the main thread wants the round to end. */
  get isStopped(): boolean {
    return this.#board[AT_STOP] !== 0;
  }

  /**
   * Takes a value and puts it in flight, as arrived when `account.arrival` says.
   *
   * @throws ComponentFault
   */
  next(): void {
    this.#board[AT_CURRENT] = SOURCE + 1;
    let value: unknown;
    try {
      value = this.#source.take();
    } catch (error) {
      throw sourceFault(error);
    }
    if (this.#source.isAsync) this.#await(value as Promise<unknown>);
    else this.#begin(value);
  }

  #begin(value: unknown): void {
    if (value === NO_MORE) {
      this.hasEnded = true;
      this.#board[AT_CURRENT] = 0;
      return;
    }
    const { arrival, clock } = this.account;
    const due = arrival[0]!;
    if (due !== due) {
      clock.tick();
      arrival[0] = clock.cell[0]!;
    }
    this.functions.begin(value);
  }

  #await(promise: Promise<unknown>): void {
    const { arrival } = this.account;
    this.#board[AT_CURRENT] = 0;
    this.#board[PLACES + SOURCE]! += 1;
    this.isTaking = true;
    this.#due[0] = arrival[0]!;
    const settle = (go: () => void): void => {
      this.#board[PLACES + SOURCE]! -= 1;
      this.isTaking = false;
      try {
        go();
        this.onTaken();
      } catch (fault) {
        this.functions.onFault(fault);
      }
    };
    void promise.then(
      (value) => {
        settle(() => {
          arrival[0] = this.#due[0]!;
          this.#begin(value);
        });
      },
      (error: unknown) => {
        settle(() => {
          throw sourceFault(error);
        });
      },
    );
  }
}

function sourceFault(error: unknown): ComponentFault {
  return new ComponentFault('source', `threw ${inWords(error)}`);
}
