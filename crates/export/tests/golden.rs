//! The complete output of both formats for the snapshots in `__test__/conformance/golden`, which
//! the TypeScript encoder is held to as well; see the README there.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nanometer_core::snapshot::{Distribution, Exemplar, Labels, Metric, Series, Snapshot, Value};
use nanometer_core::{Aggregate, Definition, Kind, Level, SpanId, TraceId};
use nanometer_export::encode::families::Outcome;
use nanometer_export::encode::prometheus::{Encoder, Format};
use serde_json::{Value as Json, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../__test__/conformance/golden")
}

/// The names of the goldens, without `.json`.
fn names() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert!(names.len() >= 6, "goldens are missing: {names:?}");
    names
}

fn load(name: &str) -> Json {
    serde_json::from_str(&fs::read_to_string(folder().join(format!("{name}.json"))).unwrap())
        .unwrap()
}

fn definition(given: &Json) -> Definition {
    let mut whole = json!({
        "unit": "", "help": "", "labels": [], "values": null, "maxSeries": null, "aggregate": null,
        "buckets": null, "states": null, "derive": null, "diagnostic": false, "reserved": false, "deprecated": null,
    });
    for (key, value) in given.as_object().unwrap() {
        whole[key] = value.clone();
    }
    let mut definition: Definition = serde_json::from_value(whole).unwrap();
    if definition.kind == Kind::Gauge && definition.aggregate.is_none() {
        definition.aggregate = Some(Aggregate::Sum);
    }
    definition
}

fn value(kind: Kind, series: &Json) -> Value {
    if let Some(histogram) = series.get("histogram") {
        let counts = histogram["counts"].as_array().unwrap();
        return Value::Histogram(Distribution {
            counts: counts.iter().map(|count| count.as_u64().unwrap()).collect(),
            sum: histogram["sum"].as_f64().unwrap(),
            min: histogram["min"].as_f64(),
            max: histogram["max"].as_f64(),
        });
    }
    match &series["value"] {
        Json::String(text) => match text.as_str() {
            "NaN" => Value::Number(f64::NAN),
            "+Inf" => Value::Number(f64::INFINITY),
            "-Inf" => Value::Number(f64::NEG_INFINITY),
            digits => Value::Integer(digits.parse().unwrap()),
        },
        number if kind == Kind::State => Value::State(number.as_u64().unwrap() as u32),
        number => Value::Number(number.as_f64().unwrap()),
    }
}

fn series(kind: Kind, given: &Json) -> Series {
    let labels = match given.get("overflow") {
        Some(_) => Labels::Overflow,
        None => {
            let values = given["labels"].as_array().unwrap();
            Labels::Values(values.iter().map(|value| Arc::from(value.as_str().unwrap())).collect())
        }
    };
    let exemplars = given.get("exemplars").and_then(Json::as_array);
    Series {
        exemplars: exemplars.into_iter().flatten().map(exemplar).collect(),
        ..Series::new(labels, value(kind, given))
    }
}

fn exemplar(given: &Json) -> Exemplar {
    Exemplar {
        place: given["place"].as_u64().unwrap() as u32,
        value: given["value"].as_f64().unwrap(),
        trace_id: TraceId::parse(given["traceId"].as_str().unwrap()).unwrap(),
        span_id: SpanId::parse(given["spanId"].as_str().unwrap()).unwrap(),
        at_ms: given["atMs"].as_f64().unwrap(),
    }
}

fn snapshot(golden: &Json) -> Snapshot {
    let resource: BTreeMap<String, String> =
        serde_json::from_value(golden["resource"].clone()).unwrap();
    let metric = |metric: &Json| {
        let definition = definition(&metric["definition"]);
        let all = metric["series"].as_array().unwrap().iter();
        let series = all.map(|given| series(definition.kind, given)).collect();
        Metric { definition: Arc::new(definition), series }
    };
    Snapshot {
        service: "golden".to_owned(),
        taken_at_ms: 0.0,
        level: Level::Production,
        processes: Vec::new(),
        resource: resource.into_iter().collect(),
        metrics: golden["metrics"].as_array().unwrap().iter().map(metric).collect(),
    }
}

fn encode(snapshot: &Snapshot, format: Format) -> String {
    String::from_utf8(Encoder::new(snapshot.clone(), format).flatten().collect()).unwrap()
}

#[test]
fn every_golden_comes_out_as_it_stands_there() {
    let write = std::env::var("NANOMETER_GOLDEN").is_ok_and(|value| value == "write");
    for name in names() {
        let snapshot = snapshot(&load(&name));
        for (format, extension) in [(Format::Text, "prom"), (Format::OpenMetrics, "om")] {
            let path = folder().join(format!("{name}.{extension}"));
            let found = encode(&snapshot, format);
            if write {
                fs::write(&path, &found).unwrap();
            }
            let expected = fs::read_to_string(&path).unwrap();
            for (number, (found, expected)) in
                found.split('\n').zip(expected.split('\n')).enumerate()
            {
                assert_eq!(found, expected, "{name}.{extension}, line {}", number + 1);
            }
            assert_eq!(found, expected, "{name}.{extension}");
        }
    }
}

#[test]
fn every_collision_is_named() {
    for name in names() {
        let golden = load(&name);
        let encoder = Encoder::new(snapshot(&golden), Format::Text);
        let found: Vec<Json> = encoder
            .collisions()
            .iter()
            .map(|collision| {
                let outcome = match collision.outcome {
                    Outcome::Joined => "joined",
                    Outcome::LeftOut => "left out",
                };
                json!({
                    "metric": collision.metric, "wants": collision.wants,
                    "holder": collision.holder, "outcome": outcome,
                })
            })
            .collect();
        assert_eq!(Json::Array(found), golden["collisions"], "{name}");
    }
}
