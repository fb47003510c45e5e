//! The mapped blocks that one lane's spans are in.

use crate::block::Block;
use crate::layout::spans::EXPORT_BLOCKS;

/// A lane's flight ring, export ring, and table of what is open; made together.
#[derive(Debug)]
pub(crate) struct SpanBlocks {
    pub open: Block,
    pub exports: [Block; EXPORT_BLOCKS as usize],
    pub flight: Box<[Block]>,
}
