/** What the live view shows, as lines no wider than the terminal. */
import { basename } from 'node:path';
import type { BenchPlan } from '../../bench/plan';
import { count, time } from '../../bench/render/units';
import type { Progress } from '../../bench/run/run';
import type { Colours } from '../colours';
import { sparkline } from './sparkline';

const LABEL = 6;
const VALUE = 12;

/** What a run is at, in a few words. */
export function stage({ phase, variant }: Progress): string {
  if (phase === 'harness') return 'measuring the bench itself';
  return phase === 'warmup' ? 'warming up' : `measuring ${variant}`;
}

/** How long it still takes. */
export function timeLeft({ elapsedMs, totalMs }: Progress): string {
  return `${Math.max(0, (totalMs - elapsedMs) / 1_000).toFixed(1)} s left`;
}

/** Elements a second, now. */
export function rateNow({ points }: Progress): string {
  const point = points.at(-1);
  return point === undefined ? '' : `${count(point.elementsPerSecond)}/s`;
}

/** The 99th percentile of latency, now. */
export function p99Now({ points }: Progress): string {
  const p99Ns = points.at(-1)?.p99Ns ?? null;
  return p99Ns === null ? '' : time(p99Ns);
}

/** The lines. */
export function picture(
  plan: BenchPlan,
  progress: Progress,
  width: number,
  colours: Colours,
): string[] {
  const { points } = progress;
  const blocks = Math.max(1, width - LABEL - VALUE);
  const row = (label: string, values: readonly (number | null)[], now: string): string =>
    `${label.padEnd(LABEL)}${colours.cyan(sparkline(values, blocks))}  ${now}`;
  const title = `${basename(plan.file)}  ${stage(progress)}`.slice(0, width - VALUE - 3);
  return [
    `${colours.bold(title)}  ${colours.dim(timeLeft(progress))}`,
    row(
      'rate',
      points.map(({ elementsPerSecond }) => elementsPerSecond),
      rateNow(progress),
    ),
    row(
      'p99',
      points.map(({ p99Ns }) => p99Ns),
      p99Now(progress),
    ),
  ];
}
