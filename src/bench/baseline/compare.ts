/**
 * Two runs compared by intervals. A run's own interval says where the median of that run is; another
 * run of the same program on the same machine differs by more, so the interval of the change is
 *
 * 1. that of the ratio of the two runs' medians, by bootstrap of both,
 * 2. wider by what a round of each differs from others of its run, for what lasts a whole run,
 * 3. and from there to where it would be had the machine been as fast in both: how fast it was is known
 *    from the fixed piece of work beside each round.
 *
 * So an unchanged program on a noisy machine is undecided rather than a regression.
 */
import { estimateOf, intervalOf, resampledMedians } from '../figures/estimate';
import { median, spreadOf } from '../figures/statistics';
import type { Comparison, ComparisonLine, Estimate, Report, ReportLevel } from '../report';
import { comparisonWarnings } from './comparison-warnings';
import { driftBetween } from './drift';
import { judge } from './judge';
import { METRIC_NAMES, METRICS, type MetricName } from './metrics';
import type { Thresholds } from './thresholds';

/** With fewer rounds in a run nothing is said of how they differ. */
const FEWEST_ROUNDS = 3;

/**
 * What changed since a baseline.
 *
 * @param thresholds - see `parseThresholds`; where there is none for a figure, it never regresses
 * @param baseline - its name, as people know it
 */
export function compare(
  before: Report,
  after: Report,
  thresholds: Thresholds,
  baseline: string,
): Comparison {
  const levels = commonLevels(before, after);
  const drift = driftBetween(before, after);
  const lines =
    levels === null
      ? []
      : METRIC_NAMES.flatMap((metric) => {
          const samples = METRICS[metric].samples;
          const runs: Runs = {
            before: levels.before.samples[samples].filter(isAbove0),
            after: levels.after.samples[samples].filter(isAbove0),
            seeds: [before.load.seed, ~after.load.seed],
            drift: drift ?? 0,
          };
          return lineOf(metric, runs, thresholds[metric] ?? null) ?? [];
        });
  return {
    baseline,
    baselineStartedAt: before.startedAt,
    isSameMachine: before.environment.machine === after.environment.machine,
    drift,
    lines,
    warnings: comparisonWarnings(before, after, lines, drift),
  };
}

/** One figure of both runs. */
interface Runs {
  /** Above 0: what has a zero in it has no ratio. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Different ones for the two, so that their resamples are independent. */
  readonly seeds: readonly [number, number];
  /** How much slower the machine was. */
  readonly drift: number;
}

/** The level that the later report is of, where both have it; else the first that both have. */
function commonLevels(
  before: Report,
  after: Report,
): { before: ReportLevel; after: ReportLevel } | null {
  const own = after.levels.toSorted(
    (a, b) => Number(b.variant === after.variant) - Number(a.variant === after.variant),
  );
  for (const level of own) {
    const other = before.levels.find(({ variant }) => variant === level.variant);
    if (other !== undefined) return { before: other, after: level };
  }
  return null;
}

function lineOf(metric: MetricName, runs: Runs, threshold: number | null): ComparisonLine | null {
  const before = estimateOf(runs.before, runs.seeds[0]);
  const after = estimateOf(runs.after, runs.seeds[1]);
  if (before === null || after === null) return null;
  const { unit, worse } = METRICS[metric];
  const change = changeOf(runs, worse);
  const isEnough = Math.min(runs.before.length, runs.after.length) >= FEWEST_ROUNDS;
  return {
    metric,
    unit,
    before,
    after,
    change,
    threshold,
    ...judge(change, worse, threshold, isEnough),
  };
}

/** The change with the interval that the head of this file explains. */
function changeOf({ before, after, seeds, drift }: Runs, worse: 1 | -1): Estimate {
  const later = resampledMedians(after, seeds[1]);
  const ratios = resampledMedians(before, seeds[0]).map((earlier, i) => later[i]! / earlier);
  const own = intervalOf(ratios, Math.min(before.length, after.length));
  const spread = 1 + Math.hypot(spreadOf(before), spreadOf(after));
  // A machine that was slower made times longer and rates lower.
  const undrifted = (1 + drift) ** -worse;
  return {
    value: median([...after]) / median([...before]) - 1,
    low: (own.low / spread) * Math.min(1, undrifted) - 1,
    high: own.high * spread * Math.max(1, undrifted) - 1,
  };
}

function isAbove0(value: number): boolean {
  return value > 0;
}
