//! A ring of spans in mapped blocks.

use super::export::ExportRing;
use super::slot::Ring;
use crate::atomic::Ordering;
use crate::block::Block;
use crate::events::slot::SlotCells;
use crate::layout::BLOCK_HEADER_CELLS;
use crate::layout::spans::{EXPORT_HEAD, EXPORT_TAIL, SPAN_CELLS, SPANS_PER_BLOCK};

/// The blocks of a flight ring or of an export ring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MappedRing<'a>(pub &'a [Block]);

/// A slot, or an entry of the open table, in mapped memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MappedSlot<'a> {
    block: &'a Block,
    first: u32,
}

impl MappedSlot<'_> {
    /// The slot of a block.
    pub(crate) fn of(block: &Block, index: u32) -> MappedSlot<'_> {
        MappedSlot { block, first: first_cell(index) }
    }
}

/// The first cell of a slot in its block.
pub(crate) fn first_cell(index: u32) -> u32 {
    BLOCK_HEADER_CELLS + index % SPANS_PER_BLOCK * SPAN_CELLS
}

impl SlotCells for MappedSlot<'_> {
    fn load(&self, cell: u32, order: Ordering) -> u64 {
        self.block.cell(self.first + cell).load(order)
    }
}

impl Ring for MappedRing<'_> {
    type Slot<'a>
        = MappedSlot<'a>
    where
        Self: 'a;

    fn slots(&self) -> u32 {
        self.0.len() as u32 * SPANS_PER_BLOCK
    }

    fn slot(&self, index: u32) -> MappedSlot<'_> {
        MappedSlot::of(&self.0[(index / SPANS_PER_BLOCK) as usize], index)
    }
}

impl ExportRing for MappedRing<'_> {
    fn head(&self, order: Ordering) -> f64 {
        f64::from_bits(self.0[0].cell(EXPORT_HEAD).load(order))
    }

    fn tail(&self, order: Ordering) -> f64 {
        f64::from_bits(self.0[1].cell(EXPORT_TAIL).load(order))
    }

    fn set_tail(&self, slots: f64, order: Ordering) {
        self.0[1].cell(EXPORT_TAIL).store(slots.to_bits(), order);
    }
}
