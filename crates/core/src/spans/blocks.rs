//! The mapped blocks that one lane's spans are in.

use crate::atomic::Ordering::Relaxed;
use crate::block::Block;
use crate::layout::spans::{EXPORT_BLOCKS, EXPORT_MISSED, OPEN_REFUSED};

/// A lane's flight ring, export ring, and table of what is open; made together.
#[derive(Debug)]
pub(crate) struct SpanBlocks {
    pub open: Block,
    pub exports: [Block; EXPORT_BLOCKS as usize],
    pub flight: Box<[Block]>,
}

impl SpanBlocks {
    /// What the flight ring's cell of that index counts.
    pub(crate) fn flight_count(&self, cell: u32) -> f64 {
        count(&self.flight[0], cell)
    }

    /// How many spans had been overwritten when their trace was promoted.
    pub(crate) fn missed(&self) -> f64 {
        count(&self.exports[0], EXPORT_MISSED)
    }

    /// How many promotions were refused.
    pub(crate) fn refused(&self) -> f64 {
        count(&self.open, OPEN_REFUSED)
    }
}

fn count(block: &Block, cell: u32) -> f64 {
    f64::from_bits(block.cell(cell).load(Relaxed))
}
