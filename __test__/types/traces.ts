/** What is read of traces has types that hold, and what is asked wrongly must not compile. */
import {
  open,
  type OpenSpanData,
  type PromotedSpan,
  type PromotionReason,
  type SpanData,
  type TraceData,
} from 'nanometer';
import { isTrue, type Same } from './same';

const meter = open({ tracing: { sampleRate: 0.5, promoteLatencyMs: null } });
open({ tracing: false });
// @ts-expect-error tracing is switched off by false alone
open({ tracing: true });
// @ts-expect-error no such setting
open({ tracing: { rate: 0.5 } });

isTrue<Same<ReturnType<typeof meter.traces>, TraceData[]>>();
isTrue<Same<ReturnType<typeof meter.trace>, TraceData | null>>();
isTrue<Same<ReturnType<typeof meter.openSpans>, OpenSpanData[]>>();

meter.traces();
meter.traces({ flow: 'a', component: 'b', name: 'c', status: 'ok', minDurationMs: 5, limit: 1 });
// @ts-expect-error misspelt
meter.traces({ componnent: 'a' });
// @ts-expect-error no such status
meter.traces({ status: 'failed' });
// @ts-expect-error a number of milliseconds
meter.traces({ minDurationMs: '5ms' });
// @ts-expect-error an id is needed
meter.trace();
// @ts-expect-error an id is a text
meter.trace(5n);
// @ts-expect-error a flow's id, not the flow
meter.openSpans(meter.flow('f', ['a']));

const [trace] = meter.traces();
if (trace !== undefined) {
  isTrue<Same<typeof trace.reason, PromotionReason | null>>();
  isTrue<Same<typeof trace.spans, readonly SpanData[]>>();
  // @ts-expect-error what is read is not written to
  trace.name = 'other';
}

const listener = (span: PromotedSpan): void => {
  isTrue<Same<typeof span.reason, PromotionReason>>();
  isTrue<Same<typeof span.seq, number>>();
  // @ts-expect-error spans are not written to
  span.durationNs = 0;
};
meter.on('span', listener).off('span', listener);
// @ts-expect-error a span is no event
meter.on('event', listener);
