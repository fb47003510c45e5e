//! The promoted traces that are kept to look at: the newest, within bounds.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Weak};

use super::data::{PromotedSpan, PromotedSpans, PromotionReason};
use super::feed::SpanFeed;
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

/// One part in so many is what a publication of exemplars may keep: two of them are kept at a time.
const PUBLISHED_SHARE: usize = 4;

/// A promoted span.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub number: u64,
    /// The Unix time at which its clock was 0, as all of its trace have it.
    pub wall_ms: f64,
    pub record: Record,
}

impl Stored {
    pub(super) fn bytes(&self) -> usize {
        Stored::bytes_of(&self.record)
    }

    pub(crate) fn render(&self, renderer: Renderer<'_>) -> PromotedSpan {
        PromotedSpan {
            seq: self.number,
            reason: self.reason(),
            span: renderer.span(&self.record, self.wall_ms),
        }
    }

    fn bytes_of(record: &Record) -> usize {
        size_of::<Stored>() + record.text.len()
    }

    /// Whether it is the same span, promoted for whatever reason.
    fn is(&self, record: &Record) -> bool {
        self.record.span_id() == record.span_id()
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

    /// The Unix time at which the clock was 0, by the first span: whatever Unix time is set to
    /// while a trace goes on, none of its spans starts before the one above.
    pub(crate) fn wall_ms(&self) -> Option<f64> {
        self.spans.first().map(|stored| stored.wall_ms)
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
    published: Published,
    /// Who gets every span too, for as long as somebody holds the feed.
    feeds: Vec<Weak<SpanFeed>>,
}

/// The traces that exemplars have been published of: others make room before them.
#[derive(Debug, Default)]
struct Published {
    now: HashSet<TraceId>,
    before: HashSet<TraceId>,
    /// What those of now took when they were published.
    spans: usize,
    bytes: usize,
}

impl Published {
    fn contains(&self, id: &TraceId) -> bool {
        self.now.contains(id) || self.before.contains(id)
    }
}

impl Default for Store {
    fn default() -> Store {
        Store::bounded(BOUNDS)
    }
}

impl Store {
    pub(crate) fn bounded(bounds: Bounds) -> Store {
        let (traces, order) = (HashMap::new(), VecDeque::new());
        let published = Published::default();
        Store { bounds, traces, order, spans: 0, bytes: 0, last: 0, published, feeds: Vec::new() }
    }

    /// Gives a feed every span that comes from now on.
    pub(crate) fn feed(&mut self, feed: &Arc<SpanFeed>) {
        self.feeds.retain(|known| known.strong_count() > 0);
        self.feeds.push(Arc::downgrade(feed));
    }

    /// Numbers a span, feeds it to exporters, and keeps it while there is room. The oldest traces
    /// make room.
    pub(crate) fn add(&mut self, record: Record, wall_ms: f64) {
        let id = record.trace_id();
        if self.has_copy(id, &record) {
            return;
        }
        self.last += 1;
        let wall_ms = self.traces.get(&id).and_then(Kept::wall_ms).unwrap_or(wall_ms);
        let stored = Stored { number: self.last, wall_ms, record };
        if !self.feeds.is_empty() {
            let fed = Arc::new(stored.clone());
            self.feeds.iter().filter_map(Weak::upgrade).for_each(|feed| feed.add(&fed));
        }
        let kept = self.traces.entry(id).or_insert_with(|| {
            self.order.push_back(id);
            Kept::default()
        });
        if kept.spans.len() >= self.bounds.spans_of_trace {
            return;
        }
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

    /// Begins to publish exemplars. Traces that were published with the ones before the last are
    /// kept no longer than others.
    pub(crate) fn begin_publication(&mut self) {
        let before = std::mem::take(&mut self.published.now);
        self.published = Published { before, ..Published::default() };
    }

    /// Keeps a trace until two more publications have begun, with these spans of it, which were
    /// found in the flight rings; one that was promoted before is left as it is. False where there
    /// is no room, or nothing to keep.
    pub(crate) fn publish(&mut self, id: TraceId, records: Vec<Record>, wall_ms: f64) -> bool {
        if self.published.now.contains(&id) {
            return true;
        }
        let kept = self.traces.get(&id).map(|kept| &kept.spans[..]).unwrap_or_default();
        let is_copied =
            kept.first().is_none_or(|first| first.reason() == PromotionReason::Exemplar);
        let mut added: Vec<Record> = records.into_iter().filter(|_| is_copied).collect();
        added.retain(|record| kept.iter().all(|stored| !stored.is(record)));
        added.truncate(self.bounds.spans_of_trace.saturating_sub(kept.len()));
        let spans = self.published.spans + kept.len() + added.len();
        let bytes = self.published.bytes
            + kept.iter().map(Stored::bytes).sum::<usize>()
            + added.iter().map(Stored::bytes_of).sum::<usize>();
        let traces = self.published.now.len() + 1;
        let Bounds { traces: most_traces, spans: most_spans, bytes: most_bytes, .. } = self.bounds;
        let has_room = traces <= most_traces / PUBLISHED_SHARE
            && spans <= most_spans / PUBLISHED_SHARE
            && bytes <= most_bytes / PUBLISHED_SHARE;
        if !has_room || kept.is_empty() && added.is_empty() {
            return false;
        }
        self.published.now.insert(id);
        (self.published.spans, self.published.bytes) = (spans, bytes);
        for record in added {
            self.add(record.for_exemplar(), wall_ms);
        }
        true
    }

    /// Whether that span is here already, taken from a flight ring before its thread promoted it.
    fn has_copy(&self, id: TraceId, record: &Record) -> bool {
        let copied =
            self.traces.get(&id).filter(|kept| kept.reason() == Some(PromotionReason::Exemplar));
        copied.is_some_and(|kept| kept.spans.iter().any(|stored| stored.is(record)))
    }

    fn forget_oldest(&mut self) {
        let is_free = |id: &TraceId| !self.published.contains(id);
        // Published ones leave half of it to others, but may have grown since.
        let at = self.order.iter().position(is_free).unwrap_or(0);
        let oldest = self.order.remove(at).and_then(|id| self.traces.remove(&id));
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
        let spans: Vec<PromotedSpan> =
            found.into_iter().map(|stored| stored.render(renderer)).collect();
        let lost = last - after - spans.len() as u64;
        PromotedSpans { spans, lost, last }
    }
}
