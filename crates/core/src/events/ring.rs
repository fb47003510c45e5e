//! A lane's ring of events: slots in blocks of its own, used in turn.

use crate::atomic::Ordering::{self, Relaxed};
use crate::block::Block;
use crate::events::slot::SlotCells;
use crate::lane::Lane;
use crate::layout::{
    BLOCK_HEADER_CELLS, EVENT_BLOCKS, EVENT_SLOT_CELLS, EVENT_SLOTS, EVENT_SLOTS_PER_BLOCK,
    EVENTS_WRITTEN, LANE_LIVE,
};

/// What the events of one lane are read from.
pub(crate) trait Ring {
    /// How many slots it has.
    const SLOTS: u32 = EVENT_SLOTS;

    type Slot<'a>: SlotCells
    where
        Self: 'a;

    /// Whether a thread writes it now.
    fn is_live(&self) -> bool;

    /// One of its slots.
    fn slot(&self, index: u32) -> Self::Slot<'_>;
}

/// The mapped blocks of a ring.
#[derive(Debug)]
pub(crate) struct EventRing {
    blocks: [Block; EVENT_BLOCKS as usize],
}

impl EventRing {
    pub(crate) fn new(blocks: [Block; EVENT_BLOCKS as usize]) -> EventRing {
        EventRing { blocks }
    }

    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// How many of its events others have taken the place of.
    pub(crate) fn overwritten(&self) -> u64 {
        let written = f64::from_bits(self.blocks[0].cell(EVENTS_WRITTEN).load(Relaxed));
        (written as u64).saturating_sub(EVENT_SLOTS.into())
    }
}

/// The ring of a lane of this process.
#[derive(Debug)]
pub(crate) struct LaneRing<'a> {
    lane: &'a Lane,
    ring: &'a EventRing,
}

impl LaneRing<'_> {
    /// A lane's ring; `None` before its first event.
    pub(crate) fn of(lane: &Lane) -> Option<LaneRing<'_>> {
        Some(LaneRing { lane, ring: lane.events()? })
    }
}

impl Ring for LaneRing<'_> {
    type Slot<'a>
        = MappedSlot<'a>
    where
        Self: 'a;

    fn is_live(&self) -> bool {
        self.lane.state() == LANE_LIVE
    }

    fn slot(&self, index: u32) -> MappedSlot<'_> {
        let (block, first) = place(index);
        MappedSlot { block: &self.ring.blocks[block], first }
    }
}

/// The block of a slot among those of its ring, and the slot's first cell there.
pub(crate) fn place(slot: u32) -> (usize, u32) {
    let first = BLOCK_HEADER_CELLS + slot % EVENT_SLOTS_PER_BLOCK * EVENT_SLOT_CELLS;
    ((slot / EVENT_SLOTS_PER_BLOCK) as usize, first)
}

/// A slot in mapped memory.
pub(crate) struct MappedSlot<'a> {
    block: &'a Block,
    first: u32,
}

impl SlotCells for MappedSlot<'_> {
    fn load(&self, cell: u32, order: Ordering) -> u64 {
        self.block.cell(self.first + cell).load(order)
    }
}
