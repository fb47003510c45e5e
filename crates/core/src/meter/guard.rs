//! A thread's hold on its lane: what makes the lane's writer single.

use std::ptr::NonNull;
use std::sync::Arc;

use super::Meter;
use crate::block::Block;
use crate::lane::Lane;

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

    pub(crate) fn share_lane(&self) -> Arc<Lane> {
        Arc::clone(&self.lane)
    }

    pub(crate) fn lane(&self) -> &Lane {
        &self.lane
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
