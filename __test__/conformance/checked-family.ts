/** What the checker's rules look at: a family with its samples, and how two of them are compared. */
import type { Keyword, SampleLine } from './exposition-lines';

/** Tells the judge of a broken rule. */
export type Report = (rule: string, line: number, detail: string) => void;

/** The samples of a family, with where they stand. */
export interface Family {
  readonly name: string;
  readonly line: number;
  readonly metadata: Map<Keyword, string>;
  readonly keywords: Keyword[];
  readonly samples: { readonly line: number; readonly sample: SampleLine }[];
}

/** A key that two samples share only if they are one series, whatever the order of the labels. */
export function seriesKey(name: string, labels: SampleLine['labels']): string {
  return JSON.stringify([name, ...labels.map((label) => JSON.stringify(label)).sort()]);
}

/** The number that a value or a bound stands for. */
export function numberOf(text: string): number {
  if (text === '+Inf') return Infinity;
  return text === '-Inf' ? -Infinity : Number(text);
}
