//! The clock: nanoseconds of CLOCK_MONOTONIC, cheap enough to read twice for every span.
//!
//! Where the kernel itself trusts the time stamp counter (its clocksource is `tsc`) and the
//! processor says that the counter is invariant, a reading scales the counter; a native thread
//! calls [`reanchor`] about every second, because a slope measured once drifts by 1 to 17 parts in
//! a million. Until a second anchor stands, and everywhere else, a reading is `clock_gettime`.
//! A thread's own readings never go backwards. Any thread may read.

mod anchor;
mod tsc;
mod wall;

use std::sync::OnceLock;

use anchor::AnchorCell;
use wall::{Bounds, WallCell};

use crate::process::unix_ms;

static ANCHOR: OnceLock<AnchorCell> = OnceLock::new();
static WALL: WallCell = WallCell::new();

/// Where time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The time stamp counter, scaled.
    Tsc,
    /// `clock_gettime(CLOCK_MONOTONIC)`.
    System,
}

/// Where this process's next reading comes from.
pub fn source() -> Source {
    match ANCHOR.get().and_then(AnchorCell::load) {
        Some(_) => Source::Tsc,
        None => Source::System,
    }
}

/// Nanoseconds since an arbitrary origin, the same for all threads of the machine.
/// Costs about 10 ns with the time stamp counter, 20 to 30 without.
#[inline]
pub fn now_ns() -> f64 {
    match ANCHOR.get().and_then(AnchorCell::load) {
        Some(anchor) => anchor.ns_at(tsc::read()),
        None => system_ns(),
    }
}

/// Reads the clock into a cell of the calling thread, never to an earlier time than is there.
///
/// # Safety
///
/// `cell` must be valid for reads and writes of a float64, aligned, and written by this thread
/// alone.
#[inline]
pub unsafe fn tick(cell: *mut f64) {
    let now = now_ns();
    // SAFETY: the caller's promise.
    unsafe {
        if now > *cell {
            *cell = now;
        }
    }
}

/// The Unix time, in milliseconds, at which the clock was 0. It stays the same, so that what is read
/// twice has one time, until the clocks have parted by a millisecond: Unix time was set.
pub(crate) fn wall_ms() -> f64 {
    WALL.ms(|| Bounds::measure(now_ns, unix_ms))
}

/// Compares the counter with the system's clock and corrects the slope; to be called about once a
/// second, by one thread. Does nothing where the counter is not trusted.
pub fn reanchor() {
    if !tsc::is_trusted() {
        return;
    }
    let (counter, ns) = tsc::read_with(system_ns);
    let cell = ANCHOR.get_or_init(AnchorCell::new);
    cell.correct(counter, ns);
}

fn system_ns() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_follow_the_system_and_never_go_back() {
        let mut cell = 0.0;
        let mut last = 0.0;
        for round in 0..200_000 {
            if round % 20_000 == 0 {
                reanchor();
            }
            // SAFETY: a local variable.
            unsafe { tick(&raw mut cell) };
            assert!(cell >= last, "{cell} before {last}");
            last = cell;
        }
        let drift = (now_ns() - system_ns()).abs();
        assert!(drift < 50e6, "{drift} ns away from the system's clock");
    }

    #[test]
    fn unix_times_are_the_systems_and_stay() {
        let first = wall_ms();
        assert!((first + now_ns() / 1e6 - unix_ms()).abs() < 1_000.0);
        reanchor();
        assert_eq!(wall_ms(), first);
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn the_counter_serves_after_two_anchors_where_it_is_trusted() {
        reanchor();
        let until = system_ns() + 2.0 * anchor::SHORTEST_BASELINE_NS;
        while system_ns() < until {
            std::hint::spin_loop();
        }
        reanchor();
        let expected = if tsc::is_trusted() { Source::Tsc } else { Source::System };
        assert_eq!(source(), expected);
    }
}
