/**
 * Elements through functions, one after the other. The invariant: an element is in the hands of one
 * component at a time, and ends once.
 *
 * As long as components answer at once, an element goes from the first to the last in one loop that
 * allocates nothing. One that answers with a promise takes a *flight* with it, which is used again
 * when the element has ended.
 */
import { type Element, INERT } from '../../flow/element';
import { isThenable } from '../../thenable';
import type { ComponentFunction } from '../definition';
import type { Account } from './account';
import { type Board, CURRENT, PLACES } from './board';
import { ComponentFault } from './fault';
import type { Instrument } from './instrument';

const AT_CURRENT = CURRENT;

/** A component, with what it is called with next. */
interface Stage {
  readonly name: string;
  readonly call: () => unknown;
  value: unknown;
  element: Element;
}

/** An element that waits for a component's promise. */
interface Flight {
  readonly arrival: Float64Array;
  token: unknown;
  component: number;
  readonly resolved: (value: unknown) => void;
  readonly rejected: (error: unknown) => void;
}

/** A pipeline of functions. */
export class Functions {
  /** What records the elements that begin from now on. */
  instrument: Instrument;
  /** Called when an element has ended that was waited for. */
  onEnd: () => void = () => undefined;
  /** Called with what ends the run. */
  onFault: (fault: unknown) => void = () => undefined;
  readonly #stages: Stage[];
  readonly #account: Account;
  readonly #board: Board;
  readonly #free: Flight[] = [];

  constructor(
    components: readonly (readonly [name: string, component: ComponentFunction])[],
    instrument: Instrument,
    account: Account,
    board: Board,
  ) {
    this.instrument = instrument;
    this.#account = account;
    this.#board = board;
    this.#stages = components.map(([name, component]) => {
      const stage: Stage = {
        name,
        value: undefined,
        element: INERT,
        call: () => component(stage.value, stage.element),
      };
      return stage;
    });
  }

  /**
   * Puts a value in flight, that arrived when `account.arrival` says.
   *
   * @throws ComponentFault
   */
  begin(value: unknown): void {
    this.#account.inFlight++;
    this.#go(this.instrument.begin(), value, 0, null);
    this.#board[AT_CURRENT] = 0;
  }

  /** Takes an element from a component on, as far as it goes. */
  #go(token: unknown, given: unknown, from: number, flight: Flight | null): void {
    const stages = this.#stages;
    const { instrument } = this;
    const element = instrument.elementOf(token);
    let value = given;
    let at = from;
    try {
      for (; at < stages.length; at++) {
        const stage = stages[at]!;
        // The place of component `at` is `at + 1`.
        this.#board[AT_CURRENT] = at + 2;
        stage.value = value;
        stage.element = element;
        value = instrument.run(at, token, stage.call);
        if (typeof value !== 'number' && isThenable(value)) {
          this.#wait(token, value, at, flight);
          return;
        }
        if (value === undefined && at < stages.length - 1) break;
      }
    } catch (error) {
      this.#fail(token, error, at, flight);
      return;
    }
    if (at < stages.length) throw wrong(stages[at]!.name, stages[at + 1]!.name);
    instrument.end(token);
    if (flight === null) this.#account.end(this.#account.arrival);
    else {
      this.#account.end(flight.arrival);
      this.#release(flight);
    }
  }

  #fail(token: unknown, error: unknown, component: number, flight: Flight | null): void {
    this.instrument.fail(token, error);
    this.#account.fail(this.#stages[component]!.name, error);
    if (flight !== null) this.#release(flight);
  }

  #wait(
    token: unknown,
    promise: PromiseLike<unknown>,
    component: number,
    known: Flight | null,
  ): void {
    const flight = known ?? this.#take();
    flight.token = token;
    flight.component = component;
    this.#board[PLACES + component + 1]! += 1;
    void promise.then(flight.resolved, flight.rejected);
  }

  #take(): Flight {
    const flight = this.#free.pop() ?? this.#makeFlight();
    flight.arrival[0] = this.#account.arrival[0]!;
    return flight;
  }

  #release(flight: Flight): void {
    flight.token = undefined;
    this.#free.push(flight);
  }

  #makeFlight(): Flight {
    const flight: Flight = {
      arrival: new Float64Array(1),
      token: undefined,
      component: 0,
      resolved: (value) => {
        this.#land(flight, value, false);
      },
      rejected: (error) => {
        this.#land(flight, error, true);
      },
    };
    return flight;
  }

  /** A promise that was waited for is settled. */
  #land(flight: Flight, result: unknown, hasFailed: boolean): void {
    const { token, component } = flight;
    this.#board[PLACES + component + 1]! -= 1;
    try {
      if (hasFailed) this.#fail(token, result, component, flight);
      else {
        const next = this.#stages[component + 1];
        if (result === undefined && next !== undefined) {
          throw wrong(this.#stages[component]!.name, next.name);
        }
        this.#go(token, result, component + 1, flight);
      }
      this.#board[AT_CURRENT] = 0;
      this.onEnd();
    } catch (fault) {
      this.onFault(fault);
    }
  }
}

function wrong(component: string, next: string): ComponentFault {
  return new ComponentFault(
    component,
    `gave undefined: a component gives the value for the next one, ${JSON.stringify(next)}, or a promise of it`,
  );
}
