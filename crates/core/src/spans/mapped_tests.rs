//! Spans of threads in mapped memory: what a meter and another process read of them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;

use serde_json::{Value, json};

use super::data::{SpanStatus, TraceQuery};
use super::ids::TraceId;
use super::ring::{MappedRing, first_cell};
use super::writer::{Local, Writer, Written};
use crate::atomic::Ordering::Relaxed;
use crate::clock;
use crate::json::to_string;
use crate::lane::Lane;
use crate::layout::spans::{
    EXPORT_MISSED, FLIGHT_DROPPED_FULL, FLIGHT_DROPPED_LIMIT, FLIGHT_OVERWRITTEN, FLIGHT_PROMOTED,
    FLIGHT_RECORDED, FORM_BACKPRESSURE, FORM_COPY, FORM_FLOW, FORM_INVOKE, FORM_PLAIN,
    FORM_TRANSFER, OPEN_COMPONENT, OPEN_COMPONENT_START, OPEN_FLOW, OPEN_ID, OPEN_NAME, OPEN_START,
    OPEN_TRACE, REASON_ERROR, REASON_HEAD, SPAN_AMOUNT,
};
use crate::level::Level;
use crate::meter::{LaneGuard, Meter, Options};
use crate::reader;
use crate::snapshot::Value as Reading;

type MappedWriter<'a> = Writer<MappedRing<'a>, MappedRing<'a>>;

fn meter_in(state_dir: Option<&std::path::Path>, flight_spans: u32) -> Arc<Meter> {
    let options = json!({
        "service": "spans", "level": Level::Production, "stateDir": state_dir,
        "maxLaneBytes": 16 << 20, "resource": {},
        "tracing": {
            "sampleRate": 0.5, "promoteErrors": true, "promoteLatencyMs": null,
            "maxPromotionsPerSecond": 100, "flightSpans": flight_spans,
        },
    });
    let options: Options = serde_json::from_value(options).expect("options");
    Meter::new(&options).expect("a meter")
}

fn writer(lane: &Lane) -> MappedWriter<'_> {
    let blocks = lane.spans().expect("memory for spans");
    Writer::new(MappedRing(&blocks.flight), MappedRing(&blocks.exports), 0)
}

fn lane_of(meter: &Arc<Meter>) -> LaneGuard {
    let lane = meter.attach().expect("a lane");
    lane.spans().expect("memory for spans");
    lane
}

fn trace_id(n: u64) -> TraceId {
    TraceId(u128::from(n) << 64 | 7)
}

/// A root of a flow's element, and the invocation of a component below it.
fn write_element(
    writer: &mut MappedWriter<'_>,
    n: u64,
    texts: [u32; 2],
    start_ns: f64,
    reason: u32,
) {
    let mut local = Local::new(trace_id(n), n as f64);
    let [flow, component] = texts;
    let root = Written { flow, start_ns, duration_ns: 5e6, form: FORM_FLOW, ..Written::default() };
    let invoke = Written {
        span: n << 8 | 2,
        parent: n << 8 | 1,
        component,
        duration_ns: 2e6,
        sequence: n as f64,
        form: FORM_INVOKE,
        ..root.clone()
    };
    let status = if reason == REASON_ERROR { 2 << 16 } else { 0 };
    writer.record(&mut local, &invoke);
    writer.record(&mut local, &Written { span: n << 8 | 1, form: FORM_FLOW | status, ..root });
    if reason != 0 {
        writer.promote(&mut local, reason);
    }
}

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
        "events": [{ "name": "retry", "atNs": 2e6, "attributes": { "n": 2.5 } }], "dropped": 3,
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

/// Stores an entry as the lane's thread does.
fn open(lane: &LaneGuard, index: u32, id: u64, cells: &[(u32, f64)], words: &[(u32, u32)]) {
    let block = &lane.lane().spans().expect("memory").open;
    let first = first_cell(index);
    let at = |word: u32| (first as usize * 2 + word as usize) * 4;
    block.u32_at(at(0)).store(0, Relaxed);
    for (word, value) in (OPEN_TRACE..).zip(trace_id(id).words()) {
        block.u32_at(at(word)).store(value, Relaxed);
    }
    block.u32_at(at(OPEN_ID)).store(0, Relaxed);
    block.u32_at(at(OPEN_ID + 1)).store(id as u32, Relaxed);
    for word in [OPEN_NAME, OPEN_FLOW, OPEN_COMPONENT] {
        block.u32_at(at(word)).store(0, Relaxed);
    }
    for (word, value) in words {
        block.u32_at(at(*word)).store(*value, Relaxed);
    }
    for (cell, number) in cells {
        block.cell(first + cell).store(number.to_bits(), Relaxed);
    }
    block.u32_at(at(0)).store(1, Relaxed);
}

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

