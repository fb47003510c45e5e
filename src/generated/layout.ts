/**
 * The memory layout, as TypeScript sees it. Generated from `crates/core/src/layout.rs`, which explains
 * it; do not edit.
 */

/** The version of the layout. */
export const LAYOUT_VERSION = 3;
/** Size of a block in bytes. */
export const BLOCK_BYTES = 65536;
/** Cells in a block, its header's included. */
export const CELLS_PER_BLOCK = 8192;
/** Cells at the start of a block that its header takes. */
export const BLOCK_HEADER_CELLS = 8;
/** Index of a block's gate: above zero when the block records. */
export const GATE = 4;
/** Cells of a gauge. */
export const GAUGE_CELLS = 2;
/** Cell of a gauge's reading. */
export const GAUGE_VALUE = 0;
/** Cell of a gauge's stamp: 0 while the thread has not set it. */
export const GAUGE_STAMP = 1;
/** Cells of a counter. */
export const COUNTER_CELLS = 1;
/** Cells of an exemplar, after all others of its series. */
export const EXEMPLAR_CELLS = 2;
/** Cell of an exemplar's serial; below 0 where it is a counter's, and 1 the increment. */
export const EXEMPLAR_SERIAL = 0;
/** Cell of an exemplar's value. */
export const EXEMPLAR_VALUE = 1;
/** Cells of a histogram before its buckets. */
export const HISTOGRAM_HEAD_CELLS = 3;
/** Cell of the sum of a histogram's values. */
export const HISTOGRAM_SUM = 0;
/** Cell of the smallest value, negated; +0 while there is none. */
export const HISTOGRAM_NEGATED_MIN = 1;
/** Cell of the largest value. */
export const HISTOGRAM_MAX = 2;
/** Blocks of a lane's ring of events. */
export const EVENT_BLOCKS = 4;
/** Cells of a slot, which holds one event. */
export const EVENT_SLOT_CELLS = 64;
/** Slots in one block of a ring. */
export const EVENT_SLOTS_PER_BLOCK = 127;
/** Index, in a ring's first block, of how many events were published. */
export const EVENTS_WRITTEN = 5;
/** Cell of a slot's word: 0 never used, -1 being written, else the event's number. */
export const EVENT_WORD = 0;
/** Cell of when a slot was last opened, Unix milliseconds. */
export const EVENT_OPENED_AT = 1;
/** Cell of when an event happened, Unix milliseconds. */
export const EVENT_AT = 2;
/** Cell of the length of an event's text in bytes. */
export const EVENT_LENGTH = 3;
/** First cell of an event's text. */
export const EVENT_TEXT = 4;
/** The most bytes of an event's text. */
export const EVENT_TEXT_BYTES = 480;
/** Cell of the sample rate, 0 to 1. */
export const TRACING_SAMPLE_RATE = 0;
/** Cell that is 1 where failed elements are promoted. */
export const TRACING_PROMOTE_ERRORS = 1;
/** Cell of the latency from which on elements are promoted, nanoseconds; Infinity: none are. */
export const TRACING_PROMOTE_LATENCY_NS = 2;
/** Cell of the most promotions a second of the process; Infinity: no limit. */
export const TRACING_MOST_PROMOTIONS = 3;
/** Cell of how many traces have been asked for; published after the id. */
export const TRACING_WANTED = 4;
/** Word of the second, by the clock, whose promotions are counted; the word after counts them. */
export const TRACING_WINDOW = 10;
/** Cell that is 1 where spans are recorded at all. */
export const TRACING_ENABLED = 6;
/** Cell of the Unix time, milliseconds, at which the clock was 0; kept up to date. */
export const TRACING_WALL_MS = 7;
/** Word of the first trace id that is asked for: four words each, used in turn. */
export const WANTED_FIRST = 16;
/** How many traces that are asked for are remembered. */
export const WANTED_TRACES = 64;
/** Cell, behind those, that is 1 where counters and histograms have cells for exemplars. */
export const TRACING_EXEMPLARS = 136;
/** Words, of four bytes, of a slot. */
export const SPAN_WORDS = 32;
/** Slots, or entries, in one block. */
export const SPANS_PER_BLOCK = 511;
/** Blocks of an export ring. */
export const EXPORT_BLOCKS = 4;
/** Cell, in the first block of a flight ring: how many slots have been used since it began. */
export const FLIGHT_CURSOR = 2;
/** Cell: how many spans were recorded. */
export const FLIGHT_RECORDED = 3;
/** Cell: how many spans were overwritten that were neither promoted nor dropped. */
export const FLIGHT_OVERWRITTEN = 4;
/** Cell: how many spans were promoted, into the export ring. */
export const FLIGHT_PROMOTED = 5;
/** Cell: how many spans were dropped because the export ring was full. */
export const FLIGHT_DROPPED_FULL = 6;
/** Cell: how many spans were dropped because there were too many promotions. */
export const FLIGHT_DROPPED_LIMIT = 7;
/** Cell, in the first block of an export ring: how many slots were published since it began. */
export const EXPORT_HEAD = 2;
/** Cell: how many spans had been overwritten when their trace was promoted. */
export const EXPORT_MISSED = 3;
/** Cell, in the second block of an export ring, written by its reader: how many slots were read. */
export const EXPORT_TAIL = 2;
/** Cell, in the open table's block: how many local traces were begun. */
export const OPEN_SERIALS = 2;
/** Cell: how many promotions were refused because there were too many. */
export const OPEN_REFUSED = 3;
/** Cell: how many traces were asked for, of which the thread did not see the id in time. */
export const OPEN_WANTED_MISSED = 4;
/** Word of a slot's word. */
export const SPAN_WORD = 0;
/** Word of a span's fate. */
export const SPAN_FATE = 1;
/** First word of the trace id. */
export const SPAN_TRACE = 2;
/** First word of the span id. */
export const SPAN_ID = 6;
/** First word of the parent's id. */
export const SPAN_PARENT = 8;
/** Word of form, kind, status and reason. */
export const SPAN_FORM = 10;
/** Word of the name's number. */
export const SPAN_NAME = 11;
/** Word of the flow's number. */
export const SPAN_FLOW = 12;
/** Word of the component's number. */
export const SPAN_COMPONENT = 13;
/** Word of the slot of the span before. */
export const SPAN_PREVIOUS_SLOT = 14;
/** Word of the word of the span before. */
export const SPAN_PREVIOUS_WORD = 15;
/** Cell of the start. */
export const SPAN_START = 8;
/** Cell of the duration. */
export const SPAN_DURATION = 9;
/** Cell of the sequence number. */
export const SPAN_SEQUENCE = 10;
/** Cell of the amount. */
export const SPAN_AMOUNT = 11;
/** Cell of the serial. */
export const SPAN_SERIAL = 12;
/** Word of the length of the text. */
export const SPAN_TEXT_BYTES = 26;
/** Word of the number of slots of text. */
export const SPAN_TEXT_SLOTS = 27;
/** Word of the trace flags. */
export const SPAN_TRACE_FLAGS = 28;
/** The most slots of text of one span. */
export const MOST_TEXT_SLOTS = 32;
/** Bytes of text in a slot of text. */
export const TEXT_SLOT_BYTES = 124;
/** Fate: in the flight ring only. */
export const FATE_KEPT = 0;
/** Fate: copied to the export ring. */
export const FATE_PROMOTED = 1;
/** Fate: dropped, by a full export ring or by the limit; counted. */
export const FATE_DROPPED = 2;
/** Form: named by the span itself. */
export const FORM_PLAIN = 0;
/** Form: `flow:{flow}`. */
export const FORM_FLOW = 1;
/** Form: `component:{component}:invoke:{sequence}`. */
export const FORM_INVOKE = 2;
/** Form: `resource:transfer:{sequence}`. */
export const FORM_TRANSFER = 3;
/** Form: `resource:copy:{sequence}`; its name is the reason, its amount the bytes. */
export const FORM_COPY = 4;
/** Form: `backpressure:{component}`, which is the stream's id. */
export const FORM_BACKPRESSURE = 5;
/** Status, in OpenTelemetry's numbers: unset. */
export const STATUS_UNSET = 0;
/** Status: it went well, somebody said. */
export const STATUS_OK = 1;
/** Status: it failed. */
export const STATUS_ERROR = 2;
/** Reason of a promotion: sampled at the head, here or by the caller. */
export const REASON_HEAD = 1;
/** Reason: an error. */
export const REASON_ERROR = 2;
/** Reason: slow. */
export const REASON_LATENCY = 3;
/** Reason: asked for. */
export const REASON_MANUAL = 4;
/** Reason: an exemplar names it. Given by the reader, which takes the spans from flight rings. */
export const REASON_EXEMPLAR = 5;
/** Word of an entry's word. */
export const OPEN_WORD = 0;
/** Word of an entry's decision. */
export const OPEN_DECISION = 1;
/** First word of the trace id. */
export const OPEN_TRACE = 2;
/** First word of the local root's span id. */
export const OPEN_ID = 6;
/** First word of its parent's. */
export const OPEN_PARENT = 8;
/** Word of the name's number. */
export const OPEN_NAME = 10;
/** Word of the flow's number. */
export const OPEN_FLOW = 11;
/** Word of the number of the component at work. */
export const OPEN_COMPONENT = 12;
/** Word of the slot of the span that ended last. */
export const OPEN_LAST_SLOT = 13;
/** Word of that span's word. */
export const OPEN_LAST_WORD = 14;
/** Word of the trace flags. */
export const OPEN_TRACE_FLAGS = 15;
/** Cell of the start. */
export const OPEN_START = 8;
/** Cell of since when the component has been at work. */
export const OPEN_COMPONENT_START = 9;
/** Cell of the serial. */
export const OPEN_SERIAL = 10;
/** Word of how many of its spans were recorded. */
export const OPEN_SPANS = 22;
/** Word of how many span ids it has given. */
export const OPEN_IDS = 23;
/** The most texts that a segment has numbers for; they begin at 1. */
export const MOST_TEXTS = 65535;
/** The most bytes of such a text. */
export const MOST_TEXT_BYTES = 1024;
/** Word, behind the clock's cell, of the order that is given with the next reading. */
export const BELL_ORDER = 2;
/** How far the number of the scribe that an order is for is shifted left in it. */
export const BELL_SCRIBE_SHIFT = 8;
/** How far the number of the tally that goes with an order is shifted left in it; 0 is none. */
export const BELL_TALLY_SHIFT = 18;
/** The most tallies of a scribe. */
export const MOST_TALLIES = 16383;
/** The most scribes of a thread, whose numbers go from 1 on; all bits of a number. */
export const MOST_SCRIBES = 1023;
/** Bytes of the clock's cell and the bell. */
export const BELL_BYTES = 64;
/** Order: open a local trace that begins now. */
export const ORDER_OPEN = 1;
/** Order: a component begins to work now. */
export const ORDER_ENTER = 2;
/** Order: it ends now, and well, if its local trace has not been given up. */
export const ORDER_LEAVE = 3;
/** Order: a span ends now. */
export const ORDER_END = 4;
/** Order: a span is over, and has the duration that stands on the desk; the clock is not read. */
export const ORDER_WRITE = 5;
/** Bits of an order that say which it is. */
export const ORDER_MASK = 127;
/** Bit of the order that leaves the clock unread. */
export const ORDER_UNTIMED = 128;
/** Outcome: the local trace is decided. */
export const OUTCOME_DECIDED = 1;
/** Outcome: all spans of the local trace have ended. */
export const OUTCOME_OVER = 2;
/** Outcome: the local trace has been given up. */
export const OUTCOME_GONE = 4;
/** Outcome: what was tallied took longer than is usual. */
export const OUTCOME_SLOW = 8;
/** Bytes of a desk. */
export const DESK_BYTES = 112;
/** Word of the entry. */
export const DESK_ENTRY = 0;
/** Word of the entry's word. */
export const DESK_WORD = 1;
/** Word of the span's id, less the root's. */
export const DESK_ID = 2;
/** Word of form, kind and status. */
export const DESK_FORM = 3;
/** Word of its parent's id, less the root's; -1: the root's parent. */
export const DESK_PARENT = 4;
/** Word of the component's number. */
export const DESK_COMPONENT = 5;
/** Word of the name's number. */
export const DESK_NAME = 6;
/** Word of the entry's marks. */
export const DESK_MARKS = 7;
/** Word of the flow's number. */
export const DESK_FLOW = 8;
/** Word of the trace flags. */
export const DESK_FLAGS = 9;
/** Word of the decision. */
export const DESK_DECISION = 10;
/** Word of the outcome. */
export const DESK_OUTCOME = 11;
/** First word of the ids: trace, root, and what is above it. */
export const DESK_IDS = 12;
/** Cell of the start. */
export const DESK_START = 10;
/** Cell of the duration. */
export const DESK_DURATION = 11;
/** Cell of the sequence number. */
export const DESK_SEQUENCE = 12;
/** Cell of the amount. */
export const DESK_AMOUNT = 13;
/** Tells layouts of one version apart. */
export const LAYOUT_HASH = '8f38fdfcf1169a3c';
