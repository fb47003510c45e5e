/**
 * The memory layout, as TypeScript sees it. Generated from `crates/core/src/layout.rs`, which explains
 * it; do not edit.
 */

/** The version of the layout. */
export const LAYOUT_VERSION = 1;
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
/** Tells layouts of one version apart. */
export const LAYOUT_HASH = '37abc46fd28eb752';
