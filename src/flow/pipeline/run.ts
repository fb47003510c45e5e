/**
 * Runs a pipeline: observed stages, given to Node's own `stream.promises.pipeline`, which does all the
 * rest.
 */
import { pipeline } from 'node:stream/promises';
import { show } from '../../errors';
import type { FlowProbe } from '../probe';
import { FirstFault } from './faults';
import { checkStages, refuse } from './stages';
import { claim, release } from './observed';
import { Watch } from './watch';
import { Wiring } from './wiring';

/** What a pipeline can be told beside its stages. */
export interface PipelineOptions {
  /** Aborts the pipeline: it rejects with an `AbortError`, and the flow is cancelled. */
  readonly signal?: AbortSignal;
}

// Its overloads tell of the stages' types, which have been checked.
const run = pipeline as unknown as (...args: readonly unknown[]) => Promise<unknown>;

/**
 * Runs a pipeline through a flow. See `Flow.pipeline`.
 *
 * @throws NanometerError as `Flow.pipeline` says, as a rejection
 */
export async function runPipeline(
  flow: FlowProbe,
  stages: unknown,
  options: unknown,
): Promise<unknown> {
  const list = checkStages(flow, stages);
  const signal = checkOptions(flow, options);
  claim(flow, list);
  let watch: Watch;
  try {
    watch = new Watch(flow, new FirstFault(), flow.startRun());
  } catch (error) {
    release(list);
    throw error;
  }
  const interrupted = (): void => {
    watch.interrupt();
  };
  try {
    const wiring = new Wiring(watch, list);
    watch.isLive();
    const observed = wiring.observe();
    // Before pipeline's own listener, which destroys what is at work.
    if (signal?.aborted === true) interrupted();
    else signal?.addEventListener('abort', interrupted, { once: true });
    const value = await run(...observed, signal === undefined ? {} : { signal });
    watch.complete();
    return value;
  } catch (error) {
    watch.abandon(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', interrupted);
    release(list);
  }
}

function checkOptions(flow: FlowProbe, options: unknown): AbortSignal | undefined {
  if (options === undefined) return undefined;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    refuse(flow, `options are an object with signal, not ${show(options)}`);
  }
  const unknown = Object.keys(options).find((key) => key !== 'signal');
  if (unknown !== undefined) refuse(flow, `unknown option ${show(unknown)}; accepted is signal`);
  const { signal } = options as { signal?: unknown };
  if (signal === undefined) return undefined;
  if (typeof signal !== 'object' || signal === null || !('aborted' in signal)) {
    refuse(flow, `signal is an AbortSignal, not ${show(signal)}`);
  }
  return signal as AbortSignal;
}
