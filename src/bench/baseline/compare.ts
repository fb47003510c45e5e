/**
 * Two runs compared by intervals. A run's own interval says where the median of that run is; another
 * run of the same program on the same machine differs by more, so the interval of the change is
 *
 * 1. that of the ratio of the two runs' medians, by bootstrap of both,
 * 2. wider by what two runs of one program differ anyway, and by what rounds of either differ from each
 *    other, since what disturbs a round may as well last a whole run,
 * 3. and longer to the side where it would be had the machine been as fast in both: how fast it was is
 *    known from the fixed piece of work beside each round.
 *
 * So an unchanged program on a noisy machine is undecided rather than a regression.
 */
import { intervalOf, resampledMedians } from '../figures/estimate';
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
 * The standard deviation of the change between two runs of the same program that no round tells of:
 * what was compiled when, and where memory came to lie.
 */
const BETWEEN_RUNS = 0.015;

/** What slows the fixed piece of work slows a program by more, which waits for memory as well. */
const DRIFT_POWER = 1.5;

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
  const count = Math.min(runs.before.length, runs.after.length);
  if (count === 0) return null;
  const { unit, worse } = METRICS[metric];
  const before = resampledMedians(runs.before, runs.seeds[0]);
  const after = resampledMedians(runs.after, runs.seeds[1]);
  const ratios = before.map((earlier, i) => after[i]! / earlier);
  const value = median([...runs.after]) / median([...runs.before]);
  const change = widened({ value, ...intervalOf(ratios, count) }, runs, worse);
  return {
    metric,
    unit,
    before: { value: median([...runs.before]), ...intervalOf(before, runs.before.length) },
    after: { value: median([...runs.after]), ...intervalOf(after, runs.after.length) },
    change,
    threshold,
    ...judge(change, worse, threshold, count >= FEWEST_ROUNDS),
  };
}

/** The change from a ratio and its own interval, with the interval that the head explains. */
function widened(ratio: Estimate, { before, after, drift }: Runs, worse: 1 | -1): Estimate {
  const between = 2 * Math.hypot(BETWEEN_RUNS, spreadOf(before), spreadOf(after));
  const below = Math.hypot(Math.log(ratio.value / ratio.low), between);
  const above = Math.hypot(Math.log(ratio.high / ratio.value), between);
  // A machine that was slower made times longer and rates lower.
  const excuse = -worse * DRIFT_POWER * Math.log1p(drift);
  return {
    value: ratio.value - 1,
    low: ratio.value * Math.exp(Math.min(0, excuse) - below) - 1,
    high: ratio.value * Math.exp(Math.max(0, excuse) + above) - 1,
  };
}

function isAbove0(value: number): boolean {
  return value > 0;
}
