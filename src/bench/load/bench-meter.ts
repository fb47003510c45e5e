/**
 * The bench's own meter: what happens to elements, whatever the pipeline's meter is told to record.
 * The main thread reads it while threads record, also while one is blocked.
 */
import type { Counter } from '../../handles/counter';
import type { Histogram } from '../../handles/histogram';
import type { Meter } from '../../meter/meter';
import { open } from '../../open/open';

const SERVICE = 'nanometer-bench';
// Quantiles within 0.6% of the truth: 1,920 buckets.
const SCALE = 6;
const LEAST_NS = 100;
const MOST_NS = 100e9;

/** Metrics of the bench, in one thread. */
export interface BenchMeter {
  readonly meter: Meter;
  /** From arrival to end, of elements that ended well. */
  readonly latency: Histogram;
  /** Elements that ended, those that failed among them. */
  readonly elements: Counter;
  readonly failed: Counter;
}

/** Its names, for who reads snapshots. */
export const LATENCY = 'bench.latency';
export const ELEMENTS = 'bench.elements';
export const FAILED = 'bench.failed';

// What neither leaves the process nor is seen from outside.
const PRIVATE = {
  stateDir: false,
  inspection: false,
  otlp: false,
  exporters: [],
} as const;

/** Opens the meter of empty pipelines: in the main thread first, as the JavaScript backend wants it. */
export function openHarnessMeter(): Meter {
  return open({ service: 'nanometer-bench-harness', ...PRIVATE });
}

/** Opens it: the same for all threads of a process. */
export function openBenchMeter(): BenchMeter {
  const meter = open({
    service: SERVICE,
    level: 'production',
    tracing: false,
    ...PRIVATE,
  });
  return {
    meter,
    latency: meter.histogram(LATENCY, {
      help: 'From when an element arrived, or was due, to its end.',
      unit: 'ns',
      buckets: { exponential: { scale: SCALE, min: LEAST_NS, max: MOST_NS } },
    }),
    elements: meter.counter(ELEMENTS, { help: 'Elements that ended.', unit: '{element}' }),
    failed: meter.counter(FAILED, { help: 'Elements that failed.', unit: '{element}' }),
  };
}
