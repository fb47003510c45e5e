//! Plain owned values, read at one time and merged across lanes; no I/O and no formats.
//!
//! A snapshot shares nothing with the segment: encoders, the inspection server and tests read it
//! at leisure, on any thread.

use std::sync::Arc;

use crate::definition::Definition;
use crate::level::Level;
use crate::spans::{SpanId, TraceId};

/// All series of one meter at one time.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The service that the meter belongs to.
    pub service: String,
    /// When it was read: Unix time in milliseconds.
    pub taken_at_ms: f64,
    /// The level at that time.
    pub level: Level,
    /// The processes whose lanes it holds.
    pub processes: Vec<Process>,
    /// Resource attributes in OpenTelemetry's names: `service.name`, `process.pid`, ….
    pub resource: Vec<(String, String)>,
    /// Every metric that is exported, in the order of definition.
    pub metrics: Vec<Metric>,
}

/// A process that recorded into the snapshot.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its process id.
    pub pid: u32,
    /// When it opened its meter: Unix time in milliseconds.
    pub started_at_ms: f64,
    /// Whether it still runs.
    pub alive: bool,
}

/// One metric with its series.
#[derive(Clone, Debug)]
pub struct Metric {
    /// What it is.
    pub definition: Arc<Definition>,
    /// Its series, in the order in which they were first used; the overflow series, if it has
    /// recorded anything, is the last.
    pub series: Vec<Series>,
}

/// The label of a family's overflow series, and its value.
pub const OVERFLOW_LABEL: (&str, &str) = ("otel_metric_overflow", "true");

/// One set of label values with its value.
#[derive(Clone, Debug)]
pub struct Series {
    /// What tells it from the family's other series.
    pub labels: Labels,
    /// Its value, merged across lanes.
    pub value: Value,
    /// For whom it was recorded, by place; empty where nobody asked, or nothing is known.
    pub exemplars: Vec<Exemplar>,
}

/// A trace that a counter, or a bucket of a histogram, was last recorded for.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    /// The bucket's index; 0 of a counter.
    pub place: u32,
    /// What was recorded: a value of the bucket, or the counter's increment.
    pub value: f64,
    /// The trace.
    pub trace_id: TraceId,
    /// The span that stands for it: an element's, or the first that began in the thread.
    pub span_id: SpanId,
    /// When that span ended: Unix time in milliseconds.
    pub at_ms: f64,
}

/// What tells a series from the others of its family.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Labels {
    /// A value for each of the definition's label names, in their order; none when unlabelled.
    Values(Arc<[Arc<str>]>),
    /// The family's overflow series: its only label is [`OVERFLOW_LABEL`].
    Overflow,
}

/// The value of a series.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A counter or gauge of a JavaScript lane, or a derived metric.
    Number(f64),
    /// A counter of the native lane, exact to 64 bits.
    Integer(u64),
    /// A state: its index among the definition's names, always one of them.
    State(u32),
    /// A histogram.
    Histogram(Distribution),
}

/// The value of a histogram. Bounds are those of the definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// Values in each bucket, not cumulative: one more than there are bounds.
    pub counts: Vec<u64>,
    /// The sum of all values.
    pub sum: f64,
    /// The smallest value; `None` while there is none.
    pub min: Option<f64>,
    /// The largest value; `None` while there is none.
    pub max: Option<f64>,
}

impl Value {
    /// The value of a counter, gauge, state or derived metric, as near as a float64 comes to it.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Number(value) => Some(*value),
            Value::Integer(value) => Some(*value as f64),
            Value::State(index) => Some(f64::from(*index)),
            Value::Histogram(_) => None,
        }
    }
}

impl Distribution {
    /// How many values there are: the sum of the buckets, so that the two never disagree.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

impl Series {
    /// A series without exemplars.
    pub fn new(labels: Labels, value: Value) -> Series {
        Series { labels, value, exemplars: Vec::new() }
    }

    /// The series' labels as name and value, in the definition's order.
    pub fn label_pairs<'a>(
        &'a self,
        definition: &'a Definition,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let (values, overflow) = match &self.labels {
            Labels::Values(values) => (&values[..], None),
            Labels::Overflow => (&[][..], Some(OVERFLOW_LABEL)),
        };
        let named =
            definition.labels.iter().zip(values).map(|(name, value)| (&name[..], &value[..]));
        named.chain(overflow)
    }
}
