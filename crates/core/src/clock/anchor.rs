//! An anchor ties a counter to nanoseconds: a point and a slope; no clock is read here.
//!
//! One thread corrects it while many read, through a sequence lock:
//!
//! ```text
//! sequence  even: the words are whole          0: there is no slope yet
//!           odd:  they are being replaced      only the correcting thread moves it
//! ```

use std::sync::{Mutex, PoisonError};

use crate::atomic::Ordering::{Acquire, Relaxed, Release};
use crate::atomic::{AtomicU64, fence};

/// A shorter baseline gives no slope: at 20 ns of error on each end, 10 ms are 4 parts in a million.
pub(super) const SHORTEST_BASELINE_NS: f64 = 10e6;
/// An error that is corrected at once, if it points forward: a suspended machine, a starved thread.
pub(super) const JUMP_NS: f64 = 1e6;
/// A correction takes about this long: the time between two of them.
const CORRECTION_NS: f64 = 1e9;

/// Where a counter stands on the time line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Anchor {
    pub counter: u64,
    pub ns: f64,
    pub ns_per_count: f64,
}

impl Anchor {
    /// The time at a count. A count before the anchor, read on another processor, is taken for it.
    #[inline]
    pub(super) fn ns_at(&self, counter: u64) -> f64 {
        // Signed, it becomes a float64 in one instruction; unsigned, in seven.
        let counts = counter.wrapping_sub(self.counter) as i64;
        self.ns + counts.max(0) as f64 * self.ns_per_count
    }
}

/// The anchor that all threads read.
#[derive(Debug)]
pub(super) struct AnchorCell {
    sequence: AtomicU64,
    counter: AtomicU64,
    ns: AtomicU64,
    ns_per_count: AtomicU64,
    writer: Mutex<Writer>,
}

/// What only the correcting thread knows.
#[derive(Debug, Default)]
struct Writer {
    /// The last even sequence. Not read back from the atomic: loom's search would lose readers.
    sequence: u64,
    /// The first measurement: slopes are taken from here, over a baseline that grows.
    base: Option<(u64, f64)>,
}

impl AnchorCell {
    pub(super) fn new() -> AnchorCell {
        AnchorCell {
            sequence: AtomicU64::new(0),
            counter: AtomicU64::new(0),
            ns: AtomicU64::new(0),
            ns_per_count: AtomicU64::new(0),
            writer: Mutex::default(),
        }
    }

    /// The anchor; `None` while there is no slope.
    #[inline]
    pub(super) fn load(&self) -> Option<Anchor> {
        loop {
            // Pairs with the Release store that ends `store`: the words of that sequence are seen.
            let before = self.sequence.load(Acquire);
            if before == 0 {
                return None;
            }
            let anchor = Anchor {
                counter: self.counter.load(Relaxed),
                ns: f64::from_bits(self.ns.load(Relaxed)),
                ns_per_count: f64::from_bits(self.ns_per_count.load(Relaxed)),
            };
            // Pairs with the Release fence in `store`: if one of the words was newer, so is this.
            fence(Acquire);
            if before.is_multiple_of(2) && self.sequence.load(Relaxed) == before {
                return Some(anchor);
            }
            #[cfg(loom)]
            loom::thread::yield_now();
            #[cfg(not(loom))]
            std::hint::spin_loop();
        }
    }

    fn store(&self, writer: &mut Writer, anchor: Anchor) {
        self.sequence.store(writer.sequence + 1, Relaxed);
        // Pairs with the Acquire fence in `load`.
        fence(Release);
        self.counter.store(anchor.counter, Relaxed);
        self.ns.store(anchor.ns.to_bits(), Relaxed);
        self.ns_per_count.store(anchor.ns_per_count.to_bits(), Relaxed);
        writer.sequence += 2;
        // Pairs with the Acquire load in `load`.
        self.sequence.store(writer.sequence, Release);
    }

