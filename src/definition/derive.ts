/** Derived metrics: quotients of two others, computed when those have been read. */
import type { Derive } from './define';

/** The value of a derived metric; 0 where that would divide by 0. */
export function quotient(derive: Derive, numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : (derive.factor * numerator) / denominator;
}
