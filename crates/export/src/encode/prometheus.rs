//! A snapshot as Prometheus text: format 0.0.4 and OpenMetrics 1.0, a chunk at a time.
//!
//! ```
//! use nanometer_core::{Definition, Kind, Level, snapshot::*};
//! use nanometer_export::encode::prometheus::{Encoder, Format};
//! use std::sync::Arc;
//!
//! let definition = Arc::new(Definition::new("jobs.done", Kind::Counter, "{job}", "Jobs done."));
//! let series = vec![Series::new(Labels::Values([].into()), Value::Integer(3))];
//! let snapshot = Snapshot {
//!     service: "worker".into(),
//!     taken_at_ms: 0.0,
//!     level: Level::Production,
//!     processes: vec![],
//!     resource: vec![("service.name".into(), "worker".into())],
//!     metrics: vec![Metric { definition, series }],
//! };
//! let text = Encoder::new(snapshot, Format::OpenMetrics).collect::<Vec<_>>().concat();
//! assert_eq!(String::from_utf8(text).unwrap(), "\
//! ## TYPE target info
//! ## HELP target Target metadata.
//! target_info{service_name=\"worker\"} 1
//! ## TYPE jobs_done counter
//! ## HELP jobs_done Jobs done.
//! jobs_done_total 3
//! ## EOF
//! ");
//! ```

use std::collections::HashSet;

use nanometer_core::Kind;
use nanometer_core::snapshot::{Distribution, Snapshot, Value};

use super::exemplars::ExemplarLines;
use super::families::{Collision, Family, Member, TARGET, families_of};
use super::labels::{write_escaped, write_resource};
use super::number::{write_integer, write_value};
use super::units::Scale;

/// How many bytes a chunk has, about: it ends with the line that reaches this.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// A text format of Prometheus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text 0.0.4, which every Prometheus reads.
    Text,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

/// Encodes one snapshot: an iterator of chunks, each ending with a whole line. Nothing but the
/// chunk in hand and the label set in hand is ever in memory beside the snapshot.
pub struct Encoder {
    snapshot: Snapshot,
    format: Format,
    families: Vec<Family>,
    collisions: Vec<Collision>,
    /// Where the next line is.
    at: Cursor,
    /// The labels of the series at the cursor, as `LabelPlan::write` leaves them.
    labels: Vec<u8>,
    /// The series of the family at the cursor that have been written; kept only where the family
    /// may repeat one.
    seen: HashSet<Vec<(String, String)>>,
}

/// A place in the output.
#[derive(Default)]
struct Cursor {
    family: usize,
    /// Whether the header of the family has been written.
    in_family: bool,
    member: usize,
    series: usize,
    /// Whether the labels of the series are in hand.
    in_series: bool,
    /// Within a histogram's series: the next bucket.
    bucket: usize,
    /// The values in the buckets before that one.
    below: u64,
    /// Whether the target's metadata, which comes before all, has been written.
    target: bool,
    /// Whether everything has been written.
    end: bool,
}

impl Encoder {
    /// Plans the output: a few microseconds a metric, whatever the number of its series.
    pub fn new(snapshot: Snapshot, format: Format) -> Encoder {
        let (families, collisions) = families_of(&snapshot);
        Encoder {
            snapshot,
            format,
            families,
            collisions,
            at: Cursor::default(),
            labels: Vec::new(),
            seen: HashSet::new(),
        }
    }

    /// The metrics whose names collide, in the order of definition: known before anything is
    /// written.
    pub fn collisions(&self) -> &[Collision] {
        &self.collisions
    }

    /// Writes a header, a sample, or the buckets of one series that fit the chunk.
    fn step(&mut self, out: &mut Vec<u8>) {
        if !self.at.target {
            self.at.target = true;
            write_target(out, &self.snapshot, self.format);
            return;
        }
        let Some(family) = self.families.get(self.at.family) else {
            self.at.end = true;
            if self.format == Format::OpenMetrics {
                out.extend_from_slice(b"# EOF\n");
            }
            return;
        };
        let Some(member) = family.members.get(self.at.member) else {
            self.at.family += 1;
            self.at.in_family = false;
            self.at.member = 0;
            self.seen.clear();
            return;
        };
        if !self.at.in_family {
            self.at.in_family = true;
            write_header(out, family, self.format);
        }
        let Some(series) = self.snapshot.metrics[member.metric].series.get(self.at.series) else {
            self.at.member += 1;
            self.at.series = 0;
            return;
        };
        if !self.at.in_series {
            if family.may_repeat && !self.seen.insert(member.labels.identity(series)) {
                self.at.series += 1;
                return;
            }
            self.at.in_series = true;
            self.labels.clear();
            member.labels.write(&mut self.labels, series);
        }
        let exemplars = match self.format {
            Format::OpenMetrics => ExemplarLines::of(&self.snapshot.metrics[member.metric], series),
            Format::Text => ExemplarLines::none(),
        };
        let sample = Sample { family, member, labels: &self.labels, exemplars };
        match &series.value {
            Value::Histogram(distribution) => {
                if !sample.write_histogram(out, distribution, &mut self.at) {
                    return;
                }
            }
            Value::State(index) => sample.write_states(out, *index),
            Value::Number(value) => sample.write_number(out, *value),
            Value::Integer(value) => sample.write_whole(out, *value),
        }
        self.at.in_series = false;
        self.at.series += 1;
    }
}

