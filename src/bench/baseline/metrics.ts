/** The figures that two runs are compared by, as `--threshold` names them. */
import type { ComparisonLine, ReportLevel } from '../report';

/** Their names. */
export const METRIC_NAMES = [
  'throughput',
  'p50',
  'p90',
  'p95',
  'p99',
  'p999',
  'max',
  'busy',
] as const;

/** The name of one. */
export type MetricName = (typeof METRIC_NAMES)[number];

/** One of them. */
export interface ComparedMetric {
  readonly unit: ComparisonLine['unit'];
  /** Its samples in a report's level. */
  readonly samples: keyof ReportLevel['samples'];
  /** 1 where more is worse, as with times; -1 where less is. */
  readonly worse: 1 | -1;
}

const time = (samples: ComparedMetric['samples']): ComparedMetric => ({
  unit: 'ns',
  samples,
  worse: 1,
});

/** By name. */
export const METRICS: Readonly<Record<MetricName, ComparedMetric>> = {
  throughput: { unit: 'elements/s', samples: 'elementsPerSecond', worse: -1 },
  p50: time('p50Ns'),
  p90: time('p90Ns'),
  p95: time('p95Ns'),
  p99: time('p99Ns'),
  p999: time('p999Ns'),
  max: time('maxNs'),
  busy: time('busyNsPerElement'),
};
