//! Whatever names, helps, labels and numbers there are, the output can be read back, and each
//! series is in it once.
//!
//! The reader here is written from the formats' grammar, not from the encoder.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use nanometer_core::snapshot::{Distribution, Labels, Metric, Series, Snapshot, Value};
use nanometer_core::{Buckets, Definition, Kind, Level, States};
use nanometer_export::encode::negotiate::{coding_for, format_for};
use nanometer_export::encode::number::{write_bound, write_value};
use nanometer_export::encode::prometheus::{CHUNK_BYTES, Encoder, Format};
use proptest::prelude::*;

/// A sample line: name, labels, value.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    name: String,
    labels: BTreeMap<String, String>,
    value: String,
}

/// Reads a sample line by the grammar; panics where it does not follow it.
fn parse_sample(line: &str) -> Line {
    let name_end = line.find(['{', ' ']).unwrap();
    let name = line[..name_end].to_owned();
    let mut labels = BTreeMap::new();
    let mut rest = &line[name_end..];
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, after) = rest.split_once("=\"").unwrap();
            let (value, after) = unescape_to_quote(after);
            assert!(is_label_name(label), "{label:?} in {line:?}");
            assert!(labels.insert(label.to_owned(), value).is_none(), "{label} twice in {line:?}");
            rest = after;
            if let Some(after) = rest.strip_prefix(',') {
                rest = after;
            } else {
                rest = rest.strip_prefix('}').unwrap();
                break;
            }
        }
    }
    Line { name, labels, value: rest.strip_prefix(' ').unwrap().to_owned() }
}

fn unescape_to_quote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &text[at + 1..]),
            '\\' => match characters.next().unwrap().1 {
                'n' => value.push('\n'),
                other => {
                    assert!(matches!(other, '\\' | '"'), "escape of {other:?}");
                    value.push(other);
                }
            },
            other => value.push(other),
        }
    }
    panic!("no closing quote in {text:?}");
}

fn is_label_name(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.starts_with("__")
        && !name.is_empty()
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
}

/// Reads an exposition: every line is a comment of the known kinds or a sample of the family whose
/// header came last; no family comes twice, and no series.
fn parse(text: &str, format: Format) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut families = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut family = String::new();
    let text = match format {
        Format::Text => text,
        Format::OpenMetrics => text.strip_suffix("# EOF\n").unwrap(),
    };
    assert!(text.is_empty() || text.ends_with('\n'));
    for line in text.split_terminator('\n') {
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            let (word, name) = (words.next().unwrap(), words.next().unwrap());
            assert!(is_label_name(name), "{line:?}");
            if name != family {
                assert!(families.insert(name.to_owned()), "{name} has a second header");
                family = name.to_owned();
            }
            match word {
                "TYPE" => assert!(
                    ["counter", "gauge", "histogram", "info", "stateset"]
                        .contains(&words.next().unwrap())
                ),
                "UNIT" => assert!(name.ends_with(&format!("_{}", words.next().unwrap()))),
                "HELP" => {}
                other => panic!("{other:?} in {line:?}"),
            }
        } else {
            let sample = parse_sample(line);
            let suffix = sample.name.strip_prefix(&family);
            let suffixes = ["", "_total", "_info", "_bucket", "_sum", "_count"];
            assert!(
                suffix.is_some_and(|suffix| suffixes.contains(&suffix)),
                "{line:?} under {family}"
            );
            assert!(seen.insert((sample.name.clone(), sample.labels.clone())), "{line:?} twice");
            lines.push(sample);
        }
    }
    lines
}

fn encode(snapshot: &Snapshot, format: Format) -> String {
    String::from_utf8(Encoder::new(snapshot.clone(), format).flatten().collect()).unwrap()
}

fn snapshot(metrics: Vec<Metric>) -> Snapshot {
    Snapshot {
        service: "properties".to_owned(),
        taken_at_ms: 0.0,
        level: Level::Production,
        processes: Vec::new(),
        resource: Vec::new(),
        metrics,
    }
}

fn labels(values: &[String]) -> Labels {
    Labels::Values(values.iter().map(|value| Arc::from(value.as_str())).collect())
}

/// Text that tries to break out, mixed with any other.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("x\"} 1\nevil 2".to_owned()),
        Just("\\".to_owned()),
        Just("le".to_owned()),
        Just("__proto__".to_owned()),
        Just("\r\n# EOF\n".to_owned()),
        Just("\0".to_owned()),
        "[\\\\\"\n{}=, ;#a]{0,6}",
        ".{0,8}",
        "[a-b._]{0,3}",
    ]
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Counter),
        Just(Kind::Gauge),
        Just(Kind::Histogram),
        Just(Kind::State),
        Just(Kind::Derived),
    ]
}

