//! A tally: a counter and a histogram of one thread's that go up together, by the time since something
//! began; recorded by the scribe that writes what has ended.
//!
//! It records what `src/handles/counter.ts` and `src/handles/histogram.ts` record, to the bit. Both
//! are of the thread's own lane, so it is their single writer still.

use std::ptr::NonNull;
use std::sync::Arc;

use super::buckets::Buckets;
use super::cells::{add, number};
use crate::atomic::Ordering::Relaxed;
use crate::atomic::fixed::AtomicU64;
use crate::lane::Lane;
use crate::layout::{
    BLOCK_BYTES, CELL_BYTES, GATE, HISTOGRAM_HEAD_CELLS, HISTOGRAM_MAX, HISTOGRAM_NEGATED_MIN,
    HISTOGRAM_SUM,
};

const CELLS: usize = BLOCK_BYTES / CELL_BYTES;

/// The cells of a block.
type Cells = [AtomicU64; CELLS];

/// Where the cells of a series are. In the block of none, nothing is recorded.
#[derive(Clone, Copy)]
struct Place {
    cells: Option<&'static Cells>,
    first: usize,
}

const NOWHERE: Place = Place { cells: None, first: 0 };

impl Place {
    /// The series' cells, if their block records.
    #[inline]
    fn open<'a>(self) -> Option<&'a [AtomicU64]> {
        let cells = self.cells?;
        if number(&cells[GATE as usize]) > 0.0 { cells.get(self.first..) } else { None }
    }
}

/// See the file.
pub struct Tally {
    count: Place,
    times: Place,
    buckets: Arc<Buckets>,
    most_ns: f64,
}

/// Which of its two a tally is to find elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The counter.
    Count,
    /// The histogram.
    Times,
}

impl Tally {
    /// One that records nothing until it is placed; what takes longer than `most_ns` is slow.
    pub(super) fn new(buckets: Arc<Buckets>, most_ns: f64) -> Tally {
        Tally { count: NOWHERE, times: NOWHERE, buckets, most_ns }
    }

    /// Its buckets, if they have these bounds.
    pub(super) fn shares(&self, bounds: &[f64]) -> Option<Arc<Buckets>> {
        self.buckets.are(bounds).then(|| Arc::clone(&self.buckets))
    }

    /// Goes on in the cells from there on of the block at that address; nowhere, where the lane has no
    /// such block, or too few cells are behind.
    ///
    /// # Safety
    ///
    /// The tally must not be used once the lane is gone.
    pub(super) unsafe fn place(
        &mut self,
        lane: &Lane,
        part: Part,
        base: NonNull<u8>,
        first: usize,
    ) {
        let needed = match part {
            Part::Count => 1,
            Part::Times => HISTOGRAM_HEAD_CELLS as usize + self.buckets.count(),
        };
        let is_there = lane.blocks().any(|(_, block)| block.base() == base);
        // SAFETY: a block of the lane, mapped while that lives, and reached through atomics only.
        let cells = is_there.then(|| unsafe { base.cast().as_ref() });
        let place = if first + needed <= CELLS { Place { cells, first } } else { NOWHERE };
        match part {
            Part::Count => self.count = place,
            Part::Times => self.times = place,
        }
    }

    /// Counts one, and records its time, below 0 as 0. Answers whether that was slow.
    #[inline]
    pub(super) fn record(&self, time_ns: f64) -> bool {
        if let Some(cells) = self.count.open() {
            add(&cells[0], 1.0);
        }
        if let Some(cells) = self.times.open() {
            self.record_time(cells, if time_ns > 0.0 { time_ns } else { 0.0 });
        }
        time_ns > self.most_ns
    }

    #[inline]
    fn record_time(&self, cells: &[AtomicU64], value: f64) {
        let (head, buckets) = cells.split_at(HISTOGRAM_HEAD_CELLS as usize);
        add(&head[HISTOGRAM_SUM as usize], value);
        let negated_min = &head[HISTOGRAM_NEGATED_MIN as usize];
        // +0 is "none yet", and a least value of 0 is -0.
        if -value > number(negated_min) || negated_min.load(Relaxed) == 0 {
            negated_min.store((-value).to_bits(), Relaxed);
        }
        let max = &head[HISTOGRAM_MAX as usize];
        if value > number(max) {
            max.store(value.to_bits(), Relaxed);
        }
        if let Some(bucket) = buckets.get(self.buckets.of(value)) {
            add(bucket, 1.0);
        }
    }
}
