//! Events: the rings of the lanes, made and read.

use std::ptr::NonNull;

use super::{LaneGuard, Meter};
use crate::block::Block;
use crate::events::{EventRing, Events, LaneRing, read};
use crate::lane::Lane;
use crate::layout::KIND_EVENTS;
use crate::process::unix_ms;
use crate::segment::Purpose;

/// Where a thread writes its events; see [`crate::layout`].
#[derive(Clone, Debug)]
pub struct EventMemory {
    /// Eight bytes: the count of all events, which all threads add to atomically.
    pub sequence: NonNull<u8>,
    /// The blocks of the thread's ring.
    pub blocks: Vec<NonNull<u8>>,
}

impl Meter {
    /// The events with numbers above `after` that no later ones have overwritten, 10,000 at most.
    /// Takes time in proportion to lanes with events; recording threads are not disturbed.
    pub fn events(&self, after: u64) -> Events {
        // First of all: see `read`.
        let claimed = self.segment.events_claimed();
        let lanes = std::sync::Arc::clone(&self.lock().lanes);
        let rings: Vec<LaneRing<'_>> = lanes.iter().filter_map(|lane| LaneRing::of(lane)).collect();
        read(claimed, &rings, after, unix_ms())
    }

    /// Brings the metric of overwritten events up to date.
    pub(super) fn count_overwritten_events(&self) {
        if let Some(own) = self.own.get() {
            let lanes = std::sync::Arc::clone(&self.lock().lanes);
            let rings = lanes.iter().filter_map(|lane| lane.events());
            own.events_overwritten.raise(rings.map(EventRing::overwritten).sum());
        }
    }

    fn add_event_ring<'a>(&self, lane: &'a Lane) -> Option<&'a EventRing> {
        let _state = self.lock();
        let block =
            |number| self.new_block(Purpose { kind: KIND_EVENTS, lane: lane.number, number });
        let ring = EventRing::new([block(0)?, block(1)?, block(2)?, block(3)?]);
        Some(lane.install_events(ring))
    }
}

impl LaneGuard {
    /// Where this thread's events go, made at first use: it stays there while the guard lives.
    /// `None` where the system has no 256 KiB of memory left.
    pub fn events(&self) -> Option<EventMemory> {
        let ring = match self.lane().events() {
            Some(ring) => ring,
            None => self.meter().add_event_ring(self.lane())?,
        };
        Some(EventMemory {
            sequence: self.meter().segment.events_word(),
            blocks: ring.blocks().iter().map(Block::base).collect(),
        })
    }
}
