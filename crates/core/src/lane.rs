//! One thread's writable part of a segment: blocks that appear one by one.

use std::sync::OnceLock;

use crate::atomic::Ordering::Relaxed;
use crate::block::Block;
use crate::cells::Cells;
use crate::events::EventRing;
use crate::layout::{CELLS_PER_BLOCK, LANE_LIVE};
use crate::spans::SpanBlocks;

/// A lane: blocks that appear one by one and stay.
#[derive(Debug)]
pub(crate) struct Lane {
    pub number: u32,
    blocks: Box<[OnceLock<Block>]>,
    events: OnceLock<EventRing>,
    spans: OnceLock<SpanBlocks>,
    state: crate::atomic::fixed::AtomicU32,
}

impl Lane {
    pub(crate) fn new(number: u32, max_blocks: u32) -> Lane {
        let blocks = (0..max_blocks).map(|_| OnceLock::new()).collect();
        Lane {
            number,
            blocks,
            events: OnceLock::new(),
            spans: OnceLock::new(),
            state: LANE_LIVE.into(),
        }
    }

    pub(crate) fn state(&self) -> u32 {
        self.state.load(Relaxed)
    }

    pub(crate) fn set_state(&self, state: u32) {
        self.state.store(state, Relaxed);
    }

    pub(crate) fn block(&self, number: u32) -> Option<&Block> {
        self.blocks.get(number as usize)?.get()
    }

    /// Puts a block in its place; the lock of the meter makes this happen once.
    pub(crate) fn install(&self, number: u32, block: Block) -> Option<&Block> {
        Some(self.blocks.get(number as usize)?.get_or_init(|| block))
    }

    /// The lane's ring of events; `None` before its first event.
    pub(crate) fn events(&self) -> Option<&EventRing> {
        self.events.get()
    }

    /// Puts the ring in its place; the lock of the meter makes this happen once.
    pub(crate) fn install_events(&self, ring: EventRing) -> &EventRing {
        self.events.get_or_init(|| ring)
    }

    /// The lane's rings of spans and its open table; `None` before its first span.
    pub(crate) fn spans(&self) -> Option<&SpanBlocks> {
        self.spans.get()
    }

    /// Puts them in their place; the lock of the meter makes this happen once.
    pub(crate) fn install_spans(&self, blocks: SpanBlocks) -> &SpanBlocks {
        self.spans.get_or_init(|| blocks)
    }

    pub(crate) fn blocks(&self) -> impl Iterator<Item = (u32, &Block)> {
        let numbered = self.blocks.iter().enumerate();
        numbered.filter_map(|(number, block)| Some((number as u32, block.get()?)))
    }

    /// Sets cells back to +0. Only where no thread writes them.
    pub(crate) fn clear(&self, position: u32, cells: u32) {
        if let Some(block) = self.block(position / CELLS_PER_BLOCK) {
            let first = position % CELLS_PER_BLOCK;
            (first..first + cells).for_each(|index| block.cell(index).store(0, Relaxed));
        }
    }
}

impl Cells for Lane {
    fn is_live(&self) -> bool {
        self.state() == LANE_LIVE
    }

    fn load(&self, position: u32, cells: &mut [u64]) -> bool {
        let Some(block) = self.block(position / CELLS_PER_BLOCK) else {
            return false;
        };
        let first = position % CELLS_PER_BLOCK;
        for (index, cell) in (first..).zip(cells) {
            *cell = block.cell(index).load(Relaxed);
        }
        true
    }
}
