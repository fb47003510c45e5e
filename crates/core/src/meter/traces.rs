//! Traces: promoted spans drained and kept, flight rings searched, open tables read.

use std::sync::{Arc, MutexGuard, PoisonError};

use super::Meter;
use crate::clock::{now_ns, wall_ms};
use crate::lane::Lane;
use crate::layout::LANE_LIVE;
use crate::layout::spans::{
    FLIGHT_DROPPED_FULL, FLIGHT_DROPPED_LIMIT, FLIGHT_OVERWRITTEN, FLIGHT_PROMOTED,
    FLIGHT_RECORDED, SPANS_PER_BLOCK,
};
use crate::native::Counter;
use crate::spans::{
    FedSpans, MappedRing, MappedSlot, OpenSpanData, PromotedSpans, Renderer, Search, SpanBlocks,
    SpanFeed, Store, TextList, TraceData, TraceId, TraceQuery, drain, entry, oldest,
};

impl Meter {
    /// Takes what threads have promoted out of their export rings, so that these do not fill up:
    /// to be called every 50 ms or so, by any thread. How many spans that has ever brought in.
    pub fn drain_spans(&self) -> u64 {
        if self.is_tracing() { self.drained().last() } else { 0 }
    }

    /// Whether a thread has begun to record spans: before, there is nothing to drain.
    pub fn has_spans(&self) -> bool {
        self.is_tracing() && self.lanes().iter().any(|lane| lane.spans().is_some())
    }

    /// The traces that are asked for, newest first: the promoted ones that are kept; where the query
    /// names anything that a span must have, also what is still in the flight rings. Takes time in
    /// proportion to the spans that there are; recording threads are not disturbed.
    pub fn traces(&self, query: &TraceQuery) -> Vec<TraceData> {
        self.search(|search| search.traces(query))
    }

    /// One trace: promoted, or still in the flight rings.
    pub fn trace(&self, id: TraceId) -> Option<TraceData> {
        self.search(|search| search.trace(id))
    }

    /// The promoted spans with numbers above `after` that are kept, 10,000 at most.
    pub fn spans(&self, after: u64) -> PromotedSpans {
        let store = self.drained();
        let texts = self.texts();
        store.after(after, Renderer { texts: &texts })
    }

    /// A queue that gets every span that is promoted from now on, for as long as somebody holds it;
    /// within these bounds.
    pub fn feed_spans(&self, most_spans: usize, most_bytes: usize) -> Arc<SpanFeed> {
        let feed = Arc::new(SpanFeed::new(most_spans, most_bytes));
        // What was promoted before is not for it.
        self.drained().feed(&feed);
        feed
    }

    /// The first spans of a feed of this meter, so many at most. They stay there until
    /// [`SpanFeed::remove`].
    pub fn fed_spans(&self, feed: &SpanFeed, most: usize) -> FedSpans {
        let spans = feed.first(most);
        // After the spans: all that they name has its number.
        FedSpans { spans, texts: self.texts() }
    }

    /// What is open in all live threads, of one flow or of all: the oldest, 100 at most.
    pub fn open_spans(&self, flow: Option<&str>) -> Vec<OpenSpanData> {
        let lanes = self.lanes();
        let live = lanes.iter().filter(|lane| lane.state() == LANE_LIVE);
        let tables = live.filter_map(|lane| Some((lane.number, &lane.spans()?.open)));
        let entries = tables.flat_map(|(lane, block)| {
            (0..SPANS_PER_BLOCK).filter_map(move |at| entry(&MappedSlot::of(block, at), lane))
        });
        let entries = entries.collect();
        // After the entries: all that they name has its number.
        let texts = self.texts();
        oldest(entries, flow, Renderer { texts: &texts }, (wall_ms(), now_ns()))
    }

    /// Brings the metrics of spans up to date.
    pub(super) fn count_spans(&self) {
        let Some(own) = self.own.get() else { return };
        let lanes = self.lanes();
        let blocks: Vec<_> = lanes.iter().filter_map(|lane| lane.spans()).collect();
        let raise = |counter: &Counter, count: fn(&SpanBlocks) -> f64| {
            counter.raise(blocks.iter().map(|blocks| count(blocks) as u64).sum());
        };
        // What is recorded is read last: it is never less than what became of it.
        raise(&own.spans_promoted, |blocks| blocks.flight_count(FLIGHT_PROMOTED));
        raise(&own.spans_overwritten, |blocks| blocks.flight_count(FLIGHT_OVERWRITTEN));
        raise(&own.spans_dropped_full, |blocks| blocks.flight_count(FLIGHT_DROPPED_FULL));
        raise(&own.spans_dropped_limit, |blocks| blocks.flight_count(FLIGHT_DROPPED_LIMIT));
        raise(&own.spans_missed, SpanBlocks::missed);
        raise(&own.promotions_refused, SpanBlocks::refused);
        raise(&own.spans_recorded, |blocks| blocks.flight_count(FLIGHT_RECORDED));
    }

    fn search<T>(&self, search: impl FnOnce(Search<'_, MappedRing<'_>>) -> T) -> T {
        let store = self.drained();
        let lanes = self.lanes();
        let blocks = lanes.iter().filter_map(|lane| lane.spans());
        let flights: Vec<_> = blocks.map(|blocks| MappedRing(&blocks.flight)).collect();
        let texts = self.texts();
        search(Search {
            store: &store,
            flights: &flights,
            renderer: Renderer { texts: &texts },
            wall_ms: wall_ms(),
        })
    }

    /// The store, with all in it that has been promoted: its lock makes the reader of the export
    /// rings the only one.
    pub(super) fn drained(&self) -> MutexGuard<'_, Store> {
        let mut store = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        let wall_ms = wall_ms();
        for lane in self.lanes().iter() {
            if let Some(blocks) = lane.spans() {
                drain(&MappedRing(&blocks.exports), |record| store.add(record, wall_ms));
            }
        }
        store
    }

    fn lanes(&self) -> Arc<Vec<Arc<Lane>>> {
        Arc::clone(&self.lock().lanes)
    }

    fn texts(&self) -> TextList {
        self.lock().texts.list()
    }
}
