/**
 * A pipeline with streams in it, under a load: one pipeline of the flow for the whole run, under which
 * the level changes, because a stream cannot be begun again. How many elements are in flight is for the
 * streams to say, by their high-water marks.
 *
 * A round has ended when the gate is shut and the streams are empty.
 */
import type { Readable, Writable } from 'node:stream';
import { inWords } from '../../errors';
import type { Flow } from '../../flow/flow';
import { isNodeStream } from '../../flow/pipeline/stages';
import type { PipelineComponent } from '../definition';
import type { LatencyOf } from '../measured';
import type { BenchPlan } from '../plan';
import type { Account } from './account';
import { Arrivals } from './arrivals';
import { type Board, PLACES } from './board';
import { ComponentFault } from './fault';
import { Gate, turn } from './gate';
import type { LoadResult } from './load';
import type { Passage } from './runner';
import { NO_MORE, type Source } from './source';
import { type Stage, stageOf } from './stages';

/** What it is made of. */
export interface StreamsParts {
  readonly plan: BenchPlan;
  readonly worker: number;
  readonly components: readonly (readonly [name: string, component: PipelineComponent])[];
  readonly source: Source;
  readonly flow: Flow;
  readonly account: Account;
  readonly board: Board;
}

// So long empty and silent, and no more comes out: web streams do not show what they hold.
const QUIET_NS = 20e6;
const LOOK_NS = 2e6;

/** Elements through streams. */
export class Streams implements Passage {
  readonly account: Account;
  hasEnded = false;
  readonly #parts: StreamsParts;
  readonly #arrivals: Arrivals;
  readonly #gate: Gate;
  readonly #stages: readonly (readonly [name: string, stage: Stage])[];
  #onFault: (fault: unknown) => void = () => undefined;
  #fault: ComponentFault | null = null;
  #isRunning = false;

  constructor(parts: StreamsParts) {
    const { plan, worker, components, account, board } = parts;
    this.#parts = parts;
    this.account = account;
    this.#arrivals = new Arrivals(account);
    const rate = plan.ratePerSecond;
    const schedule =
      rate === null
        ? null
        : { intervalNs: (plan.workers * 1e9) / rate, offsetNs: (worker * 1e9) / rate };
    this.#gate = new Gate(account, board, schedule);
    const means = {
      arrivals: this.#arrivals,
      board,
      onFault: (fault: ComponentFault) => {
        this.#fail(fault);
      },
    };
    this.#stages = components.map(([name, component], i) => {
      const isLast = i === components.length - 1;
      return [name, stageOf(name, component, i + 1, isLast, means)] as const;
    });
  }

  /** The components of the flow: the source is one of them. */
  static componentsOf(components: StreamsParts['components']): string[] {
    return ['source', ...components.map(([name]) => name)];
  }

  get bytes(): number {
    return this.#parts.source.bytes;
  }

  get latencyOf(): LatencyOf {
    return this.#arrivals.isOrdered ? 'order' : 'flow';
  }

  change(): Promise<void> {
    // The level is all that changes.
    return Promise.resolve();
  }

  async run(durationNs: number): Promise<LoadResult> {
    const gate = this.#gate;
    const failed = new Promise<never>((_resolve, reject) => {
      this.#onFault = reject;
      if (this.#fault !== null) reject(this.#fault);
    });
    const startNs = this.account.now();
    const shut = gate.open(startNs, durationNs);
    this.#begin();
    this.#showWebStreams(1);
    await Promise.race([shut, failed]);
    const endNs = await Promise.race([this.#drain(), failed]);
    this.#showWebStreams(0);
    const { backlogPeak, waits, waitedNs } = gate;
    return { durationNs: endNs - startNs, backlogPeak, waits, waitedNs };
  }

  /** Begins the pipeline, once. */
  #begin(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (const [name, stage] of this.#stages) {
      if (!isNodeStream(stage)) continue;
      (stage as Writable).once('error', (error: Error) => {
        this.#fail(new ComponentFault(name, `failed: ${inWords(error)}`));
      });
    }
    const stages = Object.fromEntries(this.#stages);
    const run = this.#parts.flow.pipeline({ source: () => this.#elements(), ...stages });
    run.then(
      () => this.#fail(new ComponentFault(null, 'the pipeline ended before its source did')),
      (error: unknown) => this.#fail(this.#blame(error)),
    );
  }

  async *#elements(): AsyncGenerator {
    const { plan, source, board } = this.#parts;
    for (;;) {
      await this.#gate.pass();
      let value: unknown;
      board[PLACES]! += 1;
      try {
        value = source.isAsync ? await source.take() : source.take();
      } catch (error) {
        throw new ComponentFault('source', `threw ${inWords(error)}`);
      } finally {
        board[PLACES]! -= 1;
      }
      if (value === NO_MORE) {
        this.hasEnded = true;
        this.#gate.shut();
        continue;
      }
      if (value === null || value === undefined) {
        throw new ComponentFault('source', `gave ${String(value)}, which ends streams`);
      }
      if (plan.ratePerSecond === null) this.account.arrival[0] = this.account.now();
      this.#arrivals.enter();
      yield value;
    }
  }

  /** Waits until nothing is under way; gives since when. */
  async #drain(): Promise<number> {
    const beganNs = this.account.now();
    let emptySinceNs = beganNs;
    for (;;) {
      const nowNs = this.account.now();
      const isEmpty = this.#isEmpty();
      if (isEmpty && this.#arrivals.isEven) return nowNs;
      if (!isEmpty) emptySinceNs = nowNs;
      else if (nowNs - emptySinceNs >= QUIET_NS) {
        this.#arrivals.giveUp();
        return emptySinceNs;
      }
      // Most are empty at once; what takes longer is not to be held up by looking.
      await (nowNs - beganNs < LOOK_NS ? turn() : new Promise((resolve) => setTimeout(resolve, 1)));
    }
  }

  #isEmpty(): boolean {
    return this.#stages.every(([, stage]) => {
      if (!isNodeStream(stage)) return true;
      const { writableLength = 0, readableLength = 0 } = stage as Partial<Readable & Writable>;
      return writableLength === 0 && readableLength === 0;
    });
  }

  /** Streams of the web do not say what they are at: they are at work while a round is. */
  #showWebStreams(count: number): void {
    for (const [i, [, stage]] of this.#stages.entries()) {
      if (!isNodeStream(stage)) this.#parts.board[PLACES + i + 1] = count;
    }
  }

  /** Which component an error is of that no stream of Node has told. */
  #blame(error: unknown): ComponentFault {
    if (error instanceof ComponentFault) return error;
    const web = this.#stages.filter(([, stage]) => !isNodeStream(stage));
    return new ComponentFault(web.length === 1 ? web[0]![0] : null, `failed: ${inWords(error)}`);
  }

  #fail(fault: ComponentFault): void {
    this.#fault ??= fault;
    this.#onFault(this.#fault);
  }
}
