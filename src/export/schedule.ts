/** When exporters of any kind export, by code and by the variables that all of them share. */
import { type Environment, ignore } from '../open/environment';
import { fromCode, fromVariables, type Setting, whole, word } from '../open/setting';
import type { Signal, Temporality } from './resolved';

/** What can be said of exporting metrics. */
export const METRICS_KEYS = ['intervalMs', 'temporality'] as const;
/** What can be said of exporting spans. */
export const TRACES_KEYS = ['delayMs', 'maxBatch'] as const;

export const INTERVAL_MS = whole(1);
export const DELAY_MS = whole(1);
export const TEMPORALITY: Setting<Temporality> = word('cumulative', 'delta', 'lowmemory');

/** How long metrics wait for the next export, and spans for their batch to fill. */
const WAITS: Readonly<Record<Signal, { readonly variable: string; readonly ms: number }>> = {
  metrics: { variable: 'OTEL_METRIC_EXPORT_INTERVAL', ms: 15_000 },
  traces: { variable: 'OTEL_BSP_SCHEDULE_DELAY', ms: 5_000 },
};
const MAX_BATCH = 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE';
const DEFAULT_MAX_BATCH = 512;

/** How long a signal waits, where code says that or nothing. */
export function millisOf(
  signal: Signal,
  inCode: number | undefined,
  environment: Environment,
): number {
  const { variable, ms } = WAITS[signal];
  if (inCode !== undefined) return inCode;
  // A duration may be 0: as soon as possible.
  return Math.max(1, fromVariables(whole(0), environment, [variable]) ?? ms);
}

/**
 * The most spans of a batch: no more than wait at once.
 *
 * @param name - of the option, for its error
 */
export function maxBatchOf(
  name: string,
  given: unknown,
  maxSpans: number,
  environment: Environment,
): number {
  const inCode = fromCode(whole(1, maxSpans), name, given);
  if (inCode !== undefined) return inCode;
  const said = fromVariables(whole(1), environment, [MAX_BATCH]);
  if (said !== undefined && said <= maxSpans) return said;
  if (said !== undefined) ignore(MAX_BATCH, String(said), `a queue takes ${maxSpans} spans`);
  return Math.min(DEFAULT_MAX_BATCH, maxSpans);
}
