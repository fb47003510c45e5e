/** What a program names as the place of its code, its spans and its elements. */
import type { Element } from '../flow/element';
import type { TraceContext } from '../trace/context/context';
import type { Span } from '../trace/span';

/**
 * What a span or an element is put below: a header `traceparent`, what `meter.extract()` gave, a span,
 * or an element. Nothing, and a header that is not valid, begin a new trace.
 */
export type Parent = string | TraceContext | Span | Element | null | undefined;

/** What code can be part of. */
export type ActiveSpan = Span | Element;
