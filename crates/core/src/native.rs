//! Counters, gauges and histograms for Rust code: u64 cells of the native lane.
//!
//! Many threads may write one cell, so updates are atomic read-modify-writes; all are Relaxed,
//! because a metric orders nothing but itself. A handle may be cloned and sent; it keeps its cells
//! mapped. Native metrics record at every level but their readers see them like any other.

use std::sync::Arc;

use crate::atomic::Ordering::Relaxed;
use crate::atomic::fixed::AtomicU64;
use crate::lane::Lane;
use crate::layout::{
    CELLS_PER_BLOCK, GAUGE_VALUE, HISTOGRAM_HEAD_CELLS, HISTOGRAM_MAX, HISTOGRAM_NEGATED_MIN,
    HISTOGRAM_SUM,
};

/// The cells of one series.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Keeps the cells mapped.
    _lane: Arc<Lane>,
    first: std::ptr::NonNull<AtomicU64>,
}

// SAFETY: the pointer is to atomics that live as long as `_lane`.
unsafe impl Send for Place {}
// SAFETY: as above.
unsafe impl Sync for Place {}

impl Place {
    /// The series at a position of the native lane, all of which is in a block that is there.
    pub(crate) fn new(lane: &Arc<Lane>, position: u32) -> Option<Place> {
        let block = lane.block(position / CELLS_PER_BLOCK)?;
        let index = (position % CELLS_PER_BLOCK) as usize;
        // SAFETY: the position is inside the block, and so is all of the series.
        let first = unsafe { block.base().cast::<AtomicU64>().add(index) };
        Some(Place { _lane: Arc::clone(lane), first })
    }

    fn cell(&self, offset: u32) -> &AtomicU64 {
        // SAFETY: a place is made for a whole series, and offsets are within one.
        unsafe { self.first.add(offset as usize).as_ref() }
    }
}

/// A sum that only grows. An addition is one atomic instruction.
#[derive(Clone, Debug)]
pub struct Counter(pub(crate) Place);

impl Counter {
    /// Adds; wraps around after 2^64.
    pub fn add(&self, more: u64) {
        self.0.cell(0).fetch_add(more, Relaxed);
    }

    /// Sets the sum, unless it is that high already: for what is counted elsewhere.
    pub fn raise(&self, sum: u64) {
        raise(self.0.cell(0), sum);
    }

    /// The sum so far.
    pub fn value(&self) -> u64 {
        self.0.cell(0).load(Relaxed)
    }
}

/// A reading that goes up and down.
#[derive(Clone, Debug)]
pub struct Gauge(pub(crate) Place);

impl Gauge {
    /// Sets the reading.
    pub fn set(&self, value: f64) {
        self.0.cell(GAUGE_VALUE).store(value.to_bits(), Relaxed);
    }

    /// Adds to the reading.
    pub fn add(&self, more: f64) {
        let add = |bits| Some((f64::from_bits(bits) + more).to_bits());
        // An update that never declines never fails.
        let _ = self.0.cell(GAUGE_VALUE).fetch_update(Relaxed, Relaxed, add);
    }

    /// The reading.
    pub fn value(&self) -> f64 {
        f64::from_bits(self.0.cell(GAUGE_VALUE).load(Relaxed))
    }
}

/// A distribution of whole numbers over fixed buckets. A record is two atomic instructions, and
/// one more for a new largest or smallest value.
#[derive(Clone, Debug)]
pub struct Histogram {
    pub(crate) place: Place,
    pub(crate) bounds: Arc<[f64]>,
}

impl Histogram {
    /// Records a value, in the metric's unit. The sum wraps around after 2^64.
    pub fn record(&self, value: u64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value as f64);
        self.place.cell(HISTOGRAM_HEAD_CELLS + bucket as u32).fetch_add(1, Relaxed);
        self.place.cell(HISTOGRAM_SUM).fetch_add(value, Relaxed);
        raise(self.place.cell(HISTOGRAM_MAX), value);
        raise(self.place.cell(HISTOGRAM_NEGATED_MIN), !value);
    }

    /// How many values were recorded.
    pub fn count(&self) -> u64 {
        let buckets = self.bounds.len() as u32 + 1;
        (0..buckets)
            .map(|bucket| self.place.cell(HISTOGRAM_HEAD_CELLS + bucket).load(Relaxed))
            .sum()
    }
}

/// Raises a cell to a value. Looks first: most values are neither the largest nor the smallest,
/// and a load costs a fraction of an atomic maximum.
fn raise(cell: &AtomicU64, value: u64) {
    if cell.load(Relaxed) < value {
        cell.fetch_max(value, Relaxed);
    }
}
