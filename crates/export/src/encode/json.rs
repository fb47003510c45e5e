//! A snapshot as JSON, a chunk at a time: the same text as serialising it whole.

use nanometer_core::Aggregate;
use nanometer_core::json::write;
use nanometer_core::snapshot::{Metric, Snapshot};
use serde::Serialize;

use super::prometheus::CHUNK_BYTES;

/// Encodes one snapshot: an iterator of chunks of about 64 KiB.
pub struct JsonEncoder {
    snapshot: Snapshot,
    /// The next metric.
    metric: usize,
    /// Its next series.
    series: usize,
    begun: bool,
    end: bool,
}

impl JsonEncoder {
    /// Starts at the beginning.
    pub fn new(snapshot: Snapshot) -> JsonEncoder {
        JsonEncoder { snapshot, metric: 0, series: 0, begun: false, end: false }
    }

    /// Writes what comes before the metrics, or (a part of) one metric, or what comes after them.
    fn step(&mut self, out: &mut Vec<u8>) {
        if !self.begun {
            self.begun = true;
            write_head(out, &self.snapshot);
            return;
        }
        let Some(metric) = self.snapshot.metrics.get(self.metric) else {
            self.end = true;
            out.extend_from_slice(b"]}");
            return;
        };
        if self.series == 0 {
            if self.metric > 0 {
                out.push(b',');
            }
            write_metric_head(out, metric);
        }
        for series in metric.series_json().skip(self.series) {
            if self.series > 0 {
                out.push(b',');
            }
            write(out, &series);
            self.series += 1;
            if out.len() >= CHUNK_BYTES && self.series < metric.series.len() {
                return;
            }
        }
        out.extend_from_slice(b"]}");
        self.metric += 1;
        self.series = 0;
    }
}

impl Iterator for JsonEncoder {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.end {
            return None;
        }
        let mut chunk = Vec::with_capacity(CHUNK_BYTES + CHUNK_BYTES / 16);
        while chunk.len() < CHUNK_BYTES && !self.end {
            self.step(&mut chunk);
        }
        Some(chunk)
    }
}

fn write_head(out: &mut Vec<u8>, snapshot: &Snapshot) {
    let Snapshot { service, taken_at_ms, level, processes, .. } = snapshot;
    field(out, "{\"service\":", service);
    field(out, ",\"takenAtMs\":", taken_at_ms);
    field(out, ",\"level\":", level);
    field(out, ",\"processes\":", processes);
    out.extend_from_slice(b",\"metrics\":[");
}

fn write_metric_head(out: &mut Vec<u8>, metric: &Metric) {
    let definition = &metric.definition;
    field(out, "{\"name\":", &definition.name);
    field(out, ",\"kind\":", &definition.kind);
    field(out, ",\"unit\":", &definition.unit);
    field(out, ",\"help\":", &definition.help);
    if definition.aggregate == Some(Aggregate::Elapsed) {
        field(out, ",\"elapsed\":", &true);
    }
    if let Some(states) = &definition.states {
        field(out, ",\"states\":", &states.names);
    }
    if let Some(derive) = &definition.derive {
        field(out, ",\"derive\":", derive);
    }
    out.extend_from_slice(b",\"series\":[");
}

fn field(out: &mut Vec<u8>, key: &str, value: &impl Serialize) {
    out.extend_from_slice(key.as_bytes());
    write(out, value);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use nanometer_core::snapshot::{Labels, Process, Series, Value};
    use nanometer_core::{Definition, Derive, Kind, Level, States};

    use super::*;

    #[test]
    fn chunks_add_up_to_the_whole() {
        let mut definition = Definition::new("jobs.done", Kind::Counter, "{job}", "Jobs \"done\".");
        definition.labels = vec!["id".to_owned()];
        let series = |id: u64| {
            let labels = Labels::Values([Arc::from(format!("job {id}"))].into());
            Series::new(labels, Value::Integer(id))
        };
        let many =
            Metric { definition: Arc::new(definition), series: (0..5_000).map(series).collect() };
        let none = Metric { definition: Arc::clone(&many.definition), series: vec![] };
        let particular = |change: fn(&mut Definition)| {
            let mut definition = Definition::new("particular", Kind::Gauge, "", "");
            change(&mut definition);
            Metric { definition: Arc::new(definition), series: vec![] }
        };
        let running = particular(|definition| definition.aggregate = Some(Aggregate::Elapsed));
        let states = particular(|definition| {
            let (names, last) = (vec!["on".to_owned(), "off".to_owned()], vec![]);
            definition.states = Some(States { names, last });
        });
        let derived = particular(|definition| {
            let (numerator, denominator) = ("above".to_owned(), "below".to_owned());
            definition.derive = Some(Derive { numerator, denominator, factor: 1e9 });
        });
        let snapshot = Snapshot {
            service: "orders".to_owned(),
            taken_at_ms: 1.5,
            level: Level::Production,
            processes: vec![Process { pid: 7, started_at_ms: 2.0, alive: true }],
            resource: vec![],
            metrics: vec![none.clone(), many, none, running, states, derived],
        };
        let chunks: Vec<Vec<u8>> = JsonEncoder::new(snapshot.clone()).collect();
        assert!(chunks.len() > 2 && chunks.iter().all(|chunk| chunk.len() < 2 * CHUNK_BYTES));
        assert_eq!(
            String::from_utf8(chunks.concat()).unwrap(),
            nanometer_core::json::to_string(&snapshot)
        );
    }
}
