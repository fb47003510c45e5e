//! Taking a snapshot of a meter, and counting its series.

use std::collections::HashSet;
use std::sync::Arc;

use crate::clock;
use crate::derive::compute;
use crate::family::{Family, FamilyView};
use crate::lane::Lane;
use crate::merge::{Merged, Merger};
use crate::meter::Meter;
use crate::meter::exemplars::Exemplars;
use crate::process::unix_ms;
use crate::snapshot::{Labels, Metric, Process, Series, Snapshot};

/// How many series there are, and where.
#[derive(Clone, Debug)]
pub struct Cardinality {
    /// Series of all families.
    pub series: u64,
    /// Label sets that went to an overflow series for want of room.
    pub overflowed: u64,
    /// The families, those with most series first.
    pub families: Vec<FamilyCardinality>,
}

/// How many series a family has.
#[derive(Clone, Debug)]
pub struct FamilyCardinality {
    /// The metric's name.
    pub name: String,
    /// Its series, the overflow series not counted.
    pub series: u64,
    /// Its bound; `None` where it is closed or unlabelled.
    pub max_series: Option<u32>,
    /// Label sets that went to its overflow series.
    pub overflowed: u64,
}

impl Meter {
    /// Reads all series that are exported, merged across lanes. Takes time in proportion to series
    /// and lanes, on the calling thread; recording threads are not disturbed.
    pub fn snapshot(&self) -> Snapshot {
        self.read(|_| true, Exemplars::Left)
    }

    /// As [`Meter::snapshot`], with exemplars where the meter has some: those whose trace is still
    /// in a flight ring.
    pub fn snapshot_with(&self, exemplars: Exemplars) -> Snapshot {
        self.read(|_| true, exemplars)
    }

    /// As [`Meter::snapshot`], of these metrics only, and of those that they are derived from.
    pub fn snapshot_of(&self, names: &[&str]) -> Snapshot {
        let operands = {
            let state = self.lock();
            let wanted = state.families.iter().map(|family| &family.definition);
            let wanted = wanted.filter(|definition| names.contains(&&definition.name[..]));
            let derived = wanted.filter_map(|definition| definition.derive.clone());
            derived
                .flat_map(|derive| [derive.numerator, derive.denominator])
                .collect::<HashSet<String>>()
        };
        self.read(|name| names.contains(&name) || operands.contains(name), Exemplars::Left)
    }

    fn read(&self, is_wanted: impl Fn(&str) -> bool, exemplars: Exemplars) -> Snapshot {
        let brought = self.bring();
        let (views, lanes, level) = {
            let state = self.lock();
            let wanted = |family: &&Family| family.enabled && is_wanted(&family.definition.name);
            let views: Vec<FamilyView> =
                state.families.iter().filter(wanted).map(Family::view).collect();
            (views, Arc::clone(&state.lanes), state.level)
        };
        let mut merger = Merger::at(clock::now_ns());
        let mut read =
            |view: &FamilyView| read_family(view, &lanes, &self.native_lane, &mut merger);
        let native: Vec<Option<Metric>> =
            views.iter().map(|view| view.native.then(|| read(view))).collect();
        drop(brought);
        // Before the values, which then count every exemplar's.
        let mut found = self.exemplars(&views, &lanes, exemplars).into_iter();
        let values = native.into_iter().zip(&views);
        let mut metrics: Vec<Metric> =
            values.map(|(metric, view)| metric.unwrap_or_else(|| read(view))).collect();
        for (view, metric) in views.iter().zip(&mut metrics) {
            if view.has_exemplars() {
                // Those of the overflow series too, which is shown only where it has something.
                let all: Vec<_> = found.by_ref().take(view.places().count()).collect();
                for (series, exemplars) in metric.series.iter_mut().zip(all) {
                    series.exemplars = exemplars;
                }
            }
        }
        compute(&mut metrics);
        Snapshot {
            service: self.service.clone(),
            taken_at_ms: unix_ms(),
            level,
            processes: vec![Process {
                pid: self.identity.pid,
                started_at_ms: self.identity.opened_at_ms,
                alive: true,
            }],
            resource: self.resource.clone(),
            metrics,
        }
    }

    /// Counts the series, family by family.
    pub fn cardinality(&self) -> Cardinality {
        let state = self.lock();
        let mut families: Vec<FamilyCardinality> = state
            .families
            .iter()
            .map(|family| FamilyCardinality {
                name: family.definition.name.clone(),
                series: family.series.len() as u64,
                max_series: family.definition.max_series,
                overflowed: family.overflowed,
            })
            .collect();
        families.sort_by_key(|family| std::cmp::Reverse(family.series));
        Cardinality {
            series: families.iter().map(|family| family.series).sum(),
            overflowed: families.iter().map(|family| family.overflowed).sum(),
            families,
        }
    }
}

fn read_family(
    view: &FamilyView,
    lanes: &[Arc<Lane>],
    native_lane: &Lane,
    merger: &mut Merger,
) -> Metric {
    let mut read = |position| {
        if view.native {
            merger.native(&view.definition, position, native_lane)
        } else {
            merger.lanes(&view.definition, position, lanes.iter().map(Arc::as_ref))
        }
    };
    let mut series: Vec<Series> = view
        .series
        .iter()
        .map(|place| {
            let labels = Labels::Values(Arc::clone(&place.values));
            Series::new(labels, read(place.range.position).value)
        })
        .collect();
    if let Some(place) = &view.overflow {
        let Merged { value, recorded } = read(place.range.position);
        if recorded {
            series.push(Series::new(Labels::Overflow, value));
        }
    }
    Metric { definition: Arc::clone(&view.definition), series }
}
