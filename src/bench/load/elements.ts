/** A pipeline of functions, under a load. */
import type { Flow } from '../../flow/flow';
import type { ComponentFunction } from '../definition';
import type { BenchPlan, Variant } from '../plan';
import type { Account } from './account';
import type { Board } from './board';
import { ClosedLoop } from './closed';
import { Feed } from './feed';
import { Functions } from './functions';
import { FlowInstrument, instrumentOf } from './instrument';
import type { Load, LoadResult } from './load';
import { OpenLoop } from './open-loop';
import type { Passage } from './runner';
import type { Source } from './source';

/** What it is made of. */
export interface ElementsParts {
  readonly plan: BenchPlan;
  readonly worker: number;
  readonly components: readonly (readonly [name: string, component: ComponentFunction])[];
  readonly source: Source;
  readonly flow: Flow;
  readonly account: Account;
  readonly board: Board;
}

/** Elements, one by one, through functions. */
export class Elements implements Passage {
  readonly latencyOf = 'element';
  readonly account: Account;
  readonly #functions: Functions;
  readonly #feed: Feed;
  readonly #load: Load;
  readonly #flow: Flow;
  #variant: Variant | null = null;

  constructor({ plan, worker, components, source, flow, account, board }: ElementsParts) {
    this.account = account;
    this.#flow = flow;
    this.#functions = new Functions(components, new FlowInstrument(flow), account, board);
    this.#feed = new Feed(source, this.#functions, account, board);
    this.#load = loadOf(plan, worker, this.#feed);
  }

  get bytes(): number {
    return this.#feed.bytes;
  }

  get hasEnded(): boolean {
    return this.#feed.hasEnded;
  }

  async change(variant: Variant): Promise<void> {
    if (variant === this.#variant) return;
    this.#variant = variant;
    this.#functions.instrument = await instrumentOf(variant, this.#flow);
  }

  run(durationNs: number): Promise<LoadResult> {
    return this.#load.run(durationNs);
  }
}

function loadOf(plan: BenchPlan, worker: number, feed: Feed): Load {
  if (plan.ratePerSecond === null) return new ClosedLoop(feed, plan.concurrency ?? 1);
  const offsetNs = (worker * 1e9) / plan.ratePerSecond;
  const intervalNs = (plan.workers * 1e9) / plan.ratePerSecond;
  return new OpenLoop(feed, intervalNs, offsetNs, plan.concurrency ?? Infinity);
}
