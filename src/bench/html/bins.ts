/** A distribution regrouped for drawing: bins of equal width on a logarithmic axis. */
import type { DistributionData } from '../../snapshot/distribution';

const BINS = 80;

/** A bin, and how many values it has; a bucket that lies in several is spread over them. */
export interface Bin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

interface Bucket {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** Bins from the smallest value to the largest; none where there are no values. */
export function binsOf(distribution: DistributionData): readonly Bin[] {
  const buckets = bucketsOf(distribution);
  const low = buckets[0]?.low ?? 1;
  const high = Math.max(buckets.at(-1)?.high ?? 1, low * 1.02);
  if (buckets.length === 0) return [];
  const ratio = (high / low) ** (1 / BINS);
  return Array.from({ length: BINS }, (_, index) => {
    const bin = { low: low * ratio ** index, high: low * ratio ** (index + 1) };
    const count = buckets.reduce((sum, bucket) => sum + bucket.count * overlap(bucket, bin), 0);
    return { ...bin, count };
  });
}

function bucketsOf({ bounds, counts, min, max }: DistributionData): Bucket[] {
  return counts.flatMap((count, index) => {
    if (count === 0) return [];
    const bound = bounds[index] ?? max ?? (bounds.at(-1) ?? 1) * 2;
    const high = Math.max(Math.min(bound, max ?? Infinity), 1);
    const below = bounds[index - 1] ?? high / 2;
    return [{ low: Math.min(Math.max(below, min ?? 0, 1), high), high, count }];
  });
}

/** Of a bucket's logarithmic width, how much is in the bin. */
function overlap(bucket: Bucket, bin: { readonly low: number; readonly high: number }): number {
  const width = Math.log(bucket.high / bucket.low);
  if (!(width > 0)) return bucket.low >= bin.low && bucket.low < bin.high ? 1 : 0;
  const shared = Math.log(Math.min(bucket.high, bin.high) / Math.max(bucket.low, bin.low));
  return Math.max(shared, 0) / width;
}