fn total(meter: &Meter, name: &str) -> f64 {
    let snapshot = meter.snapshot();
    let metric = snapshot.metrics.iter().find(|metric| metric.definition.name == name);
    let number = |value: &Reading| value.number().expect("a number");
    metric.expect("a metric").series.iter().map(|series| number(&series.value)).sum()
}

/// Four threads record while others read all that can be read: each span that is seen is whole, and
/// each that is promoted arrives.
#[test]
fn racing_threads_hand_over_whole_spans_and_count_the_others() {
    const WRITERS: u64 = 4;
    const ELEMENTS: u64 = 20_000;
    let meter = meter_in(None, 1_022);
    let texts = [meter.trace_text("orders"), meter.trace_text("parse")];
    let done = AtomicBool::new(false);
    let mut seen = 0;
    let mut after = 0;
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer_number| {
                let meter = Arc::clone(&meter);
                scope.spawn(move || {
                    let lane = lane_of(&meter);
                    let mut writer = writer(lane.lane());
                    for n in 0..ELEMENTS {
                        let id = writer_number << 32 | (n + 1);
                        let reason = if n % 3 == 0 { REASON_ERROR } else { 0 };
                        write_element(&mut writer, id, texts, id as f64, reason);
                    }
                    let blocks = lane.lane().spans().expect("memory");
                    let counts = writer.counts;
                    let cells = [
                        (&blocks.flight[0], FLIGHT_RECORDED, counts.recorded),
                        (&blocks.flight[0], FLIGHT_OVERWRITTEN, counts.overwritten),
                        (&blocks.flight[0], FLIGHT_PROMOTED, counts.promoted),
                        (&blocks.flight[0], FLIGHT_DROPPED_FULL, counts.dropped_full),
                        (&blocks.flight[0], FLIGHT_DROPPED_LIMIT, counts.dropped_limit),
                        (&blocks.exports[0], EXPORT_MISSED, counts.missed),
                    ];
                    for (block, cell, count) in cells {
                        block.cell(cell).store((count as f64).to_bits(), Relaxed);
                    }
                    (lane, counts)
                })
            })
            .collect();
        let search = scope.spawn(|| {
            while !done.load(SeqCst) {
                for trace in meter
                    .traces(&TraceQuery { flow: Some("orders".into()), ..TraceQuery::default() })
                {
                    let id = (trace.trace_id.0 >> 64) as u64;
                    for span in &trace.spans {
                        assert_eq!(span.trace_id, trace.trace_id);
                        assert_eq!(span.span_id.0 >> 8, id, "parts of two spans: {span:?}");
                        let is_root = span.parent_span_id.is_none();
                        assert_eq!(span.duration_ns, if is_root { 5e6 } else { 2e6 });
                        assert_eq!(span.name.starts_with("flow:"), is_root);
                    }
                }
            }
        });
        let finish = scope.spawn(|| {
            let all: Vec<_> = writers.into_iter().map(|w| w.join().expect("it wrote")).collect();
            done.store(true, SeqCst);
            all
        });
        while !done.load(SeqCst) {
            let answer = meter.spans(after);
            seen += answer.spans.len() as u64 + answer.lost;
            after = answer.last;
        }
        search.join().expect("a search");
        let all = finish.join().expect("the writers");
        let answer = meter.spans(after);
        seen += answer.spans.len() as u64 + answer.lost;
        let sum = |count: fn(&super::writer::Counts) -> u64| {
            all.iter().map(|(_, counts)| count(counts)).sum::<u64>()
        };
        assert_eq!(seen, sum(|counts| counts.promoted));
        assert_eq!(sum(|counts| counts.recorded), WRITERS * ELEMENTS * 2);
        assert!(sum(|counts| counts.overwritten) > 10 * WRITERS * 1_022);
        for (name, count) in [
            ("nanometer.spans_recorded", sum(|counts| counts.recorded)),
            ("nanometer.spans_promoted", sum(|counts| counts.promoted)),
            ("nanometer.spans_overwritten", sum(|counts| counts.overwritten)),
            ("nanometer.spans_dropped", sum(|counts| counts.dropped_full)),
            ("nanometer.spans_missed", 0),
            ("nanometer.promotions_refused", 0),
        ] {
            assert_eq!(total(&meter, name), count as f64, "{name}");
        }
    });
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
