//! Where the clock's 0 is in Unix time: the same for whoever asks, for as long as it can be right.
//!
//! Measured anew, it would come out a little different each time: two clocks are read one after the
//! other, and the counter's slope is corrected. Whoever reads a span twice is to read one time.

use super::anchor::JUMP_NS;
use crate::atomic::Ordering::Relaxed;
use crate::atomic::fixed::AtomicU64;

/// What has been told may be wrong by this much, as the clock itself may, before it is told anew.
const TOLERANCE_MS: f64 = JUMP_NS / 1e6;
/// How often it is measured when it is to be told anew.
const TRIES: usize = 8;

/// Between which Unix times, in milliseconds, the clock's 0 must be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub earliest: f64,
    pub latest: f64,
}

impl Bounds {
    /// Of two readings of the clock, and one of Unix time in between.
    pub(super) fn measure(now_ns: impl Fn() -> f64, unix_ms: impl Fn() -> f64) -> Bounds {
        let before = now_ns();
        let unix = unix_ms();
        Bounds { earliest: unix - now_ns() / 1e6, latest: unix - before / 1e6 }
    }

    fn allow(self, wall_ms: f64) -> bool {
        (self.earliest - TOLERANCE_MS..=self.latest + TOLERANCE_MS).contains(&wall_ms)
    }

    fn width(self) -> f64 {
        self.latest - self.earliest
    }

    fn middle(self) -> f64 {
        self.earliest.midpoint(self.latest)
    }
}

/// What has been told: the bits of a float64, 0 before the first time.
#[derive(Debug)]
pub(super) struct WallCell(AtomicU64);

impl WallCell {
    pub(super) const fn new() -> WallCell {
        WallCell(AtomicU64::new(0))
    }

    /// The Unix time, in milliseconds, at which the clock was 0.
    pub(super) fn ms(&self, measure: impl Fn() -> Bounds) -> f64 {
        let told = self.0.load(Relaxed);
        if measure().allow(f64::from_bits(told)) {
            return f64::from_bits(told);
        }
        let tries = (0..TRIES).map(|_| measure());
        let best = tries.min_by(|a, b| a.width().total_cmp(&b.width())).map(Bounds::middle);
        let found = best.unwrap_or_default();
        // One of those who find it at once is right for all.
        match self.0.compare_exchange(told, found.to_bits(), Relaxed, Relaxed) {
            Ok(_) => found,
            Err(other) => f64::from_bits(other),
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::cell::Cell;

    use super::*;

    const WALL_MS: f64 = 1.8e12;

    fn around(ms: f64, width: f64) -> Bounds {
        Bounds { earliest: ms - width / 2.0, latest: ms + width / 2.0 }
    }

    #[test]
    fn what_was_told_stands_while_it_can_be_right() {
        let cell = WallCell::new();
        let first = cell.ms(|| around(WALL_MS, 0.001));
        assert_eq!(first, WALL_MS);
        for (off, width) in [(0.9, 0.001), (-0.9, 0.001), (0.0, 50.0), (20.0, 50.0)] {
            assert_eq!(cell.ms(|| around(WALL_MS + off, width)), first, "{off} {width}");
        }
    }

    #[test]
    fn a_clock_that_was_set_is_followed() {
        let cell = WallCell::new();
        for wall_ms in [WALL_MS, WALL_MS + 3_600e3, WALL_MS - 5.0] {
            assert_eq!(cell.ms(|| around(wall_ms, 0.0)), wall_ms);
        }
    }

    #[test]
    fn of_several_measurements_the_one_that_was_disturbed_least_counts() {
        let widths = [400.0, 30.0, 0.5, 7.0].iter().cycle();
        let measured = Cell::new(0);
        let measure = || {
            let at = measured.replace(measured.get() + 1);
            let width: &f64 = widths.clone().nth(at).expect("it goes round");
            Bounds { earliest: WALL_MS - width, latest: WALL_MS }
        };
        assert_eq!(WallCell::new().ms(measure), WALL_MS - 0.25);
    }

    #[test]
    fn bounds_are_those_of_the_readings_around() {
        let readings = Cell::new(0.0);
        let now_ns = || readings.replace(readings.get() + 2e6);
        let Bounds { earliest, latest } = Bounds::measure(now_ns, || WALL_MS);
        assert_eq!((earliest, latest), (WALL_MS - 2.0, WALL_MS));
    }
}
