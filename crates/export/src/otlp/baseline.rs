//! What has been acknowledged of counters and histograms, by series: where delta windows begin.
//!
//! A series is the same one as long as its labels are the same allocation, which a meter keeps for
//! the time of the series: one that was removed and added again begins at nothing.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use nanometer_core::snapshot::{Labels, Series, Snapshot, Value};
use nanometer_core::{Definition, Kind};

/// All that was encoded at one time.
#[derive(Debug)]
pub(super) struct Window {
    pub snapshot: Arc<Snapshot>,
    /// Unix nanoseconds; after that of every window before.
    pub end_ns: u64,
    /// The metric and the series of each data point, as indices into the snapshot, in order.
    pub points: Vec<(u32, u32)>,
}

/// What becomes true when a payload has been delivered. Told to [`Baseline::acknowledge`], or
/// dropped: then it is as if the payload had never been.
#[derive(Debug)]
pub struct Ack {
    pub(super) window: Arc<Window>,
    /// Which of its points.
    pub(super) points: Range<usize>,
}

/// See the module. Of one exporter; no more than one window may be unacknowledged at a time.
#[derive(Debug, Default)]
pub struct Baseline {
    /// Every series that was there at `last_ns`.
    series: HashMap<Identity, Acknowledged>,
    /// The end of the last window of which anything was acknowledged; 0 where there is none.
    last_ns: u64,
    /// The end of the last window all of which was acknowledged: each of `series` had the value then
    /// that it has there. 0 where there is none.
    whole_ns: u64,
    /// The window that ended at `last_ns`, and how many of its points are acknowledged, while some
    /// are not.
    current: Option<(Arc<Window>, usize)>,
}

/// Where a series' definition and label values are.
type Identity = (usize, usize);

/// What is known of a series; keeps the places that are its identity from being used again.
#[derive(Debug)]
pub(super) struct Acknowledged {
    _definition: Arc<Definition>,
    _labels: Labels,
    end_ns: u64,
    pub value: Value,
}

impl Baseline {
    /// Nothing has been acknowledged.
    pub fn new() -> Baseline {
        Baseline::default()
    }

    /// Takes note that a payload has been delivered, as a whole or in part: what a receiver rejects
    /// is not sent again.
    pub fn acknowledge(&mut self, ack: Ack) {
        let Ack { window, points } = ack;
        let current = self.current.take().filter(|(current, _)| Arc::ptr_eq(current, &window));
        if current.is_none() {
            self.look_at(&window.snapshot);
        }
        let acknowledged = current.map_or(0, |(_, points)| points) + points.len();
        for (metric, series) in &window.points[points] {
            self.note(&window, *metric as usize, *series as usize);
        }
        self.last_ns = window.end_ns;
        if acknowledged == window.points.len() {
            self.whole_ns = window.end_ns;
        } else {
            self.current = Some((window, acknowledged));
        }
    }

    /// Forgets the series that are there no more. Those that are new have come since the last window
    /// of which anything was acknowledged.
    fn look_at(&mut self, snapshot: &Snapshot) {
        let mut known = std::mem::take(&mut self.series);
        for metric in &snapshot.metrics {
            let definition = &metric.definition;
            if !is_counted(definition.kind) {
                continue;
            }
            for Series { labels, .. } in &metric.series {
                let identity = identity(definition, labels);
                let one = known.remove(&identity).unwrap_or_else(|| Acknowledged {
                    _definition: Arc::clone(definition),
                    _labels: labels.clone(),
                    end_ns: self.last_ns,
                    value: Value::Integer(0),
                });
                self.series.insert(identity, one);
            }
        }
    }

    fn note(&mut self, window: &Window, metric: usize, series: usize) {
        let metric = &window.snapshot.metrics[metric];
        let series = &metric.series[series];
        if let Some(known) = self.series.get_mut(&identity(&metric.definition, &series.labels)) {
            known.end_ns = window.end_ns;
            known.value.clone_from(&series.value);
        }
    }

    /// What has been acknowledged of a series.
    pub(super) fn of(
        &self,
        definition: &Arc<Definition>,
        labels: &Labels,
    ) -> Option<&Acknowledged> {
        self.series.get(&identity(definition, labels))
    }

    /// Where the window of a series begins. One that is not known was not there at `last_ns`.
    ///
    /// `opened_ns`: when the process opened its meter
    pub(super) fn start_ns(&self, known: Option<&Acknowledged>, opened_ns: u64) -> u64 {
        let known = known.map_or(self.last_ns, |known| known.end_ns.max(self.whole_ns));
        known.max(opened_ns)
    }

    /// The end of a window that is read at that time: after all that were acknowledged, whatever
    /// the clock has done.
    pub(super) fn end_ns(&self, taken_ns: u64, opened_ns: u64) -> u64 {
        taken_ns.max(self.last_ns.max(opened_ns) + 1)
    }
}

/// Whether a metric of that kind has windows.
fn is_counted(kind: Kind) -> bool {
    matches!(kind, Kind::Counter | Kind::Histogram)
}

fn identity(definition: &Arc<Definition>, labels: &Labels) -> Identity {
    let labels = match labels {
        Labels::Values(values) => Arc::as_ptr(values).cast::<()>().addr(),
        Labels::Overflow => 0,
    };
    (Arc::as_ptr(definition).addr(), labels)
}
