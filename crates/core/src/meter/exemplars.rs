//! Exemplars of a meter: found, and their traces kept before anybody is told of them.

use std::collections::HashSet;
use std::sync::Arc;

use super::Meter;
use crate::clock::wall_ms;
use crate::exemplars::{Flights, candidates};
use crate::family::FamilyView;
use crate::lane::Lane;
use crate::snapshot::Exemplar;
use crate::spans::{MappedRing, TraceId};

/// What a snapshot does about exemplars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exemplars {
    /// Nothing: it has none.
    Left,
    /// It has them; their traces are found for as long as the flight rings have them.
    Shown,
    /// The same, and their traces are kept, at least until the snapshot after the next that does
    /// this too; there are no exemplars of traces for which there is no room.
    Published,
}

impl Meter {
    /// The exemplars of each series of the families that have cells for them, in the order of
    /// [`FamilyView::places`]. Goes through the flight rings once, and only where there is anything
    /// to be found.
    pub(super) fn exemplars(
        &self,
        views: &[FamilyView],
        lanes: &[Arc<Lane>],
        wish: Exemplars,
    ) -> Vec<Vec<Exemplar>> {
        if wish == Exemplars::Left || !self.segment.tracing().has_exemplars() {
            return Vec::new();
        }
        let mut scratch = Vec::new();
        let mut series = Vec::new();
        for view in views.iter().filter(|view| view.has_exemplars()) {
            for position in view.places() {
                let mut found = Vec::new();
                for (index, lane) in lanes.iter().enumerate() {
                    let lane = (index, lane.as_ref());
                    candidates(&view.definition, position, lane, &mut scratch, &mut found);
                }
                series.push(found);
            }
        }
        if series.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        let blocks = lanes.iter().map(|lane| lane.spans());
        let rings: Vec<_> = blocks.map(|blocks| Some(MappedRing(&blocks?.flight))).collect();
        let flights = Flights::new(&rings, wall_ms());
        let mut series = flights.resolve(&series);
        if wish == Exemplars::Published {
            let kept = self.keep_traces(&flights, &series);
            for exemplars in &mut series {
                exemplars.retain(|exemplar| kept.contains(&exemplar.trace_id));
            }
        }
        series
    }

    /// Keeps the traces that are about to be published, the newest first while there is room.
    fn keep_traces(
        &self,
        flights: &Flights<'_, MappedRing<'_>>,
        series: &[Vec<Exemplar>],
    ) -> HashSet<TraceId> {
        let mut newest: Vec<&Exemplar> = series.iter().flatten().collect();
        newest.sort_by(|a, b| b.at_ms.total_cmp(&a.at_ms));
        let wanted = newest.iter().map(|exemplar| exemplar.trace_id).collect();
        let mut spans = flights.spans_of(&wanted);
        let wall_ms = wall_ms();
        let mut store = self.drained();
        store.begin_publication();
        let mut keep = |exemplar: &&Exemplar| {
            let id = exemplar.trace_id;
            let records = spans.remove(&id).unwrap_or_default();
            store.publish(id, records, wall_ms).then_some(id)
        };
        newest.iter().filter_map(&mut keep).collect()
    }
}
