//! What has been acknowledged of counters and histograms, by series: where delta windows begin.
//!
//! A series is the same one as long as its labels are the same allocation, which a meter keeps for
//! the time of the series: one that was removed and added again begins at nothing.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use nanometer_core::snapshot::{Labels, Metric, Snapshot, Value};
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
    series: HashMap<Identity, Acknowledged>,
    /// The end of the last window all of which was acknowledged: whatever is not among `series`
    /// was nothing then, and what is had the value that it has there. 0 where there is none.
    whole_ns: u64,
    /// The end of the last window of which anything was acknowledged.
    last_ns: u64,
    /// The window of the last acknowledgement, and how many of its points have been acknowledged.
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
        let acknowledged = points.len();
        for (metric, series) in &window.points[points] {
            self.note(&window, *metric as usize, *series as usize);
        }
        self.last_ns = self.last_ns.max(window.end_ns);
        let before = self.current.take().filter(|(current, _)| Arc::ptr_eq(current, &window));
        let all = before.map_or(0, |(_, points)| points) + acknowledged;
        if all == window.points.len() {
            self.whole_ns = window.end_ns;
            self.forget_removed(&window.snapshot);
        } else {
            self.current = Some((window, all));
        }
    }

    fn note(&mut self, window: &Window, metric: usize, series: usize) {
        let metric = &window.snapshot.metrics[metric];
        if !is_counted(metric.definition.kind) {
            return;
        }
        let series = &metric.series[series];
        let identity = identity(&metric.definition, &series.labels);
        let known = self.series.entry(identity).or_insert_with(|| Acknowledged {
            _definition: Arc::clone(&metric.definition),
            _labels: series.labels.clone(),
            end_ns: 0,
            value: Value::Integer(0),
        });
        known.end_ns = window.end_ns;
        known.value.clone_from(&series.value);
    }

    fn forget_removed(&mut self, snapshot: &Snapshot) {
        if self.series.len() > counted(snapshot).map(|metric| metric.series.len()).sum() {
            let there: HashSet<Identity> = counted(snapshot).flat_map(identities).collect();
            self.series.retain(|identity, _| there.contains(identity));
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

    /// Where the window of a series begins.
    ///
    /// `opened_ns`: when the process opened its meter
    pub(super) fn start_ns(&self, known: Option<&Acknowledged>, opened_ns: u64) -> u64 {
        known.map_or(opened_ns, |known| known.end_ns).max(self.whole_ns)
    }

    /// The end of a window that is read at that time: after all that were acknowledged, whatever
    /// the clock has done.
    pub(super) fn end_ns(&self, taken_ns: u64, opened_ns: u64) -> u64 {
        taken_ns.max(self.last_ns.max(opened_ns) + 1)
    }
}

/// Whether a metric of that kind has windows.
pub(super) fn is_counted(kind: Kind) -> bool {
    matches!(kind, Kind::Counter | Kind::Histogram)
}

fn counted(snapshot: &Snapshot) -> impl Iterator<Item = &Metric> {
    snapshot.metrics.iter().filter(|metric| is_counted(metric.definition.kind))
}

fn identities(metric: &Metric) -> impl Iterator<Item = Identity> {
    metric.series.iter().map(|series| identity(&metric.definition, &series.labels))
}

fn identity(definition: &Arc<Definition>, labels: &Labels) -> Identity {
    let labels = match labels {
        Labels::Values(values) => Arc::as_ptr(values).cast::<()>().addr(),
        Labels::Overflow => 0,
    };
    (Arc::as_ptr(definition).addr(), labels)
}
