/**
 * Runs a bench: loads the pipeline into threads, measures the harness, warms up, and runs rounds of
 * each variant in turn. The threads do the work and this one looks on, so that it lives on when they
 * hang, exit or break.
 */
import { loadavg } from 'node:os';
import { tellWorkers } from '../../open/options';
import { openHarnessMeter } from '../load/bench-meter';
import type { Ready } from '../load/messages';
import { flowOf, nanometerOf } from '../load/module';
import type { HarnessCost, Measured } from '../measured';
import type { BenchPlan, Variant } from '../plan';
import { BenchThread } from './bench-thread';
import { checkBefore } from './check';
import { BenchFault, PipelineFault } from './faults';
import type { Progress } from './progress';
import { BenchReadings, PipelineReadings } from './readings';
import { Recording } from './recording';
import { type RoundMeans, runRound } from './round';
import { serviceOf } from './service';
import { TypeCheck } from './types';

export { BenchFault, PipelineFault } from './faults';
export type { Progress } from './progress';

// A module may have much to read and compile before it is there.
const LOAD_MS = 60_000;
const HARNESS_MS = 50;
// How long a thread has to end its round when it was told to.
const STOP_MS = 1_000;

/** What a run is told beside its plan. */
export interface RunOptions {
  /** Ends the run with what has been measured so far. */
  readonly signal?: AbortSignal;
  /** Called four times a second while rounds run. */
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Runs a plan. An aborted run gives what was measured so far, which may be no round at all.
 *
 * @throws BenchFault where the run has failed, PipelineFault where there is nothing to run: as
 * rejections
 */
export async function runBench(plan: BenchPlan, options: RunOptions = {}): Promise<Measured> {
  checkBefore(plan);
  const run = new Run(plan, options);
  try {
    return await run.run();
  } finally {
    await run.end();
  }
}

/** Thrown where the user wants the run to end; never leaves this file. */
class Interrupted extends Error {}

class Run {
  readonly #plan: BenchPlan;
  readonly #options: RunOptions;
  readonly #bench = new BenchReadings();
  #threads: BenchThread[];
  readonly #recording: Recording;
  readonly #startedAtMs = Date.now();
  readonly #loadBefore = loadavg()[0]!;
  readonly #others = new Set<BenchThread>();
  readonly #types: TypeCheck;
  #pipeline: PipelineReadings | null;
  #giveUp: NodeJS.Timeout | undefined;
  readonly #onAbort = (): void => {
    for (const thread of this.#threads) thread.stop();
    void this.#types.end();
    this.#giveUp = setTimeout(
      () => {
        for (const thread of [...this.#threads, ...this.#others])
          void thread.end(new Interrupted());
      },
      this.#recording.isRunning ? STOP_MS : 0,
    );
  };

  constructor(plan: BenchPlan, options: RunOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#recording = new Recording(plan, options.onProgress);
    tellWorkers(serviceOf(plan.file));
    this.#types = new TypeCheck(plan.file);
    this.#pipeline = this.#openFirst(undefined);
    this.#threads = this.#startThreads();
    if (options.signal?.aborted === true) this.#onAbort();
    else options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  async run(): Promise<Measured> {
    let ready: Ready | null = null;
    let harness: HarnessCost[] = [];
    try {
      ready = await this.#load();
      this.#pipeline ??= new PipelineReadings(ready);
      harness = await this.#measureHarness(ready);
      await this.#checkTypes();
      await this.#rounds({
        threads: this.#threads,
        bench: this.#bench,
        pipeline: this.#pipeline,
        hangMs: this.#plan.hangMs,
      });
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
    const endedEarly = this.#isInterrupted ? 'interrupted' : this.#recording.endedEarly;
    return {
      plan: this.#plan,
      startedAtMs: this.#startedAtMs,
      loadBefore: this.#loadBefore,
      backend: this.#pipeline?.backend ?? 'native',
      harness,
      ...this.#recording.measured(ready),
      endedEarly,
    };
  }

  /** Ends all threads and closes what was opened. */
  async end(): Promise<void> {
    clearTimeout(this.#giveUp);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    await Promise.all([this.#types, ...this.#threads, ...this.#others].map((one) => one.end()));
    await Promise.all([this.#bench.close(), this.#pipeline?.close()]);
  }

  get #isInterrupted(): boolean {
    return this.#options.signal?.aborted === true;
  }

  #startThreads(): BenchThread[] {
    const { workers } = this.#plan;
    return Array.from({ length: workers }, (_, i) => new BenchThread(this.#plan, i));
  }

  /**
   * On the JavaScript backend threads are seen by the one that opened the meter before they began:
   * this one.
   */
  #openFirst(named: string | undefined): PipelineReadings | null {
    if (this.#bench.backend !== 'javascript') return null;
    const { file } = this.#plan;
    return new PipelineReadings({ nanometer: nanometerOf(file), named, flow: flowOf(file) });
  }

  async #load(): Promise<Ready> {
    const ready = await this.#loaded();
    if (this.#pipeline === null || this.#pipeline.service === ready.service) return ready;
    // A name that only the module knows: once more, now that it is known.
    await Promise.all([this.#pipeline.close(), ...this.#threads.map((thread) => thread.end())]);
    this.#pipeline = this.#openFirst(ready.service);
    this.#threads = this.#startThreads();
    return this.#loaded();
  }

  async #loaded(): Promise<Ready> {
    const fault = new PipelineFault(`the module has not loaded after ${LOAD_MS / 1e3} s`);
    try {
      const all = await this.#within(LOAD_MS, this.#threads, fault, () =>
        Promise.all(this.#threads.map((thread) => thread.ready)),
      );
      return all[0]!;
    } catch (error) {
      // The compiler says better what is wrong, and where.
      if (error instanceof PipelineFault) await this.#checkTypes();
      throw error;
    }
  }

  async #checkTypes(): Promise<void> {
    const error = await this.#types.error;
    if (error !== null) throw new PipelineFault(error);
  }

  async #measureHarness({ kinds }: Ready): Promise<HarnessCost[]> {
    const variants = distinct(this.#plan.variants);
    this.#recording.tell('harness', variants[0]!);
    const meter = openHarnessMeter();
    const thread = new BenchThread(this.#plan, null, kinds);
    this.#others.add(thread);
    if (this.#isInterrupted) throw new Interrupted();
    const eachMs = Math.min(HARNESS_MS, this.#plan.roundMs);
    const fault = new BenchFault(null, 'the harness could not be measured');
    try {
      return await this.#within(LOAD_MS, [thread], fault, () =>
        thread.ask<HarnessCost[]>({ ask: 'harness', variants, eachMs }),
      );
    } finally {
      await thread.end();
      await meter.close();
    }
  }

  async #rounds(means: RoundMeans): Promise<void> {
    const { variants, warmupMs, durationMs, roundMs } = this.#plan;
    const recording = this.#recording;
    const run = async (index: number, variant: Variant, forMs: number): Promise<void> => {
      const startMs = recording.startRound(variant);
      const ran = await runRound(means, index, variant, forMs, startMs, (point) => {
        recording.point(point);
      });
      recording.endRound(ran, this.#isInterrupted);
      if (this.#isInterrupted) throw new Interrupted();
    };
    const warmed = distinct(variants);
    recording.begin('warmup');
    for (const variant of warmupMs > 0 ? warmed : []) {
      await run(0, variant, warmupMs / warmed.length);
      if (recording.endedEarly !== null) break;
    }
    recording.begin('measuring');
    const count = Math.max(variants.length, Math.round(durationMs / roundMs));
    for (let index = 0; index < count && recording.endedEarly === null; index++) {
      await run(index, variants[index % variants.length]!, durationMs / count);
    }
    recording.judge();
  }

  /** Gives what threads do no more than so long; then they are ended with a fault. */
  async #within<T>(
    ms: number,
    threads: readonly BenchThread[],
    fault: Error,
    work: () => Promise<T>,
  ): Promise<T> {
    const timer = setTimeout(() => {
      for (const thread of threads) void thread.end(fault);
    }, ms);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }
}

function distinct(variants: readonly Variant[]): Variant[] {
  return [...new Set(variants)];
}
