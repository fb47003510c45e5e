//! Traces: found in the store, and in the flight rings, where nobody has promoted them.

use std::collections::{HashMap, HashSet};

use super::data::{PromotionReason, SpanStatus, TraceData, TraceQuery};
use super::ids::{SpanId, TraceId};
use super::record::Record;
use super::render::Renderer;
use super::slot::{Ring, spans};
use super::store::{Kept, Store};

/// The most traces of an answer, and how many where nobody says.
const MOST_TRACES: u32 = 1_000;
const TRACES: u32 = 100;

/// Where spans are looked for.
pub(crate) struct Search<'a, R> {
    pub store: &'a Store,
    pub flights: &'a [R],
    pub renderer: Renderer<'a>,
    /// The Unix time at which the clock was 0.
    pub wall_ms: f64,
}

/// A trace that may be answered.
struct Candidate {
    start_ns: f64,
    is_wanted: bool,
}

impl<R: Ring> Search<'_, R> {
    /// One trace, whatever is known of it.
    pub(crate) fn trace(&self, id: TraceId) -> Option<TraceData> {
        let mut found = self.in_flight(&HashSet::from([id]));
        self.whole(id, found.remove(&id).unwrap_or_default())
    }

    /// The traces that a query asks for, newest first. One that names nothing is answered from the
    /// store alone.
    pub(crate) fn traces(&self, query: &TraceQuery) -> Vec<TraceData> {
        let mut candidates = HashMap::new();
        for (id, kept) in self.store.traces() {
            kept.spans
                .iter()
                .for_each(|stored| self.note(query, id, &stored.record, &mut candidates));
        }
        let is_filter = query.is_filter();
        for record in self.flights.iter().filter(|_| is_filter).flat_map(spans) {
            self.note(query, record.trace_id(), &record, &mut candidates);
        }
        let mut wanted: Vec<(TraceId, f64)> = candidates
            .into_iter()
            .filter_map(|(id, found)| found.is_wanted.then_some((id, found.start_ns)))
            .collect();
        wanted.sort_unstable_by(|a, b| b.1.total_cmp(&a.1));
        wanted.truncate(query.limit.unwrap_or(TRACES).clamp(1, MOST_TRACES) as usize);
        let mut in_flight = match is_filter {
            true => self.in_flight(&wanted.iter().map(|(id, _)| *id).collect()),
            false => HashMap::new(),
        };
        let mut whole = |id| self.whole(id, in_flight.remove(&id).unwrap_or_default());
        wanted.into_iter().filter_map(|(id, _)| whole(id)).collect()
    }

    fn note(
        &self,
        query: &TraceQuery,
        id: TraceId,
        record: &Record,
        candidates: &mut HashMap<TraceId, Candidate>,
    ) {
        let nothing = Candidate { start_ns: f64::INFINITY, is_wanted: false };
        let candidate = candidates.entry(id).or_insert(nothing);
        candidate.start_ns = candidate.start_ns.min(record.start_ns());
        candidate.is_wanted |= self.renderer.matches(query, record);
    }

    /// What the flight rings have of some traces.
    fn in_flight(&self, ids: &HashSet<TraceId>) -> HashMap<TraceId, Vec<Record>> {
        let mut found: HashMap<TraceId, Vec<Record>> = HashMap::new();
        for record in self.flights.iter().flat_map(spans) {
            if ids.contains(&record.trace_id()) {
                found.entry(record.trace_id()).or_default().push(record);
            }
        }
        found
    }

    fn whole(&self, id: TraceId, in_flight: Vec<Record>) -> Option<TraceData> {
        let kept = self.store.trace(id);
        let promoted = kept.map(|kept| &kept.spans[..]).unwrap_or_default();
        let mut spans: Vec<&Record> = promoted.iter().map(|stored| &stored.record).collect();
        // A promoted span is in the flight ring too, until it is overwritten.
        let known: HashSet<SpanId> = spans.iter().map(|record| record.span_id()).collect();
        spans.extend(in_flight.iter().filter(|record| !known.contains(&record.span_id())));
        let wall_ms = kept.and_then(Kept::wall_ms).unwrap_or(self.wall_ms);
        self.data(id, spans, wall_ms, kept.and_then(Kept::reason))
    }

    fn data(
        &self,
        trace_id: TraceId,
        mut spans: Vec<&Record>,
        wall_ms: f64,
        reason: Option<PromotionReason>,
    ) -> Option<TraceData> {
        let ids: HashSet<SpanId> = spans.iter().map(|record| record.span_id()).collect();
        // Of those that started at one time, parents come before their children: they are longer,
        // or they have no parent here. Ids of one element go up.
        let has_parent =
            |record: &Record| record.parent_id().is_some_and(|parent| ids.contains(&parent));
        spans.sort_by(|a, b| {
            let starts = a.start_ns().total_cmp(&b.start_ns());
            let roots = || has_parent(a).cmp(&has_parent(b));
            let lengths = || b.duration_ns().total_cmp(&a.duration_ns());
            let ids = || a.span_id().0.cmp(&b.span_id().0);
            starts.then_with(roots).then_with(lengths).then_with(ids)
        });
        let end_ns = |record: &&Record| record.start_ns() + record.duration_ns();
        let end_ns = spans.iter().map(end_ns).fold(f64::NEG_INFINITY, f64::max);
        let start_ns = spans.first()?.start_ns();
        let root = spans.iter().position(|record| record.parent_id().is_none()).unwrap_or(0);
        let spans: Vec<_> =
            spans.into_iter().map(|record| self.renderer.span(record, wall_ms)).collect();
        let failed = spans.iter().any(|span| span.status == SpanStatus::Error);
        Some(TraceData {
            trace_id,
            name: spans[root].name.clone(),
            start_ms: spans[0].start_ms,
            duration_ns: end_ns - start_ns,
            status: if failed { SpanStatus::Error } else { spans[root].status },
            reason,
            spans,
        })
    }
}