impl Iterator for Encoder {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.at.end {
            return None;
        }
        let mut chunk = Vec::with_capacity(CHUNK_BYTES + CHUNK_BYTES / 16);
        while chunk.len() < CHUNK_BYTES && !self.at.end {
            self.step(&mut chunk);
        }
        (!chunk.is_empty()).then_some(chunk)
    }
}

fn write_target(out: &mut Vec<u8>, snapshot: &Snapshot, format: Format) {
    if snapshot.resource.is_empty() {
        return;
    }
    let (family, sample) = TARGET;
    let header = match format {
        Format::Text => {
            format!("# HELP {sample} Target metadata.\n# TYPE {sample} gauge\n")
        }
        Format::OpenMetrics => {
            format!("# TYPE {family} info\n# HELP {family} Target metadata.\n")
        }
    };
    out.extend_from_slice(header.as_bytes());
    let mut labels = Vec::new();
    write_resource(&mut labels, &snapshot.resource);
    write_label_set(out, sample, "", &labels);
    out.extend_from_slice(b"1\n");
}

fn write_header(out: &mut Vec<u8>, family: &Family, format: Format) {
    let kind = match (family.kind, format) {
        (Kind::Counter, _) => "counter",
        (Kind::Histogram, _) => "histogram",
        (Kind::State, Format::OpenMetrics) => "stateset",
        (Kind::Gauge | Kind::Derived | Kind::State, _) => "gauge",
    };
    let suffix = match (format, family.kind) {
        (Format::Text, Kind::Counter) => "_total",
        _ => "",
    };
    let name = format!("{}{suffix}", family.name);
    let write_help = |out: &mut Vec<u8>| {
        if !family.help.is_empty() {
            out.extend_from_slice(format!("# HELP {name} ").as_bytes());
            write_escaped(out, &family.help, format == Format::OpenMetrics);
            out.push(b'\n');
        }
    };
    let kind = format!("# TYPE {name} {kind}\n");
    match format {
        Format::Text => {
            write_help(out);
            out.extend_from_slice(kind.as_bytes());
        }
        Format::OpenMetrics => {
            out.extend_from_slice(kind.as_bytes());
            if !family.unit.is_empty() {
                out.extend_from_slice(format!("# UNIT {name} {}\n", family.unit).as_bytes());
            }
            write_help(out);
        }
    }
}

/// Appends `name_suffix{labels} `, without braces where there are no labels.
fn write_label_set(out: &mut Vec<u8>, name: &str, suffix: &str, labels: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(suffix.as_bytes());
    if let Some((_comma, labels)) = labels.split_last() {
        out.push(b'{');
        out.extend_from_slice(labels);
        out.push(b'}');
    }
    out.push(b' ');
}

/// One series with what its lines are made of.
struct Sample<'a> {
    family: &'a Family,
    member: &'a Member,
    labels: &'a [u8],
    exemplars: ExemplarLines<'a>,
}

impl Sample<'_> {
    fn write_number(&self, out: &mut Vec<u8>, value: f64) {
        self.write_name(out);
        write_value(out, self.member.scale.apply(value));
        self.write_exemplar(out, 0);
    }

    /// Exact to 64 bits where nothing is converted.
    fn write_whole(&self, out: &mut Vec<u8>, value: u64) {
        if self.member.scale != Scale::One {
            return self.write_number(out, value as f64);
        }
        self.write_name(out);
        write_integer(out, value);
        self.write_exemplar(out, 0);
    }

    /// Ends the line of a sample.
    fn write_exemplar(&self, out: &mut Vec<u8>, place: usize) {
        self.exemplars.write(out, place, self.member.scale);
        out.push(b'\n');
    }

    fn write_name(&self, out: &mut Vec<u8>) {
        let suffix = if self.family.kind == Kind::Counter { "_total" } else { "" };
        write_label_set(out, &self.family.name, suffix, self.labels);
    }

    /// A sample for each state: 1 for the one that it is in, 0 for the others.
    fn write_states(&self, out: &mut Vec<u8>, current: u32) {
        for (index, tail) in (0..).zip(&*self.member.tails) {
            out.extend_from_slice(self.family.name.as_bytes());
            out.push(b'{');
            out.extend_from_slice(self.labels);
            out.extend_from_slice(tail);
            out.extend_from_slice(if index == current { b"1\n" } else { b"0\n" });
        }
    }

    /// Writes buckets until the chunk is full, then sum and count. True when all is written.
    fn write_histogram(&self, out: &mut Vec<u8>, value: &Distribution, at: &mut Cursor) -> bool {
        let name = self.family.name.as_bytes();
        while let Some(tail) = self.member.tails.get(at.bucket) {
            if out.len() >= CHUNK_BYTES {
                return false;
            }
            at.below += value.counts.get(at.bucket).copied().unwrap_or_default();
            out.extend_from_slice(name);
            out.extend_from_slice(b"_bucket{");
            out.extend_from_slice(self.labels);
            out.extend_from_slice(tail);
            write_integer(out, at.below);
            self.write_exemplar(out, at.bucket);
            at.bucket += 1;
        }
        write_label_set(out, &self.family.name, "_sum", self.labels);
        write_value(out, self.member.scale.apply(value.sum));
        out.push(b'\n');
        write_label_set(out, &self.family.name, "_count", self.labels);
        write_integer(out, at.below);
        out.push(b'\n');
        (at.bucket, at.below) = (0, 0);
        true
    }
}
