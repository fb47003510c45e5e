/**
 * The memory layout, as TypeScript sees it. Generated from `crates/core/src/layout.rs`, which explains
 * it; do not edit.
 */

/** The version of the layout. */
export const LAYOUT_VERSION = 2;
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
/** Tells layouts of one version apart. */
export const LAYOUT_HASH = '96349ae8b8e6a74d';
