//! What is open, and the texts that name it: in a meter, and in a copy of its segment.

use serde_json::{Value, json};

use super::test_meter::{lane_of, meter_in, open};
use crate::clock;
use crate::json::to_string;
use crate::layout::spans::{
    OPEN_COMPONENT, OPEN_COMPONENT_START, OPEN_FLOW, OPEN_NAME, OPEN_START,
};
use crate::reader;

#[test]
fn what_hangs_has_a_name_here_and_in_a_copy_of_the_segment() {
    let directory = tempfile::tempdir().expect("a directory");
    let meter = meter_in(Some(&directory.path().join("state")), 511);
    let (flow, parse) = (meter.trace_text("orders"), meter.trace_text("parse"));
    let name = meter.trace_text("load");
    let (lane, other) = (lane_of(&meter), lane_of(&meter));
    let now_ns = clock::now_ns();
    let at_work = [(OPEN_START, now_ns - 5e9), (OPEN_COMPONENT_START, now_ns - 2e9)];
    open(&lane, 510, 1, &at_work, &[(OPEN_FLOW, flow), (OPEN_COMPONENT, parse)]);
    open(&lane, 3, 2, &[(OPEN_START, now_ns - 7e9)], &[(OPEN_NAME, name)]);
    open(&other, 0, 3, &[(OPEN_START, now_ns - 1e9)], &[(OPEN_FLOW, flow)]);

    let check = |spans: Vec<crate::OpenSpanData>, lanes: &[u32]| {
        let read: Value = serde_json::from_str(&to_string(&spans)).expect("JSON");
        let all = read.as_array().expect("a list");
        let names: Vec<_> = all.iter().map(|span| span["name"].as_str().expect("a name")).collect();
        assert_eq!(names[..2], ["load", "flow:orders"], "oldest first");
        assert!(spans.iter().map(|span| span.lane).eq(lanes.iter().copied()));
        assert_eq!((&all[0]["flow"], &all[0]["componentAgeNs"]), (&Value::Null, &Value::Null));
        assert_eq!((&all[1]["flow"], &all[1]["component"]), (&json!("orders"), &json!("parse")));
        assert_eq!(all[1]["traceId"], "00000000000000010000000000000007");
        assert_eq!(all[1]["spanId"], "0000000000000001");
        for (span, age_ns) in spans.iter().zip([7e9, 5e9, 1e9]) {
            assert!((span.age_ns - age_ns).abs() < 1e9, "{span:?}");
            let started_ms = crate::process::unix_ms() - age_ns / 1e6;
            assert!((span.start_ms - started_ms).abs() < 1_000.0, "{span:?}");
        }
        let component_age = spans[1].component_age_ns.expect("a component is at work");
        assert!((component_age - 2e9).abs() < 1e9);
    };
    check(meter.open_spans(None), &[1, 1, 2]);
    assert_eq!(meter.open_spans(Some("orders")).len(), 2);
    assert!(meter.open_spans(Some("parse")).is_empty());

    let path = meter.segment_path().expect("a file");
    check(reader::read_open_spans(&path, None).expect("a segment"), &[1, 1, 2]);
    assert_eq!(reader::read_open_spans(&path, Some("orders")).expect("a segment").len(), 2);
    reader::read(&path).expect("metrics beside spans");
    reader::read_events(&path, 0).expect("events beside spans");

    // The thread is gone, and what it had open with it.
    drop(other);
    check(meter.open_spans(None), &[1, 1]);
    check(reader::read_open_spans(&path, None).expect("a segment"), &[1, 1]);
}

#[test]
fn texts_keep_their_numbers_and_survive_a_new_generation_of_the_schema() {
    let directory = tempfile::tempdir().expect("a directory");
    let meter = meter_in(Some(&directory.path().join("state")), 511);
    let flow = meter.trace_text("orders");
    assert_eq!((flow, meter.trace_text("b"), meter.trace_text("orders")), (1, 2, 1));
    assert_eq!(meter.trace_text(&"x".repeat(1_025)), 0);
    assert_eq!(meter.trace_text(&"x".repeat(1_024)), 3);
    let lane = lane_of(&meter);
    open(&lane, 0, 1, &[(OPEN_START, 1.0)], &[(OPEN_FLOW, flow)]);
    let definition = json!({
        "name": "churn", "kind": "counter", "unit": "", "help": "Series that come and go.",
        "labels": ["key"], "maxSeries": 10,
    });
    let mut all: Value = serde_json::to_value(crate::Definition::new(
        "churn",
        crate::Kind::Counter,
        "",
        "Series that come and go.",
    ))
    .expect("JSON");
    for (key, value) in definition.as_object().expect("an object") {
        all[key] = value.clone();
    }
    let family = meter.define(serde_json::from_value(all).expect("a definition")).expect("room");
    for n in 0..30 {
        let values = [format!("{n}{}", "y".repeat(100_000))];
        assert!(lane.bind(family.family, &values).is_some());
        assert!(lane.release(family.family, &values));
    }
    let path = meter.segment_path().expect("a file");
    let bytes = std::fs::read(&path).expect("a segment");
    let at = crate::layout::HEADER_SCHEMA;
    let word = u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
    assert!(word >> crate::layout::SCHEMA_BYTES_BITS > 0, "a new generation");
    assert_eq!((meter.trace_text("b"), meter.trace_text("c")), (2, 4));
    let open = reader::read_open_spans(&path, Some("orders")).expect("a segment");
    assert_eq!(open.len(), 1);
}

#[test]
fn so_many_texts_and_no_more() {
    let meter = meter_in(None, 511);
    for n in 1..=65_535 {
        assert_eq!(meter.trace_text(&n.to_string()), n);
    }
    assert_eq!((meter.trace_text("one more"), meter.trace_text("77")), (0, 77));
}