fn metric() -> impl Strategy<Value = Metric> {
    let unit = prop_oneof!["", "ns", "By", "\\{x\\}", "m/s", "%", hostile()];
    (hostile(), kind(), unit, hostile(), prop::collection::vec(hostile(), 0..3)).prop_flat_map(
        |(name, kind, unit, help, names)| {
            let values = prop::collection::vec(hostile(), names.len());
            let mut definition = Definition::new(&name, kind, &unit, &help);
            definition.labels = names;
            if kind == Kind::Histogram {
                definition.buckets = Some(Buckets { bounds: vec![0.5, 1.0, 250.0], scale: None });
            }
            if kind == Kind::State {
                let names = vec!["one".to_owned(), help.clone(), format!("not {help}")];
                definition.states = Some(States { names, last: Vec::new() });
            }
            let definition = Arc::new(definition);
            let value = move |number: u32| match kind {
                Kind::Histogram => Value::Histogram(Distribution {
                    counts: vec![u64::from(number), 0, 1, 2],
                    sum: f64::from(number),
                    min: None,
                    max: None,
                }),
                Kind::State => Value::State(number % 3),
                _ => Value::Number(f64::from(number)),
            };
            // Distinct label sets, as a snapshot has them.
            prop::collection::btree_set(values, 0..4).prop_map(move |sets| Metric {
                definition: Arc::clone(&definition),
                series: sets
                    .iter()
                    .zip(1..)
                    .map(|(set, number)| Series::new(labels(set), value(number)))
                    .chain([Series::new(Labels::Overflow, value(0))])
                    .collect(),
            })
        },
    )
}

proptest! {
    #[test]
    fn any_snapshot_can_be_read_back(metrics in prop::collection::vec(metric(), 0..6)) {
        let mut snapshot = snapshot(metrics);
        for resource in [vec![], vec![("a\"b\nc".to_owned(), "d\"} 1\n\\".to_owned())]] {
            snapshot.resource = resource;
            for format in [Format::Text, Format::OpenMetrics] {
                parse(&encode(&snapshot, format), format);
            }
        }
    }

    #[test]
    fn label_values_come_back_intact(values in prop::collection::btree_set((hostile(), hostile()), 1..8)) {
        let mut definition = Definition::new("seen", Kind::Gauge, "", "");
        definition.labels = vec!["first".to_owned(), "second".to_owned()];
        let series = values.iter().map(|(first, second)| {
            Series::new(labels(&[first.clone(), second.clone()]), Value::Number(1.0))
        });
        let series = series.collect();
        let snapshot = snapshot(vec![Metric { definition: Arc::new(definition), series }]);
        for format in [Format::Text, Format::OpenMetrics] {
            let read: BTreeSet<(String, String)> = parse(&encode(&snapshot, format), format)
                .into_iter()
                .map(|mut line| {
                    let mut take = |name: &str| line.labels.remove(name).unwrap();
                    (take("first"), take("second"))
                })
                .collect();
            prop_assert_eq!(&read, &values);
        }
    }

    #[test]
    fn numbers_read_back_as_they_were(bits: u64, small in -1_000_000_i64..1_000_000, digits in 0_i32..9) {
        for value in [f64::from_bits(bits), small as f64 / 10_f64.powi(digits)] {
            let mut texts = [Vec::new(), Vec::new()];
            write_value(&mut texts[0], value);
            write_bound(&mut texts[1], value);
            for text in texts {
                let text = String::from_utf8(text).unwrap();
                let read: f64 = text.parse().unwrap();
                prop_assert!(read == value || (read.is_nan() && value.is_nan()), "{value:e} is {text}");
            }
        }
    }

    #[test]
    fn negotiation_takes_anything(accept in ".{0,60}", list in "[a-z*/;=q0-9., \"-]{0,60}") {
        for text in [&accept, &list] {
            format_for(text);
            coding_for(text);
        }
    }
}

#[test]
fn chunks_are_bounded_whatever_the_size_of_a_series() {
    let mut definition = Definition::new("large", Kind::Histogram, "", "");
    definition.labels = vec!["label".to_owned()];
    let bounds: Vec<f64> = (1..=2_000).map(f64::from).collect();
    definition.buckets = Some(Buckets { bounds, scale: None });
    let value = "v".repeat(10_000);
    let distribution = Distribution { counts: vec![1; 2_001], sum: 1.0, min: None, max: None };
    let series =
        vec![Series::new(labels(std::slice::from_ref(&value)), Value::Histogram(distribution))];
    let snapshot = snapshot(vec![Metric { definition: Arc::new(definition), series }]);
    let mut text = Vec::new();
    for chunk in Encoder::new(snapshot, Format::OpenMetrics) {
        assert!(chunk.len() < CHUNK_BYTES + 2 * value.len() && chunk.ends_with(b"\n"));
        text.extend(chunk);
    }
    let lines = parse(&String::from_utf8(text).unwrap(), Format::OpenMetrics);
    assert_eq!(lines.len(), 2_003);
    assert_eq!(lines[2_000].labels["le"], "+Inf");
    assert!(lines.iter().all(|line| line.labels["label"] == value));
    let counts = lines[..2_001].iter().map(|line| line.value.parse::<u64>().unwrap());
    assert!(counts.eq(1..=2_001));
}

#[test]
fn a_label_value_of_a_mebibyte_is_one_series() {
    let mut definition = Definition::new("large", Kind::Counter, "", "");
    definition.labels = vec!["label".to_owned()];
    let value = "\"\\\n".repeat(350_000);
    let series = vec![Series::new(labels(std::slice::from_ref(&value)), Value::Integer(1))];
    let snapshot = snapshot(vec![Metric { definition: Arc::new(definition), series }]);
    let lines = parse(&encode(&snapshot, Format::Text), Format::Text);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].labels["label"], value);
}
