//! A mapped block as the slots, or the entries, that it is divided into: found once, and used
//! without asking again whether they are in it.

use crate::atomic::fixed::AtomicU64;
use crate::block::Block;
use crate::layout::spans::{SPAN_CELLS, SPANS_PER_BLOCK};
use crate::layout::{BLOCK_BYTES, BLOCK_HEADER_CELLS, CELL_BYTES};

/// The cells of a slot, or of an entry of the open table.
pub(super) type MappedCells = [AtomicU64; SPAN_CELLS as usize];

const USED_BYTES: usize =
    BLOCK_HEADER_CELLS as usize * CELL_BYTES + SPANS_PER_BLOCK as usize * size_of::<MappedCells>();

/// A block of slots.
#[repr(C)]
pub(super) struct SlotBlock {
    pub head: [AtomicU64; BLOCK_HEADER_CELLS as usize],
    pub slots: [MappedCells; SPANS_PER_BLOCK as usize],
    _rest: [AtomicU64; (BLOCK_BYTES - USED_BYTES) / CELL_BYTES],
}

const _: () = assert!(size_of::<SlotBlock>() == BLOCK_BYTES);

impl SlotBlock {
    pub(super) fn of(block: &Block) -> &SlotBlock {
        // SAFETY: a block is mapped while it lives, aligned to a page, of this size, and reached
        // through atomics only.
        unsafe { block.base().cast().as_ref() }
    }
}
