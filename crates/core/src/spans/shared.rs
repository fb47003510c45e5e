//! The part of the header that all threads share: settings, and the traces that are asked for.

use crate::atomic::Ordering::{Relaxed, Release};
use crate::atomic::fixed::{AtomicU32, AtomicU64};
use crate::block::Block;
use crate::layout::CELL_BYTES;
use crate::layout::spans::{
    HEADER_TRACING, TRACING_ENABLED, TRACING_EXEMPLARS, TRACING_MOST_PROMOTIONS,
    TRACING_PROMOTE_ERRORS, TRACING_PROMOTE_LATENCY_NS, TRACING_SAMPLE_RATE, TRACING_WALL_MS,
    TRACING_WANTED, WANTED_FIRST, WANTED_TRACES,
};
use crate::spans::{TraceId, TracingSettings};

/// That part of a header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SharedTracing<'a>(pub &'a Block);

impl SharedTracing<'_> {
    fn cell(&self, cell: u32) -> &AtomicU64 {
        self.0.u64_at(HEADER_TRACING + cell as usize * CELL_BYTES)
    }

    fn word(&self, word: u32) -> &AtomicU32 {
        self.0.u32_at(HEADER_TRACING + word as usize * size_of::<u32>())
    }

    fn number(&self, cell: u32) -> f64 {
        f64::from_bits(self.cell(cell).load(Relaxed))
    }

    fn set_number(&self, cell: u32, number: f64) {
        self.cell(cell).store(number.to_bits(), Relaxed);
    }

    /// Says that spans are recorded.
    pub(crate) fn enable(&self) {
        self.set_number(TRACING_ENABLED, 1.0);
    }

    /// Says that counters and histograms have cells for exemplars.
    pub(crate) fn enable_exemplars(&self) {
        self.set_number(TRACING_EXEMPLARS, 1.0);
    }

    /// Whether they have.
    pub(crate) fn has_exemplars(&self) -> bool {
        self.number(TRACING_EXEMPLARS) != 0.0
    }

    pub(crate) fn settings(&self) -> TracingSettings {
        let bound = |cell| Some(self.number(cell)).filter(|number| number.is_finite());
        TracingSettings {
            sample_rate: self.number(TRACING_SAMPLE_RATE),
            promote_errors: self.number(TRACING_PROMOTE_ERRORS) != 0.0,
            promote_latency_ms: bound(TRACING_PROMOTE_LATENCY_NS).map(|ns| ns / 1e6),
            max_promotions_per_second: bound(TRACING_MOST_PROMOTIONS),
        }
    }

    pub(crate) fn set(&self, settings: &TracingSettings) {
        let latency_ns = settings.promote_latency_ms.map_or(f64::INFINITY, |ms| ms * 1e6);
        let promotions = settings.max_promotions_per_second.unwrap_or(f64::INFINITY);
        self.set_number(TRACING_SAMPLE_RATE, settings.sample_rate);
        self.set_number(TRACING_PROMOTE_ERRORS, f64::from(settings.promote_errors));
        self.set_number(TRACING_PROMOTE_LATENCY_NS, latency_ns);
        self.set_number(TRACING_MOST_PROMOTIONS, promotions);
    }

    pub(crate) fn set_wall_ms(&self, wall_ms: f64) {
        self.set_number(TRACING_WALL_MS, wall_ms);
    }

    /// Adds a trace to those that are asked for. One thread at a time.
    pub(crate) fn want(&self, id: TraceId) {
        let count = self.number(TRACING_WANTED);
        let first = WANTED_FIRST + count as u32 % WANTED_TRACES * 4;
        for (word, value) in (first..).zip(id.words()) {
            self.word(word).store(value, Relaxed);
        }
        // Pairs with a writer's load of the count: the id is in place before it is counted.
        self.cell(TRACING_WANTED).store((count + 1.0).to_bits(), Release);
    }
}
