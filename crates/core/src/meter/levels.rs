//! The level, and its leases: set by anybody, taken back by a native thread.

use std::time::{Duration, Instant};

use super::{Meter, State};
use crate::level::Level;
use crate::positions::Gate;

/// A level that goes back by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lease {
    back_to: Level,
    deadline: Instant,
}

pub(super) struct StirListener(Box<dyn Fn() + Send + Sync>);

impl std::fmt::Debug for StirListener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StirListener")
    }
}

impl Meter {
    /// The level now.
    pub fn level(&self) -> Level {
        self.lock().level
    }

    /// Sets the level in all threads at once. With a time, it goes back after it to the level that
    /// was set without one.
    pub fn set_level(&self, level: Level, lease: Option<Duration>) {
        let mut state = self.lock();
        let back_to = state.lease.map_or(state.level, |lease| lease.back_to);
        // A lease too long for the clock to hold never ends.
        state.lease = lease
            .and_then(|time| Instant::now().checked_add(time))
            .map(|deadline| Lease { back_to, deadline });
        self.apply_level(&mut state, level);
        drop(state);
        self.stir();
    }

    /// When a leased level ends, if the level is leased.
    pub fn level_lease_deadline(&self) -> Option<Instant> {
        self.lock().lease.map(|lease| lease.deadline)
    }

    /// Ends a lease whose time is up. A native thread calls this: no event loop is needed.
    pub fn revert_expired_level(&self) {
        let mut state = self.lock();
        if let Some(lease) = state.lease.filter(|lease| lease.deadline <= Instant::now()) {
            state.lease = None;
            self.apply_level(&mut state, lease.back_to);
        }
    }

    /// Has that function called where there is more to look after, on the thread that brings it
    /// about: a lease begins or is given up, or a thread begins to record spans. The first listener
    /// stays.
    pub fn on_stir(&self, listener: impl Fn() + Send + Sync + 'static) {
        let _ = self.stir_listener.set(StirListener(Box::new(listener)));
    }

    /// Tells the listener. Not under the meter's lock.
    pub(super) fn stir(&self) {
        if let Some(StirListener(listener)) = self.stir_listener.get() {
            listener();
        }
    }

    fn apply_level(&self, state: &mut State, level: Level) {
        state.level = level;
        self.segment.set_level(level);
        for lane in state.lanes.iter() {
            for (number, block) in lane.blocks() {
                block.set_gate(state.gate(number));
            }
        }
    }
}

impl State {
    /// What the gate of a lane's block says at the level now.
    pub(super) fn gate(&self, block: u32) -> f64 {
        self.positions.gate(block).unwrap_or(Gate::Production).at(self.level)
    }
}
