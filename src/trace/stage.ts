/**
 * Where the times and numbers of the span that is written next are put. A number that is passed to a
 * function which V8 does not inline is allocated: these are not.
 */

/** The numbers, at {@link START} and so on. */
export const stage = new Float64Array(4);
/** When it started, nanoseconds of the clock. */
export const START = 0;
/** How long it took, nanoseconds; below 0 counts as 0. */
export const DURATION = 1;
/** Which invocation, transfer or copy it is. */
export const SEQUENCE = 2;
/** Bytes, where its form has some; 0 between two spans. */
export const AMOUNT = 3;
