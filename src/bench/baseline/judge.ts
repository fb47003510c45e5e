/** What is said of a change, from its interval alone. */
import type { ComparisonLine, Estimate } from '../report';

/** A change that is looked for: smaller ones two runs of one program may show. */
const SMALL = 0.05;

/**
 * A regression is where the whole interval is beyond the threshold; better and worse are where none of
 * it is on the other side of no change. The same is where no change is in it, and where one that matters
 * would have been found: the interval is short, or within the threshold.
 *
 * @param worse - 1 where more is worse, -1 where less is
 * @param isEnough - whether there were rounds enough for an interval
 */
export function judge(
  change: Estimate,
  worse: 1 | -1,
  threshold: number | null,
  isEnough: boolean,
): Pick<ComparisonLine, 'judgement' | 'isRegression'> {
  if (!isEnough) return { judgement: 'undecided', isRegression: false };
  // As how much worse it is, whichever direction that is in.
  const [least, most] = worse > 0 ? [change.low, change.high] : [-change.high, -change.low];
  const limit = threshold === null ? Infinity : threshold * worse;
  if (least > limit) return { judgement: 'worse', isRegression: true };
  return { judgement: judgementOf(least, most, limit), isRegression: false };
}

function judgementOf(least: number, most: number, limit: number): ComparisonLine['judgement'] {
  if (least > 0) return 'worse';
  if (most < 0) return 'better';
  const isShort = (most - least) / 2 <= SMALL;
  const isWithin = limit < Infinity && least >= -limit && most <= limit;
  return isShort || isWithin ? 'same' : 'undecided';
}
