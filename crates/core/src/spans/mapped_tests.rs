//! Spans of threads in mapped memory: what a meter reads of them.

use serde_json::{Value, json};

use super::data::{SpanStatus, TraceQuery};
use super::ids::TraceId;
use super::ring::first_cell;
use super::test_meter::{lane_of, meter_in, trace_id, write_element, writer};
use super::writer::{Local, Written};
use crate::atomic::Ordering::Relaxed;
use crate::clock;
use crate::json::to_string;
use crate::layout::spans::{
    FORM_BACKPRESSURE, FORM_COPY, FORM_FLOW, FORM_INVOKE, FORM_PLAIN, FORM_TRANSFER, REASON_ERROR,
    REASON_HEAD, SPAN_AMOUNT,
};
use crate::meter::Meter;

fn ids(meter: &Meter, query: Value) -> Vec<TraceId> {
    let query: TraceQuery = serde_json::from_value(query).expect("a query");
    meter.traces(&query).iter().map(|trace| trace.trace_id).collect()
}

#[test]
fn each_form_reads_as_its_name_and_attributes() {
    let meter = meter_in(None, 511);
    let lane = lane_of(&meter);
    let text = |text: &str| meter.trace_text(text);
    let (flow, parse) = (text("orders"), text("parse"));
    let (name, reason, stream) = (text("load"), text("clone"), text("parse->price"));
    let mut writer = writer(lane.lane());
    let wall_ms = 1.8e12;
    meter.keep_wall_time();
    let long = "x".repeat(300);
    let written = json!({
        "name": long, "message": "no \u{1F980}", "attributes": { "a": 1, "b": true, "c": "ü" },
        "events": [{ "name": "retry", "atNs": 2e6, "attributes": { "n": 2.5 }, "dropped": 4 }],
        "dropped": [3, 0],
    });
    let span = |form, name, component, text: String| Written {
        form,
        name,
        flow,
        component,
        start_ns: 1e6,
        duration_ns: 1_500.0,
        sequence: 9.0,
        text,
        ..Written::default()
    };
    let spans = [
        span(FORM_FLOW | 2 << 16, 0, 0, String::new()),
        span(FORM_INVOKE, 0, parse, String::new()),
        span(FORM_TRANSFER, 0, parse, String::new()),
        span(FORM_COPY, reason, parse, String::new()),
        span(FORM_BACKPRESSURE, 0, stream, String::new()),
        Written { flow: 0, ..span(FORM_PLAIN | 2 << 8, name, 0, String::new()) },
        Written { flow: 0, ..span(FORM_PLAIN | 1 << 8 | 1 << 16, 0, 0, written.to_string()) },
        Written { flow: 0, ..span(FORM_PLAIN, 0, 0, "{".to_owned()) },
    ];
    let mut local = Local::new(trace_id(1), 1.0);
    for (n, span) in (1..).zip(spans) {
        writer.record(&mut local, &Written { span: n, parent: n - 1, ..span });
    }
    writer.promote(&mut local, REASON_ERROR);
    let trace = meter.trace(trace_id(1)).expect("a trace");
    let read: Value = serde_json::from_str(&to_string(&trace)).expect("JSON");
    assert_eq!(read["traceId"], "00000000000000010000000000000007");
    assert_eq!((&read["name"], &read["status"]), (&json!("flow:orders"), &json!("error")));
    assert_eq!((&read["reason"], &read["durationNs"]), (&json!("error"), &json!(1500)));
    let start_ms = read["startMs"].as_f64().expect("a number");
    assert!((start_ms - crate::process::unix_ms() + clock::now_ns() / 1e6).abs() < 1_000.0);
    assert!(start_ms > 0.0 && start_ms < wall_ms * 10.0);
    let part = |n: usize| {
        let span = &read["spans"][n];
        (span["name"].clone(), span["kind"].clone(), span["attributes"].clone())
    };
    let expected = |name: &str, kind: &str, attributes| (json!(name), json!(kind), attributes);
    let of = |component: &str| json!({ "flow.id": "orders", "component.id": component });
    assert_eq!(part(0), expected("flow:orders", "internal", json!({ "flow.id": "orders" })));
    assert_eq!(part(1), expected("component:parse:invoke:9", "internal", of("parse")));
    assert_eq!(part(2), expected("resource:transfer:9", "internal", of("parse")));
    let mut copy = of("parse");
    copy["copy.reason"] = json!("clone");
    copy["copy.bytes"] = json!(0.0);
    assert_eq!(part(3).0, json!("resource:copy:9"));
    assert_eq!(part(3).2["copy.reason"], "clone");
    assert_eq!(part(3).2.as_object().map(|attributes| attributes.len()), Some(4));
    let backpressure = json!({ "flow.id": "orders", "stream.id": "parse->price" });
    assert_eq!(part(4), expected("backpressure:parse->price", "internal", backpressure));
    assert_eq!(part(5), expected("load", "client", json!({})));
    assert_eq!(part(6), expected(&long, "server", json!({ "a": 1, "b": true, "c": "ü" })));
    assert_eq!(part(7), expected("?", "internal", json!({})));
    let event = &read["spans"][6]["events"][0];
    assert_eq!((&event["name"], &event["attributes"]), (&json!("retry"), &json!({ "n": 2.5 })));
    assert_eq!(
        (&event["droppedAttributes"], &read["spans"][6]["droppedAttributes"]),
        (&json!(4), &json!(3))
    );
    assert!(read["spans"][6].get("droppedEvents").is_none());
    assert!((event["atMs"].as_f64().expect("a time") - start_ms - 1.0).abs() < 0.01);
    assert_eq!(read["spans"][6]["message"], "no \u{1F980}");
    assert_eq!(read["spans"][6]["status"], "ok");
    assert_eq!(read["spans"][0]["parentSpanId"], Value::Null);
    assert_eq!(read["spans"][1]["parentSpanId"], "0000000000000001");
    assert!(read["spans"][0].get("message").is_none());
}