    /// Takes a measurement in: the counter and the true time at one moment.
    pub(super) fn correct(&self, counter: u64, ns: f64) {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let (base_counter, base_ns) = *writer.base.get_or_insert((counter, ns));
        if ns - base_ns < SHORTEST_BASELINE_NS || counter <= base_counter {
            return;
        }
        let measured = (ns - base_ns) / (counter - base_counter) as f64;
        let corrected = match self.load() {
            None => Anchor { counter, ns, ns_per_count: measured },
            Some(old) => corrected(&old, counter, ns, measured),
        };
        if self.load().is_some() && (ns - corrected.ns).abs() > JUMP_NS {
            // The counter and the time have parted: what was measured before tells nothing now.
            writer.base = Some((counter, ns));
        }
        self.store(&mut writer, corrected);
    }
}

/// An anchor that begins where the old one is, and meets the true time about a second later.
fn corrected(old: &Anchor, counter: u64, ns: f64, measured: f64) -> Anchor {
    let predicted = old.ns_at(counter);
    let error = ns - predicted;
    if error > JUMP_NS {
        return Anchor { counter, ns, ns_per_count: measured };
    }
    // Behind the true time: faster by the part that is missing. Ahead: slower, to half at most, so
    // that time goes on.
    let pace = (1.0 + error / CORRECTION_NS).max(0.5);
    Anchor { counter, ns: predicted, ns_per_count: measured * pace }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the true clock does, what is read goes forward.
        #[test]
        fn corrected_time_never_goes_back(
            steps in prop::collection::vec((1u64..5_000_000_000, -3_000_000i64..3_000_000), 2..60),
        ) {
            let cell = AnchorCell::new();
            let (mut counter, mut truth, mut last) = (1_000u64, 1e15, 0.0f64);
            for (counts, noise) in steps {
                let before = cell.load();
                counter += counts;
                truth += (counts as f64 / 2.8 + noise as f64).max(0.0);
                if let Some(anchor) = before {
                    last = anchor.ns_at(counter).max(last);
                }
                cell.correct(counter, truth);
                if let Some(anchor) = cell.load() {
                    prop_assert!(anchor.ns_at(counter) >= last - 1.0);
                    prop_assert!(anchor.ns_per_count > 0.0 && anchor.ns_per_count.is_finite());
                }
            }
        }
    }

    #[test]
    fn a_constant_drift_is_followed_to_microseconds() {
        let cell = AnchorCell::new();
        let rate = 2.8 * (1.0 + 17e-6);
        for second in 0..100u64 {
            let truth = second as f64 * 1e9;
            cell.correct((truth * rate) as u64, 1e15 + truth);
        }
        let anchor = cell.load().expect("two measurements");
        let truth = 100.5e9;
        let error = anchor.ns_at((truth * rate) as u64) - (1e15 + truth);
        assert!(error.abs() < 2_000.0, "{error} ns");
    }

    #[test]
    fn a_suspended_machine_is_caught_up_with_at_once() {
        let cell = AnchorCell::new();
        cell.correct(1_000_000_000, 1e15);
        cell.correct(2_000_000_000, 1e15 + 1e9);
        cell.correct(2_000_000_100, 1e15 + 3_600e9);
        let anchor = cell.load().expect("a slope");
        assert!((anchor.ns_at(2_000_000_100) - (1e15 + 3_600e9)).abs() < 1.0);
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use loom::sync::Arc;
    use loom::thread;

    use super::*;

    /// A reader sees no anchor, or one of those that were stored, whole; never a mixture, and
    /// never an older one after a newer one.
    #[test]
    fn a_reader_sees_whole_anchors_in_order() {
        loom::model(|| {
            let cell = Arc::new(AnchorCell::new());
            let of = |n: u64| Anchor { counter: n, ns: n as f64, ns_per_count: n as f64 };
            let written = Arc::clone(&cell);
            let writing = thread::spawn(move || {
                let mut writer = Writer::default();
                written.store(&mut writer, of(1));
                written.store(&mut writer, of(2));
            });
            let first = cell.load();
            let second = cell.load();
            for seen in [first, second].into_iter().flatten() {
                assert!(seen == of(1) || seen == of(2), "{seen:?}");
            }
            assert!(first.map(|anchor| anchor.counter) <= second.map(|anchor| anchor.counter));
            writing.join().expect("the writer");
        });
    }
}
