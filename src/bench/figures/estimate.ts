/**
 * Medians with 95% bootstrap confidence intervals, which few samples and samples in bad company would
 * make too narrow. So of samples, in the order in which they were taken, runs of neighbours are drawn
 * again rather than single ones, since rounds beside each other are alike (circular blocks: Politis and
 * Romano, 1992); and percentiles are further out the fewer blocks there are, as Student's t is beyond
 * the normal distribution (expanded percentiles: Hesterberg, 2015).
 */
import type { Estimate } from '../report';
import { randomFrom } from './random';
import { cumulativeStdNormalProbability, median, quantileSorted } from './statistics';

/** How often samples are drawn again: more would move no digit that is shown. */
const RESAMPLES = 2_000;

/** Below so many samples even all of them hold the median less often than 95 times in 100. */
export const FEWEST_SAMPLES = 6;

/** With fewer samples than these, blocks of them would be too few. */
const FEWEST_FOR_BLOCKS = 12;

/** The normal distribution's 97.5th percentile. */
const Z = 1.959964;

/** The median of samples and its interval; `null` where there are none. */
export function estimateOf(samples: readonly number[], seed: number): Estimate | null {
  if (samples.length === 0) return null;
  const resampled = resampledMedians(samples, seed);
  return { value: median([...samples]), ...intervalOf(resampled, samples.length) };
}

/** What 95 in a hundred of such figures are between. @param count - of the samples drawn from */
export function intervalOf(resampled: Float64Array, count: number): { low: number; high: number } {
  const tail = tailOf(Math.ceil(count / blockOf(count)));
  // simple-statistics takes whatever has a length and indices; its types say an array.
  const sorted = resampled.toSorted() as unknown as number[];
  return { low: quantileSorted(sorted, tail), high: quantileSorted(sorted, 1 - tail) };
}

/** The medians of samples drawn again, {@link RESAMPLES} times. */
export function resampledMedians(samples: readonly number[], seed: number): Float64Array {
  const count = samples.length;
  const sorted = samples.toSorted((a, b) => a - b);
  const ranks = ranksOf(samples);
  const random = randomFrom(seed);
  const block = blockOf(count);
  const drawn = new Uint32Array(count);
  return Float64Array.from({ length: RESAMPLES }, () => {
    drawn.fill(0);
    for (let at = 0; at < count; at += block) {
      const start = (random() * count) >>> 0;
      for (let k = 0; k < block && at + k < count; k += 1) {
        drawn[ranks[(start + k) % count]!]! += 1;
      }
    }
    return medianOfDrawn(sorted, drawn);
  });
}

/** How many neighbours are drawn together. */
function blockOf(count: number): number {
  return count < FEWEST_FOR_BLOCKS ? 1 : Math.round(Math.cbrt(count));
}

/** The share of resampled figures that is left out at each end. */
function tailOf(blocks: number): number {
  if (blocks < 2) return 0;
  const freedom = blocks - 1;
  // Student's t by the first terms of its expansion around the normal distribution.
  const t =
    Z + (Z ** 3 + Z) / (4 * freedom) + (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * freedom ** 2);
  return 1 - cumulativeStdNormalProbability(Math.sqrt(blocks / freedom) * t);
}

/** The place of each sample among them all when they are sorted. */
function ranksOf(samples: readonly number[]): Uint32Array {
  const ranks = new Uint32Array(samples.length);
  const order = samples.map((_, index) => index).sort((a, b) => samples[a]! - samples[b]!);
  order.forEach((index, rank) => (ranks[index] = rank));
  return ranks;
}

/** The median of sorted values of which each was drawn so many times: without sorting again. */
function medianOfDrawn(sorted: readonly number[], drawn: Uint32Array): number {
  const last = sorted.length - 1;
  const lower = nthDrawn(sorted, drawn, last >> 1);
  return last % 2 === 0 ? lower : (lower + nthDrawn(sorted, drawn, (last >> 1) + 1)) / 2;
}

function nthDrawn(sorted: readonly number[], drawn: Uint32Array, nth: number): number {
  let passed = 0;
  let rank = -1;
  while (passed <= nth) passed += drawn[++rank]!;
  return sorted[rank]!;
}
