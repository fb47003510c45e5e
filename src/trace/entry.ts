/**
 * How an entry of the open table is found by its number, and what this thread keeps in it for itself.
 *
 *     number    chunk << 9 | index
 *     words     past those that readers know:
 *               25   the span id of the component at work, as what is added to the root's
 *               26   marks: of an element; of a trace that this thread has other local traces of
 */
import * as layout from '../generated/layout';

/** The word of an entry whose holder knows that it is still the same. */
export const KNOWN_WORD = 0;
/** No entry. */
export const NO_ENTRY = -1;
/** Which bits of an entry's number name its chunk. */
export const CHUNK_SHIFT = 9;
/** Which bits name its place there. */
export const INDEX_MASK = 511;
/** The words of an entry, as a shift. */
export const ENTRY_SHIFT = 5;
layout.SPAN_WORDS satisfies 32;
/** The first word of the first entry of a chunk. */
export const FIRST_ENTRY = layout.BLOCK_HEADER_CELLS * 2;
/** Word: the span id of the component at work, less the root's; 0: none is. */
export const OPEN_AT_WORK = 25;
/** Word: its marks. */
export const OPEN_MARKS = 26;
/** Mark: it is an element's, which looks at its entry without asking whether it is still there. */
export const MARK_ELEMENT = 1;
/** Mark: this thread has other local traces of the trace. */
export const MARK_SHARED = 2;
