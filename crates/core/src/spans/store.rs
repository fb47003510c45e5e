//! The promoted traces that are kept to look at: the newest, within bounds.

use std::collections::{HashMap, VecDeque};

use super::data::{PromotedSpan, PromotedSpans, PromotionReason};
use super::ids::TraceId;
use super::record::Record;
use super::render::Renderer;

/// The most spans of one answer. More are had by asking again.
const MOST_SPANS_ANSWERED: usize = 10_000;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub traces: usize,
    pub spans: usize,
    pub bytes: usize,
    /// Of one trace.
    pub spans_of_trace: usize,
}

/// How much a meter keeps.
const BOUNDS: Bounds = Bounds { traces: 256, spans: 16_384, bytes: 8 << 20, spans_of_trace: 1_024 };

/// A promoted span.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub number: u64,
    /// The Unix time at which its clock was 0, when it was drained.
    pub wall_ms: f64,
    pub record: Record,
}

impl Stored {
    fn bytes(&self) -> usize {
        size_of::<Stored>() + self.record.text.len()
    }

    fn reason(&self) -> PromotionReason {
        // Whoever wrote no reason had one.
        self.record.reason().unwrap_or(PromotionReason::Manual)
    }
}

/// A promoted trace: those of its spans that have come so far.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub spans: Vec<Stored>,
}

impl Kept {
    /// Why it was promoted: the first reason.
    pub(crate) fn reason(&self) -> Option<PromotionReason> {
        self.spans.first().map(Stored::reason)
    }
}

/// What is kept.
#[derive(Debug)]
pub(crate) struct Store {
    bounds: Bounds,
    traces: HashMap<TraceId, Kept>,
    /// Those whose first span came first are first.
    order: VecDeque<TraceId>,
    spans: usize,
    bytes: usize,
    last: u64,
}

impl Default for Store {
    fn default() -> Store {
        Store::bounded(BOUNDS)
    }
}

impl Store {
    pub(crate) fn bounded(bounds: Bounds) -> Store {
        let (traces, order) = (HashMap::new(), VecDeque::new());
        Store { bounds, traces, order, spans: 0, bytes: 0, last: 0 }
    }

    /// Numbers a span, and keeps it while there is room. The oldest traces make room.
    pub(crate) fn add(&mut self, record: Record, wall_ms: f64) {
        self.last += 1;
        let id = record.trace_id();
        let kept = self.traces.entry(id).or_insert_with(|| {
            self.order.push_back(id);
            Kept::default()
        });
        if kept.spans.len() >= self.bounds.spans_of_trace {
            return;
        }
        let stored = Stored { number: self.last, wall_ms, record };
        self.spans += 1;
        self.bytes += stored.bytes();
        kept.spans.push(stored);
        while self.is_over() {
            self.forget_oldest();
        }
    }

    fn is_over(&self) -> bool {
        let Bounds { traces, spans, bytes, .. } = self.bounds;
        self.traces.len() > traces || self.spans > spans || self.bytes > bytes
    }

    fn forget_oldest(&mut self) {
        let oldest = self.order.pop_front().and_then(|id| self.traces.remove(&id));
        for stored in oldest.unwrap_or_default().spans {
            self.spans -= 1;
            self.bytes -= stored.bytes();
        }
    }

    /// The number of the last span; 0 before there is one.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    pub(crate) fn trace(&self, id: TraceId) -> Option<&Kept> {
        self.traces.get(&id)
    }

    pub(crate) fn traces(&self) -> impl Iterator<Item = (TraceId, &Kept)> {
        self.traces.iter().map(|(id, kept)| (*id, kept))
    }

    /// The spans with numbers above `after`.
    pub(crate) fn after(&self, after: u64, renderer: Renderer<'_>) -> PromotedSpans {
        if after >= self.last {
            return PromotedSpans { last: self.last, ..PromotedSpans::default() };
        }
        let newer = |kept: &'_ Kept| kept.spans.partition_point(|stored| stored.number <= after);
        let mut found: Vec<&Stored> =
            self.traces.values().flat_map(|kept| &kept.spans[newer(kept)..]).collect();
        found.sort_unstable_by_key(|stored| stored.number);
        let mut last = self.last;
        if found.len() > MOST_SPANS_ANSWERED {
            found.truncate(MOST_SPANS_ANSWERED);
            last = found[MOST_SPANS_ANSWERED - 1].number;
        }
        let spans = found.into_iter().map(|stored| PromotedSpan {
            seq: stored.number,
            reason: stored.reason(),
            span: renderer.span(&stored.record, stored.wall_ms),
        });
        let spans: Vec<PromotedSpan> = spans.collect();
        let lost = last - after - spans.len() as u64;
        PromotedSpans { spans, lost, last }
    }
}
