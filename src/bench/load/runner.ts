/** Runs rounds of a pipeline in this thread: what is the same for functions and for streams. */
import type { LatencyOf } from '../measured';
import type { Variant } from '../plan';
import type { Account } from './account';
import type { LoadResult } from './load';
import type { RoundPart } from './messages';
import { ResourceWatch } from './resources';

/** A pipeline under a load. */
export interface Passage {
  readonly account: Account;
  /** Of all values taken from the source. */
  readonly bytes: number;
  /** Whether the source has no more. */
  readonly hasEnded: boolean;
  readonly latencyOf: LatencyOf;
  /** Called between rounds, when nothing is in flight. */
  change(variant: Variant): Promise<void>;
  /** Has elements pass for so long, and waits for the last. */
  run(durationNs: number): Promise<LoadResult>;
}

/** A passage's rounds. */
export class Runner {
  readonly #passage: Passage;
  readonly #resources = new ResourceWatch();

  constructor(passage: Passage) {
    this.#passage = passage;
  }

  /** Runs one. Rejects with a `ComponentFault`. */
  async round(variant: Variant, durationMs: number): Promise<RoundPart> {
    const passage = this.#passage;
    const { account } = passage;
    await passage.change(variant);
    const bytesBefore = passage.bytes;
    account.begin();
    this.#resources.begin();
    const result = await passage.run(durationMs * 1e6);
    const resources = this.#resources.end(result.waits, result.waitedNs);
    const bytes = passage.bytes - bytesBefore;
    return {
      durationNs: result.durationNs,
      backlogPeak: result.backlogPeak,
      elements: account.ended,
      failed: account.failed,
      bytes: bytes === 0 ? null : bytes,
      latencyOf: passage.latencyOf,
      minNs: account.minNs,
      maxNs: account.maxNs,
      errors: account.errors,
      hasEnded: passage.hasEnded,
      ...resources,
    };
  }
}
