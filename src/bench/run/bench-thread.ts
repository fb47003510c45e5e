/**
 * A thread that runs the pipeline, as the main thread sees it. The invariant: whatever is asked of it
 * has an end: an answer, or a fault, which is the same from then on. A thread that is gone answers with
 * what ended it.
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { inWords } from '../../errors';
import { CURRENT, makeBoard, placesAtWork, STOP, ENDED, type Board } from '../load/board';
import type { ComponentKind, Ready, Reply, Request } from '../load/messages';
import type { BenchPlan } from '../plan';
import { BenchFault, PipelineFault } from './faults';

const ENTRY = join(__dirname, '..', 'load', 'thread.js');

/** What waits for a thread. */
interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (fault: Error) => void;
}

/** One of the threads. */
export class BenchThread {
  /** What it says of the pipeline when it has loaded it. */
  readonly ready: Promise<Ready>;
  /** What is at work in it, in memory that it shares. */
  readonly board: Board = makeBoard();
  readonly #worker: Worker;
  #names: readonly string[] = [];
  #waiting: Waiting | null = null;
  #fault: Error | null = null;
  #hasLoaded = false;

  /** @param worker - which of the plan's threads; `null`: the one that measures the harness */
  constructor(plan: BenchPlan, worker: number | null, kinds: readonly ComponentKind[] = []) {
    this.#worker = new Worker(ENTRY, {
      workerData: { plan, board: this.board, worker, kinds },
      // A user's `--import` and the like are for the thread that the user started.
      execArgv: [],
      // What the pipeline prints is not the report.
      stdout: true,
    });
    this.#worker.stdout.on('data', (chunk: Buffer) => process.stderr.write(chunk));
    this.ready = this.#wait() as Promise<Ready>;
    this.ready.catch(() => undefined);
    this.#worker.on('message', (reply: Reply) => {
      this.#hear(reply);
    });
    this.#worker.on('error', (error: unknown) => {
      this.#fail(this.#blame(`threw where nobody catches it: ${inWords(error)}`));
    });
    this.#worker.on('exit', (code) => {
      this.#fail(this.#blame(`ended the process: process.exit(${code})`));
    });
  }

  /** Whether it is doing what it was asked. */
  get isBusy(): boolean {
    return this.#waiting !== null;
  }

  /** How many elements have ended; wraps. */
  get ended(): number {
    return Atomics.load(this.board, ENDED);
  }

  /** Asks for one thing; whatever was asked before has been answered. Rejects with a fault. */
  ask<T>(request: Request): Promise<T> {
    const answer = this.#wait() as Promise<T>;
    if (this.#fault === null) this.#worker.postMessage(request);
    return answer;
  }

  /** Wants the round to end. */
  stop(): void {
    Atomics.store(this.board, STOP, 1);
  }

  /** Ends it: whatever it is doing is given up with this fault. */
  async end(fault: Error = new BenchFault(null, 'the thread was ended')): Promise<void> {
    this.#fail(fault);
    await this.#worker.terminate();
  }

  /** The components that are at work in it. */
  atWork(): string[] {
    return placesAtWork(this.board).map((place) => this.#names[place] ?? 'source');
  }

  /** Whether code of a component's runs there, and is not only waited for. */
  get isBlocked(): boolean {
    return Atomics.load(this.board, CURRENT) > 0;
  }

  #wait(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#fault !== null) reject(this.#fault);
      else this.#waiting = { resolve, reject };
    });
  }

  #hear(reply: Reply): void {
    if (reply.say === 'refused') {
      this.#fail(new PipelineFault(reply.message));
      return;
    }
    if (reply.say === 'fault') {
      const { component, message } = reply;
      this.#fail(
        new BenchFault(component, component === null ? message : sentence([component], message)),
      );
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = null;
    if (reply.say === 'ready') {
      this.#hasLoaded = true;
      this.#names = ['source', ...reply.ready.pipeline.components];
      waiting?.resolve(reply.ready);
    } else waiting?.resolve(reply.answer);
  }

  #fail(fault: Error): void {
    this.#fault ??= fault;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(this.#fault);
  }

  /** The fault of whoever is at work. */
  #blame(what: string): Error {
    if (!this.#hasLoaded)
      return new PipelineFault(`the pipeline's module ${what} as it was loaded`);
    const names = this.atWork();
    return new BenchFault(names.length === 1 ? names[0]! : null, sentence(names, what));
  }
}

/** Who did what. */
export function sentence(names: readonly string[], what: string): string {
  if (names.length === 0) return `the pipeline ${what}`;
  const shown = names.map((name) => (name === 'source' ? 'the source' : `"${name}"`));
  if (shown.length === 1) {
    return names[0] === 'source' ? `the source ${what}` : `the component ${shown.join()} ${what}`;
  }
  return `one of the components ${shown.join(', ')} ${what}`;
}
