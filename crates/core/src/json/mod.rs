//! A snapshot as JSON: what `GET /snapshot` answers and what TypeScript reads.

mod number;

use number::{JavaScript, Number};
use serde::ser::{SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};

use crate::definition::{Aggregate, Definition};
use crate::snapshot::{Distribution, Exemplar, Metric, Process, Series, Snapshot, Value};

/// Appends `value` as compact JSON, its numbers as JavaScript writes them. What cannot be JSON (a
/// map whose keys are no strings) becomes `null`.
pub fn write(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    let start = out.len();
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, JavaScript);
    if value.serialize(&mut serializer).is_err() {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}

/// As [`write()`], to a text of its own.
pub fn to_string(value: &(impl Serialize + ?Sized)) -> String {
    let mut out = Vec::new();
    write(&mut out, value);
    // The serializer writes nothing but UTF-8.
    String::from_utf8(out).unwrap_or_default()
}

impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Snapshot", 5)?;
        object.serialize_field("service", &self.service)?;
        object.serialize_field("takenAtMs", &self.taken_at_ms)?;
        object.serialize_field("level", &self.level)?;
        object.serialize_field("processes", &self.processes)?;
        object.serialize_field("metrics", &self.metrics)?;
        object.end()
    }
}

impl Serialize for Process {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Process", 3)?;
        object.serialize_field("pid", &self.pid)?;
        object.serialize_field("startedAtMs", &self.started_at_ms)?;
        object.serialize_field("alive", &self.alive)?;
        object.end()
    }
}

impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let definition = &self.definition;
        let mut object = serializer.serialize_struct("Metric", 6)?;
        object.serialize_field("name", &definition.name)?;
        object.serialize_field("kind", &definition.kind)?;
        object.serialize_field("unit", &definition.unit)?;
        object.serialize_field("help", &definition.help)?;
        if definition.aggregate == Some(Aggregate::Elapsed) {
            object.serialize_field("elapsed", &true)?;
        }
        if let Some(states) = &definition.states {
            object.serialize_field("states", &states.names)?;
        }
        if let Some(derive) = &definition.derive {
            object.serialize_field("derive", derive)?;
        }
        object.serialize_field("series", &AllSeries(definition, &self.series))?;
        object.end()
    }
}

impl Metric {
    /// Each series as JSON, for who writes a large snapshot piece by piece.
    pub fn series_json(&self) -> impl Iterator<Item = impl Serialize> {
        let one = |series| OneSeries(&self.definition, series);
        self.series.iter().map(one)
    }
}

struct AllSeries<'a>(&'a Definition, &'a [Series]);

impl Serialize for AllSeries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.1.len()))?;
        for series in self.1 {
            list.serialize_element(&OneSeries(self.0, series))?;
        }
        list.end()
    }
}

struct OneSeries<'a>(&'a Definition, &'a Series);

impl Serialize for OneSeries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let OneSeries(definition, series) = self;
        let mut object = serializer.serialize_struct("Series", 4)?;
        object.serialize_field("labels", &LabelPairs(definition, series))?;
        match &series.value {
            Value::Number(value) => object.serialize_field("value", &Number(*value))?,
            Value::Integer(value) => object.serialize_field("value", value)?,
            Value::State(index) => {
                object.serialize_field("value", index)?;
                object.serialize_field("state", definition.state_name(*index))?;
            }
            Value::Histogram(distribution) => {
                let bounds = definition.buckets.as_ref().map(|buckets| &buckets.bounds[..]);
                let bounds = bounds.unwrap_or_default();
                object.serialize_field("histogram", &Histogram { distribution, bounds })?;
            }
        }
        if !series.exemplars.is_empty() {
            let is_histogram = matches!(series.value, Value::Histogram(_));
            let exemplars = series.exemplars.iter().map(|one| OneExemplar(one, is_histogram));
            object.serialize_field("exemplars", &exemplars.collect::<Vec<_>>())?;
        }
        object.end()
    }
}

/// An exemplar, of a histogram or of a counter, which has no buckets.
struct OneExemplar<'a>(&'a Exemplar, bool);

impl Serialize for OneExemplar<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let OneExemplar(Exemplar { place, value, trace_id, span_id, at_ms }, has_bucket) = self;
        let mut object = serializer.serialize_struct("Exemplar", 5)?;
        if *has_bucket {
            object.serialize_field("bucket", place)?;
        }
        object.serialize_field("value", &Number(*value))?;
        object.serialize_field("traceId", trace_id)?;
        object.serialize_field("spanId", span_id)?;
        object.serialize_field("atMs", &Number(*at_ms))?;
        object.end()
    }
}

struct LabelPairs<'a>(&'a Definition, &'a Series);

impl Serialize for LabelPairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for (name, value) in self.1.label_pairs(self.0) {
            object.serialize_entry(name, value)?;
        }
        object.end()
    }
}

struct Histogram<'a> {
    distribution: &'a Distribution,
    bounds: &'a [f64],
}

impl Serialize for Histogram<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Histogram { distribution, bounds } = self;
        let mut object = serializer.serialize_struct("Histogram", 6)?;
        object.serialize_field("count", &distribution.count())?;
        object.serialize_field("sum", &Number(distribution.sum))?;
        object.serialize_field("min", &distribution.min.map(Number))?;
        object.serialize_field("max", &distribution.max.map(Number))?;
        object.serialize_field("bounds", &Numbers(bounds))?;
        object.serialize_field("counts", &distribution.counts)?;
        object.end()
    }
}

struct Numbers<'a>(&'a [f64]);

impl Serialize for Numbers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().copied().map(Number))
    }
}
