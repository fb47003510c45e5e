/** What `open()` can be told of tracing, and the checks of it, which settings made later pass too. */
import type { ResolvedTracing } from '../backend/backend';
import { checkKeys, checkWhole, refuse } from '../open/check-option';
import type { Environment } from '../open/environment';
import { show } from '../errors';
import { exemplarsOf, sampleRateOf } from './environment';
import type { SpanLimitOptions } from './limits';

/** How spans are recorded, and which traces are promoted: kept, shown and exported. */
export interface TracingOptions {
  /**
   * The share, 0 to 1, of the traces beginning here that are promoted whatever becomes of them,
   * decided from the trace id; else as `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG` say, else
   * 0.01. The sampled flag of a caller beats it.
   */
  readonly sampleRate?: number;
  /** Whether a trace is promoted when an element or a span of it fails; true when left out. */
  readonly promoteErrors?: boolean;
  /**
   * From how many milliseconds on an element or a span that is the first here is promoted; `null`,
   * or left out: however long it takes, it is not promoted for that.
   */
  readonly promoteLatencyMs?: number | null;
  /**
   * The most promotions a second, whole, in all threads of the process together; those by hand are
   * not limited. 100 when left out; `null`: any number.
   */
  readonly maxPromotionsPerSecond?: number | null;
  /**
   * The least spans that each thread remembers until newer ones take their place, 64 to 1,048,576;
   * 4,096 when left out. A span takes 128 bytes.
   */
  readonly flightSpans?: number;
  /**
   * Whether counters and buckets of histograms remember which trace they were last recorded for, and
   * show it in OpenMetrics and in snapshots; one that OpenMetrics shows is kept, whatever became of
   * it. What counts is recorded while `component.run()` or `meter.active()` calls a function of the
   * program, up to its first `await`. Else `OTEL_METRICS_EXEMPLAR_FILTER`, else false; what the
   * thread says that opens the meter first holds for all. A counter and a bucket then take 24 bytes
   * each instead of 8.
   */
  readonly exemplars?: boolean;
  /** How much one span of this thread can say. */
  readonly limits?: SpanLimitOptions;
}

/** What of it can be set while spans are recorded. */
export type TracingSettings = Omit<ResolvedTracing, 'flightSpans' | 'exemplars'>;

const DEFAULTS: ResolvedTracing = {
  sampleRate: 0.01,
  promoteErrors: true,
  promoteLatencyMs: null,
  maxPromotionsPerSecond: 100,
  flightSpans: 4_096,
  exemplars: false,
};
/** What variables say. */
const FROM_ENVIRONMENT: Partial<
  Record<keyof ResolvedTracing, (environment: Environment) => unknown>
> = { sampleRate: sampleRateOf, exemplars: exemplarsOf };
const KEYS = [...Object.keys(DEFAULTS), 'limits'];
const LEAST_FLIGHT_SPANS = 64;
const MOST_FLIGHT_SPANS = 1 << 20;

/** A check of each setting: the value, where it is accepted. Throws `NANOMETER_INVALID_OPTION`. */
export const TRACING_CHECKS: {
  readonly [Name in keyof TracingSettings]: (value: unknown) => TracingSettings[Name];
} = {
  sampleRate: (value) => {
    if (typeof value === 'number' && value >= 0 && value <= 1) return value;
    return refuse(`tracing.sampleRate is a number from 0 to 1, not ${show(value)}`);
  },
  promoteErrors: (value) => checkFlag('tracing.promoteErrors', value),
  promoteLatencyMs: (value) => {
    if (value === null) return null;
    if (typeof value === 'number' && value > 0 && value < Infinity) return value;
    const accepted = 'a number of milliseconds above 0, or null for none';
    return refuse(`tracing.promoteLatencyMs is ${accepted}, not ${show(value)}`);
  },
  maxPromotionsPerSecond: (value) => {
    if (value === null) return null;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    const accepted = 'a whole number from 0, or null for no limit';
    return refuse(`tracing.maxPromotionsPerSecond is ${accepted}, not ${show(value)}`);
  },
};

/** Complete settings, or `null` where tracing is switched off. Throws `NANOMETER_INVALID_OPTION`. */
export function resolveTracing(given: unknown, environment: Environment): ResolvedTracing | null {
  if (given === false) return null;
  const options = checkKeys('tracing', given === undefined ? {} : given, KEYS);
  const option = (name: keyof ResolvedTracing): unknown =>
    options[name] === undefined
      ? (FROM_ENVIRONMENT[name]?.(environment) ?? DEFAULTS[name])
      : options[name];
  return {
    sampleRate: TRACING_CHECKS.sampleRate(option('sampleRate')),
    promoteErrors: TRACING_CHECKS.promoteErrors(option('promoteErrors')),
    promoteLatencyMs: TRACING_CHECKS.promoteLatencyMs(option('promoteLatencyMs')),
    maxPromotionsPerSecond: TRACING_CHECKS.maxPromotionsPerSecond(option('maxPromotionsPerSecond')),
    flightSpans: checkWhole(
      'tracing.flightSpans',
      option('flightSpans'),
      LEAST_FLIGHT_SPANS,
      MOST_FLIGHT_SPANS,
    ),
    exemplars: checkFlag('tracing.exemplars', option('exemplars')),
  };
}

function checkFlag(what: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  return refuse(`${what} is true or false, not ${show(value)}`);
}
