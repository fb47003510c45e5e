//! Lanes and blocks: threads that come and go, and the memory that they are given.

use std::sync::Arc;

use super::{LaneGuard, Meter, State};
use crate::block::Block;
use crate::cells::Cells;
use crate::definition::Kind;
use crate::error::AttachError;
use crate::lane::Lane;
use crate::layout::{
    BLOCK_BYTES, GAUGE_STAMP, KIND_LANE, KIND_NATIVE, LANE_LIVE, LANE_RETIRED, MAX_LANES,
};
use crate::positions::Range;
use crate::segment::Purpose;

impl Meter {
    /// Gives this thread a lane: one that a thread has left, else a new one.
    ///
    /// # Errors
    ///
    /// [`AttachError::Full`] when [`MAX_LANES`] threads record already.
    pub fn attach(self: &Arc<Self>) -> Result<LaneGuard, AttachError> {
        let mut state = self.lock();
        let retired = state.lanes.iter().find(|lane| lane.state() == LANE_RETIRED).cloned();
        let lane = match retired {
            Some(lane) => {
                state.withdraw_readings(&lane);
                lane
            }
            None => {
                let number = state.lanes.len() as u32 + 1;
                if number >= MAX_LANES {
                    return Err(AttachError::Full { lanes: MAX_LANES - 1 });
                }
                let max_blocks = (self.max_lane_bytes / BLOCK_BYTES) as u32;
                let lane = Arc::new(Lane::new(number, max_blocks));
                Arc::make_mut(&mut state.lanes).push(Arc::clone(&lane));
                lane
            }
        };
        lane.set_state(LANE_LIVE);
        self.segment.set_lane_state(lane.number, LANE_LIVE);
        let tenancy = state.next_tenancy;
        state.next_tenancy += 1;
        state.live.push(tenancy);
        self.count_lanes(&state);
        drop(state);
        Ok(LaneGuard::new(Arc::clone(self), lane, tenancy))
    }

    pub(crate) fn detach(&self, lane: &Lane, tenancy: u64) {
        let mut state = self.lock();
        lane.set_state(LANE_RETIRED);
        self.segment.set_lane_state(lane.number, LANE_RETIRED);
        state.live.retain(|live| *live != tenancy);
        for (family, values) in std::mem::take(&mut state.unwanted) {
            if state.families[family as usize].is_unwanted(&values) {
                self.release_held(&mut state, tenancy, family, values);
            }
        }
        self.count_lanes(&state);
    }

    pub(crate) fn add_lane_block<'a>(&self, lane: &'a Lane, number: u32) -> Option<&'a Block> {
        let state = self.lock();
        state.positions.gate(number)?;
        let block = self.new_block(Purpose { kind: KIND_LANE, lane: lane.number, number })?;
        block.set_gate(state.gate(number));
        lane.install(number, block)
    }

    pub(super) fn add_native_block(&self, number: u32) -> Option<()> {
        if self.native_lane.block(number).is_none() {
            let block = self.new_block(Purpose { kind: KIND_NATIVE, lane: 0, number })?;
            self.native_lane.install(number, block);
        }
        Some(())
    }

    pub(super) fn new_block(&self, purpose: Purpose) -> Option<Block> {
        let (block, refused) = self.segment.add_block(purpose);
        self.warn_of(refused);
        self.count_segment();
        block
    }

    fn count_lanes(&self, state: &State) {
        if let Some(own) = self.own.get() {
            let live = state.lanes.iter().filter(|lane| lane.state() == LANE_LIVE).count();
            own.lanes_live.set(live as f64);
            own.lanes_retired.set((state.lanes.len() - live) as f64);
        }
    }
}

impl State {
    /// Takes back what a thread that has ended had set and not settled, before another writes its
    /// lane.
    fn withdraw_readings(&self, lane: &Lane) {
        let readings = self.families.iter().filter(|family| {
            matches!(family.definition.kind, Kind::Gauge | Kind::State) && !family.native
        });
        for place in readings.flat_map(|family| family.series.iter().chain(&family.overflow)) {
            let Range { position, cells, .. } = place.range;
            let mut stamp = [0];
            if lane.load(position + GAUGE_STAMP, &mut stamp) && f64::from_bits(stamp[0]) > 0.0 {
                lane.clear(position, cells);
            }
        }
    }
}
