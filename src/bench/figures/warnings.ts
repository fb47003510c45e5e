/** What a reader should be careful about, in a report that is complete but for that. */
import type { Measured } from '../measured';
import type { Report, ReportWarning } from '../report';
import { FEWEST_SAMPLES } from './estimate';
import { slowingOf } from './noise';
import { mostOf } from './share';
import { medianOf } from './statistics';

/** Limits beyond which there is a warning. */
const LIMITS = {
  /** Half the spread of the middle half of rounds, of their median. */
  noise: 0.05,
  /** The same of the fixed piece of work, which is short, and so meets more of what disturbs it. */
  reference: 0.1,
  /** So that ten elements are beyond p99. */
  elements: 1_000,
  /** Of the fixed piece of work, from the first third of a run to the last. */
  slowing: 0.1,
  /** Of the rate asked for. */
  rateReached: 0.98,
  /** What waits in an open loop, as time at its rate, seconds. */
  backlogSeconds: 0.1,
  /** Of the cores, before the run. */
  load: 0.5,
  /** Of an element's time. */
  harness: 0.1,
};

/** Counters that are read in nanoseconds and that all processors agree about. */
const GOOD_CLOCKS = ['tsc', 'arch_sys_counter'];

type Unwarned = Omit<Report, 'warnings' | 'notes'>;
type Judge = (report: Unwarned, measured: Measured) => string | false | undefined;

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)}%`;

/** By code; in the order in which they are shown. */
const JUDGES: Readonly<Record<string, Judge>> = {
  interrupted: ({ outcome }) =>
    outcome === 'interrupted' &&
    'The run was interrupted: the figures are of the rounds that ended before.',
  'source-ended': ({ outcome }) =>
    outcome === 'source-ended' &&
    'The source ended before the time was over: give it more elements, or a shorter --duration.',
  errors: ({ throughput: { failed, elements } }, { errors }) => {
    const [first] = errors;
    if (first === undefined) return failed > 0 && `${failed} of ${elements} elements failed.`;
    const all = errors.map(({ component, errors: count }) => `${component} ${count}`).join(', ');
    return `Components failed (${all}); the first of ${first.component}: ${first.first}. Failed elements count in all figures.`;
  },
  short: ({ throughput: { elements }, levels }) => {
    const rounds = Math.min(...levels.map((level) => level.rounds));
    if (rounds < FEWEST_SAMPLES) {
      return `There were ${rounds} rounds of a variant, and intervals need ${FEWEST_SAMPLES}: give a longer --duration.`;
    }
    return (
      elements < LIMITS.elements &&
      `Only ${elements} elements ended, and p99 needs ${LIMITS.elements}: give a longer --duration.`
    );
  },
  noisy: ({ noise }) =>
    (noise.throughput > LIMITS.noise || noise.reference > LIMITS.reference) &&
    `Rounds differ by ±${percent(noise.throughput)} in throughput (the machine itself by ±${percent(noise.reference)}): stop other work on it, or run longer.`,
  saturated: ({ load, levels }, { rounds }) => {
    const rate = load.ratePerSecond;
    if (rate === null || rounds.length === 0) return false;
    const reached = Math.min(...levels.map((level) => level.elementsPerSecond.value)) / rate;
    const backlogs = rounds.map((round) => round.backlogPeak);
    const third = Math.max(1, Math.floor(rounds.length / 3));
    const late = medianOf(backlogs.slice(-third)) ?? 0;
    const early = medianOf(backlogs.slice(0, third)) ?? 0;
    const isGrowing = late > 2 * early && late > rate * LIMITS.backlogSeconds;
    return (
      (reached < LIMITS.rateReached || isGrowing) &&
      `The pipeline did not keep up with ${rate} elements/s (${percent(reached)} were reached, up to ${mostOf(rounds, (round) => round.backlogPeak)} waited): latencies are of the queue. Lower --rate, or raise --workers.`
    );
  },
  throttled: (_report, { rounds }) => {
    const slowing = slowingOf(rounds);
    return (
      slowing > LIMITS.slowing &&
      `The machine grew ${percent(slowing)} slower during the run: it is hot, throttled or shared.`
    );
  },
  harness: ({ harness, levels, variant }) => {
    const busy = levels.find((level) => level.variant === variant)?.busyNsPerElement?.value;
    return (
      harness !== null &&
      busy !== undefined &&
      harness.nsPerElement > busy * LIMITS.harness &&
      `The bench itself is ${percent(harness.nsPerElement / busy)} of an element's time: let an element be more work, such as a batch.`
    );
  },
  'clock-source': ({ environment: { clockSource } }) =>
    clockSource !== null &&
    !GOOD_CLOCKS.includes(clockSource) &&
    `The kernel's clock is ${clockSource}, not ${GOOD_CLOCKS[0]!}: to read it costs more, and short times are coarse.`,
  governor: ({ environment: { governor } }) =>
    governor === 'powersave' &&
    'The processor is governed by powersave: its frequency follows the load. Choose performance.',
  load: ({ environment: { load, cores } }) =>
    load > cores * LIMITS.load &&
    `The machine was busy before the run began: a load of ${load.toFixed(1)} on ${cores} cores.`,
};

/** The warnings of a report. */
export function warningsOf(report: Unwarned, measured: Measured): ReportWarning[] {
  return Object.entries(JUDGES).flatMap(([code, judge]) => {
    const message = judge(report, measured);
    return message ? [{ code, message }] : [];
  });
}
