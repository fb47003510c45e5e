/** What a span or an element can be put below, and where that is. */
import { Element } from '../flow/element';
import type { Counter } from '../handles/counter';
import { TraceContext } from './context/context';
import type { Origin } from './origin';
import { Span } from './span';

/**
 * What a span or an element is put below: a header `traceparent`, what `meter.extract()` gave, a span,
 * or an element. Nothing, and a header that is not valid, begin a new trace.
 */
export type Parent = string | TraceContext | Span | Element | null | undefined;

/**
 * Looks up where a parent is. False where it is nowhere: a new trace is to be begun. Never throws.
 *
 * @param tracestate - of a parent that is a header
 * @param refused - counts what is no parent at all
 */
export function locateParent(
  parent: unknown,
  tracestate: unknown,
  into: Origin,
  refused: Counter,
): boolean {
  if (typeof parent === 'string' || Array.isArray(parent)) {
    const context = TraceContext.of(parent, tracestate);
    if (context !== null) into.setContext(context);
    return context !== null;
  }
  if (Span.is(parent)) return Span.locate(parent, into);
  if (Element.is(parent)) return Element.locate(parent, into);
  if (!TraceContext.is(parent)) {
    refused.inc();
    return false;
  }
  into.setContext(parent);
  return true;
}
