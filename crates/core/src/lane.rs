//! One thread's writable part of a segment, and the guard that makes its writer single.

use std::ptr::NonNull;
use std::sync::{Arc, OnceLock};

use crate::atomic::Ordering::Relaxed;
use crate::block::Block;
use crate::layout::{CELLS_PER_BLOCK, LANE_LIVE};
use crate::merge::Cells;
use crate::meter::Meter;

/// A lane: blocks that appear one by one and stay.
#[derive(Debug)]
pub(crate) struct Lane {
    pub number: u32,
    blocks: Box<[OnceLock<Block>]>,
    state: crate::atomic::fixed::AtomicU32,
}

impl Lane {
    pub(crate) fn new(number: u32, max_blocks: u32) -> Lane {
        let blocks = (0..max_blocks).map(|_| OnceLock::new()).collect();
        Lane { number, blocks, state: LANE_LIVE.into() }
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

/// A thread's right to write a lane: there is one for each live lane. Dropped when the thread
/// ends, it retires the lane; what was counted there still counts.
#[derive(Debug)]
pub struct LaneGuard {
    meter: Arc<Meter>,
    lane: Arc<Lane>,
    tenancy: u64,
}

impl LaneGuard {
    pub(crate) fn new(meter: Arc<Meter>, lane: Arc<Lane>, tenancy: u64) -> LaneGuard {
        LaneGuard { meter, lane, tenancy }
    }

    /// The meter whose lane it is.
    pub fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// Where this lane's block of that number is, made at first use: [`crate::layout::BLOCK_BYTES`]
    /// bytes that stay there while the guard lives. `None` for a block in which nothing is defined.
    pub fn block(&self, number: u32) -> Option<NonNull<u8>> {
        match self.lane.block(number) {
            Some(block) => Some(block.base()),
            None => self.meter.add_lane_block(&self.lane, number).map(Block::base),
        }
    }

    /// The position of the series with these label values, made where it is new; `None` when the
    /// overflow series is to take it, which has been counted.
    pub fn bind(&self, family: u32, values: &[String]) -> Option<u32> {
        self.meter.bind(self.tenancy, family, values)
    }

    /// Gives up this thread's hold on a series; true when nobody holds it any more, so that it is
    /// gone. The thread must not write its cells again.
    pub fn release(&self, family: u32, values: &[String]) -> bool {
        self.meter.release(self.tenancy, family, values)
    }
}

impl Drop for LaneGuard {
    fn drop(&mut self) {
        self.meter.detach(&self.lane, self.tenancy);
    }
}
