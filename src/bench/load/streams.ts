/** A pipeline with streams in it, under a load. */
import type { Flow } from '../../flow/flow';
import type { PipelineComponent } from '../definition';
import type { LatencyOf } from '../measured';
import type { BenchPlan } from '../plan';
import type { Account } from './account';
import type { Board } from './board';
import { RefusedPipeline } from './fault';
import type { LoadResult } from './load';
import type { Passage } from './runner';
import type { Source } from './source';

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

/** Elements through streams. */
export class Streams implements Passage {
  readonly latencyOf: LatencyOf = 'order';
  readonly account: Account;
  readonly bytes = 0;
  readonly hasEnded = false;

  constructor(parts: StreamsParts) {
    this.account = parts.account;
  }

  /** The components of the flow. */
  static componentsOf(components: StreamsParts['components']): string[] {
    return ['source', ...components.map(([name]) => name)];
  }

  change(): Promise<void> {
    return Promise.reject(new RefusedPipeline('pipelines of streams are not run yet'));
  }

  run(): Promise<LoadResult> {
    return Promise.reject(new RefusedPipeline('pipelines of streams are not run yet'));
  }
}
