/**
 * Medians with 95% percentile bootstrap intervals. Samples are in the order in which they were taken:
 * rounds beside each other are alike, so what is drawn are runs of neighbours (circular blocks, by
 * Politis and Romano), not single samples, or intervals would be too narrow.
 */
import type { Estimate } from '../report';
import { randomFrom } from './random';
import { median, quantileSorted } from './statistics';

/** How often samples are drawn again: more would move no digit that is shown. */
export const RESAMPLES = 2_000;

/** Below so many samples even all of them hold the median less often than 95 times in 100. */
export const FEWEST_SAMPLES = 6;

const TAIL = 0.025;

/** The median of samples and its interval; `null` where there are none. */
export function estimateOf(samples: readonly number[], seed: number): Estimate | null {
  if (samples.length === 0) return null;
  return { value: median(samples), ...intervalOf(resampledMedians(samples, seed)) };
}

/** What 95 in a hundred of resampled figures are between. */
export function intervalOf(resampled: Float64Array): { low: number; high: number } {
  const sorted = resampled.toSorted();
  // simple-statistics takes whatever has a length and indices; its types say an array.
  const list = sorted as unknown as number[];
  return { low: quantileSorted(list, TAIL), high: quantileSorted(list, 1 - TAIL) };
}

/** The medians of samples drawn again, {@link RESAMPLES} times. */
export function resampledMedians(samples: readonly number[], seed: number): Float64Array {
  const count = samples.length;
  const sorted = samples.toSorted((a, b) => a - b);
  const ranks = ranksOf(samples);
  const random = randomFrom(seed);
  const block = Math.max(1, Math.round(Math.cbrt(count)));
  const drawn = new Uint32Array(count);
  return Float64Array.from({ length: RESAMPLES }, () => {
    drawn.fill(0);
    for (let at = 0; at < count; at += block) {
      const start = Math.floor(random() * count);
      const length = Math.min(block, count - at);
      for (let k = 0; k < length; k += 1) drawn[ranks[(start + k) % count]!]! += 1;
    }
    return medianOfDrawn(sorted, drawn);
  });
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