#[test]
fn a_copy_says_how_many_bytes() {
    let meter = meter_in(None, 511);
    let lane = lane_of(&meter);
    let mut writer = writer(lane.lane());
    let copy =
        Written { span: 1, form: FORM_COPY, name: meter.trace_text("clone"), ..Written::default() };
    let mut local = Local::new(trace_id(1), 1.0);
    writer.record(&mut local, &copy);
    let flight = &lane.lane().spans().expect("memory").flight;
    flight[0].cell(first_cell(0) + SPAN_AMOUNT).store(4096f64.to_bits(), Relaxed);
    let trace = meter.trace(trace_id(1)).expect("a trace");
    assert_eq!(
        to_string(&trace.spans[0].attributes),
        r#"{"copy.reason":"clone","copy.bytes":4096}"#
    );
}

#[test]
fn a_query_finds_what_is_promoted_and_what_is_only_in_flight() {
    let meter = meter_in(None, 511);
    let lane = lane_of(&meter);
    let orders = [meter.trace_text("orders"), meter.trace_text("parse")];
    let refunds = [meter.trace_text("refunds"), meter.trace_text("price")];
    let mut writer = writer(lane.lane());
    write_element(&mut writer, 1, orders, 1e9, REASON_HEAD);
    write_element(&mut writer, 2, refunds, 3e9, REASON_ERROR);
    write_element(&mut writer, 3, orders, 2e9, 0);
    let [first, second, third] = [1, 2, 3].map(trace_id);
    assert_eq!(ids(&meter, json!({})), [second, first]);
    assert_eq!(ids(&meter, json!({ "limit": 1 })), [second]);
    assert_eq!(ids(&meter, json!({ "flow": "orders" })), [third, first]);
    assert_eq!(ids(&meter, json!({ "component": "price" })), [second]);
    assert_eq!(ids(&meter, json!({ "name": "component:parse:invoke:3" })), [third]);
    assert_eq!(ids(&meter, json!({ "status": "error" })), [second]);
    assert_eq!(ids(&meter, json!({ "component": "parse", "minDurationMs": 2 })), [third, first]);
    // The element took as long, and its component did not: no one span has both.
    assert!(ids(&meter, json!({ "component": "parse", "minDurationMs": 5 })).is_empty());
    assert!(ids(&meter, json!({ "flow": "nothing" })).is_empty());

    let read = |n| meter.trace(trace_id(n)).expect("a trace");
    assert_eq!(read(3).reason, None);
    assert_eq!(read(3).spans.len(), 2);
    let whole = read(2);
    assert_eq!(to_string(&whole.reason), r#""error""#);
    assert_eq!((whole.spans.len(), whole.status), (2, SpanStatus::Error), "not counted twice");
    assert_eq!((&whole.name[..], whole.duration_ns), ("flow:refunds", 5e6));
    assert_eq!(whole.spans[1].parent_span_id, Some(whole.spans[0].span_id));
    assert!(meter.trace(trace_id(4)).is_none());

    // A thread that has ended leaves its spans.
    drop(lane);
    assert_eq!(ids(&meter, json!({ "flow": "orders" })), [third, first]);
}

#[test]
fn promoted_spans_are_numbered_and_read_on() {
    let meter = meter_in(None, 511);
    let lane = lane_of(&meter);
    let texts = [meter.trace_text("orders"), meter.trace_text("parse")];
    let mut writer = writer(lane.lane());
    (1..=3).for_each(|n| write_element(&mut writer, n, texts, n as f64, REASON_HEAD));
    let first = meter.spans(0);
    assert_eq!((first.spans.len(), first.lost, first.last), (6, 0, 6));
    assert!(first.spans.iter().map(|span| span.seq).eq(1..=6));
    let json: Value = serde_json::from_str(&to_string(&first.spans[0])).expect("JSON");
    assert_eq!((&json["seq"], &json["reason"]), (&json!(1), &json!("head")));
    assert_eq!(json["name"], "flow:orders", "the root ended last and is copied first");
    write_element(&mut writer, 4, texts, 4.0, REASON_HEAD);
    let more = meter.spans(first.last);
    assert_eq!((more.spans.len(), more.lost, more.last), (2, 0, 8));
    assert_eq!(meter.spans(99).last, 8);
}

#[test]
fn settings_change_whole_or_not_at_all() {
    let meter = meter_in(None, 511);
    let before = meter.tracing().expect("it traces");
    assert_eq!((before.sample_rate, before.max_promotions_per_second), (0.5, Some(100.0)));
    for wrong in [
        super::TracingSettings { sample_rate: 1.1, ..before },
        super::TracingSettings { sample_rate: f64::NAN, ..before },
        super::TracingSettings { promote_latency_ms: Some(-1.0), ..before },
        super::TracingSettings { max_promotions_per_second: Some(f64::INFINITY), ..before },
    ] {
        assert!(meter.set_tracing(&wrong).is_err());
        assert_eq!(meter.tracing(), Some(before));
    }
    let changed = super::TracingSettings {
        sample_rate: 0.0,
        promote_errors: false,
        promote_latency_ms: Some(2.5),
        max_promotions_per_second: None,
    };
    meter.set_tracing(&changed).expect("settings");
    assert_eq!(meter.tracing(), Some(changed));
}
