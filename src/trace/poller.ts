/** Promoted spans, as listeners get them. */
import type { BackendMeter } from '../backend/backend';
import { Poller } from '../poller';
import type { PromotionReason, SpanData } from './data';

/** A span of a trace that was promoted, recorded in whichever thread. */
export interface PromotedSpan extends SpanData {
  /**
   * Its number: promoted spans of all threads are numbered from 1, in the order in which they were
   * taken from the threads. A listener that sees a number left out has missed what was not kept.
   */
  readonly seq: number;
  /** Why it was promoted. */
  readonly reason: PromotionReason;
}

/** What is called with each promoted span. */
export type SpanListener = (span: PromotedSpan) => void;

/** What the backend answers. */
interface Answer {
  readonly spans: readonly PromotedSpan[];
  readonly last: number;
}

/** Hands out the promoted spans of a meter. */
export function spanPoller(meter: BackendMeter): Poller<PromotedSpan> {
  const read = (after: number): { items: readonly PromotedSpan[]; last: number } => {
    const { spans, last } = JSON.parse(meter.spans(after)) as Answer;
    return { items: spans, last };
  };
  return new Poller({ what: 'spans', read });
}
