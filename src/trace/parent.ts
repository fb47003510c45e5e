/** Looks up what a span or an element is put below. */
import type { Counter } from '../handles/counter';
import { TraceContext } from './context/context';
import type { Origin } from './origin';
import { LOCATE, type Place } from './place';

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
  const place = locate(parent, into);
  // What looks like a place may answer anything.
  if (place !== into && place !== null) refused.inc();
  return place === into;
}

function locate(parent: unknown, into: Origin): unknown {
  try {
    return (parent as Partial<Place>)[LOCATE]?.(into);
  } catch {
    // Nothing at all, or what throws when it is looked at.
    return undefined;
  }
}
