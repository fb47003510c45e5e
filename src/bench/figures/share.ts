/** Quotients of what was counted, of which nothing may have been. */

/** A part of a whole; 0 where the whole is 0. */
export function shareOf(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

/** The sum of one figure of each. */
export function totalOf<T>(items: readonly T[], figure: (item: T) => number): number {
  return items.reduce((total, item) => total + figure(item), 0);
}

/** The largest of one figure of each; 0 where there are none. */
export function mostOf<T>(items: readonly T[], figure: (item: T) => number): number {
  return items.reduce((most, item) => Math.max(most, figure(item)), 0);
}
