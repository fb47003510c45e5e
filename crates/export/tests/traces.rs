//! `/traces` from outside: what a thread has written into its rings.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::Read;
use std::sync::Arc;

use flate2::read::GzDecoder;
use nanometer_core::layout::spans::*;
use nanometer_core::{Definition, Kind, Meter, States, clock};
use serde_json::{Value, json};
use support::spans::{SpanWriter, Written, trace_id};
use support::*;

const ELEMENT: Written = Written {
    trace: 1,
    id: 0xa0,
    parent: 0,
    form: FORM_FLOW,
    flow: "orders",
    component: "",
    start_ns: 2e9,
    duration_ns: 6e6,
    status: STATUS_ERROR,
};
const PARSE: Written = Written {
    id: 0xa1,
    parent: 0xa0,
    form: FORM_INVOKE,
    component: "parse",
    start_ns: 2.001e9,
    duration_ns: 1e6,
    status: STATUS_UNSET,
    ..ELEMENT
};

fn traced() -> (Arc<Meter>, SpanWriter) {
    let options = json!({ "sampleRate": 0, "promoteErrors": true, "flightSpans": 64 });
    let meter = meter_that_traces(serde_json::from_value(options).unwrap());
    let writer = SpanWriter::new(meter.attach().unwrap());
    (meter, writer)
}

fn ids(answer: &Value) -> Vec<&str> {
    let traces = answer["traces"].as_array().unwrap();
    traces.iter().map(|trace| trace["traceId"].as_str().unwrap()).collect()
}

#[test]
fn what_is_promoted_is_taken_in_without_being_asked_for() {
    let (meter, mut writer) = traced();
    let inspection = serve(&meter, on_tcp());
    writer.promote(PARSE, REASON_ERROR);
    eventually("the ring is drained", || writer.drained() == 1.0);
    // From the memory of a thread that began after the server did, too.
    let mut other = SpanWriter::new(meter.attach().unwrap());
    other.promote(ELEMENT, REASON_ERROR);
    eventually("that of another thread is drained", || other.drained() == 1.0);
    let answer = get(&inspection, "/traces");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let trace = &answer.json()["traces"][0];
    assert_eq!(ids(&answer.json()), [trace_id(1)]);
    let expected = json!({
        "name": "flow:orders", "status": "error", "reason": "error", "durationNs": 6_000_000,
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&trace[key], value, "{key}");
    }
    let spans = trace["spans"].as_array().unwrap();
    assert_eq!(spans.len(), 2);
    assert_eq!(spans[0]["parentSpanId"], Value::Null);
    assert_eq!(spans[1]["parentSpanId"], spans[0]["spanId"]);
    assert_eq!(spans[1]["name"], "component:parse:invoke:1");
    assert_eq!(&get(&inspection, &format!("/traces/{}", trace_id(1))).json(), trace);
}

#[test]
fn a_query_finds_what_nobody_has_promoted() {
    let (meter, mut writer) = traced();
    let inspection = serve(&meter, on_tcp());
    writer.fly(PARSE);
    writer.fly(ELEMENT);
    writer.fly(Written { trace: 2, start_ns: 3e9, status: STATUS_OK, flow: "a b/c", ..ELEMENT });
    assert_eq!(get(&inspection, "/traces").text(), "{\"traces\":[]}");
    let (first, second) = (trace_id(1), trace_id(2));
    for (query, expected) in [
        ("component=parse", &[first.as_str()][..]),
        ("component=parse&minDurationMs=1.5", &[]),
        ("flow=a+b%2Fc", &[&second]),
        ("status=error", &[&first]),
        ("status=ok&flow=orders", &[]),
        ("minDurationMs=0", &[&second, &first]),
        ("minDurationMs=0&limit=1", &[&second]),
        ("name=component%3Aparse%3Ainvoke%3A1", &[&first]),
    ] {
        let answer = get(&inspection, &format!("/traces?{query}")).json();
        assert_eq!(ids(&answer), expected, "{query}");
    }
    let whole = get(&inspection, "/traces?component=parse").json();
    assert_eq!(whole["traces"][0]["spans"].as_array().unwrap().len(), 2);
    let one = get(&inspection, &format!("/traces/{first}")).json();
    assert_eq!((&one["reason"], &one["traceId"]), (&Value::Null, &json!(first)));
}

#[test]
fn many_traces_are_sent_in_pieces_that_are_one_answer() {
    let (meter, mut writer) = traced();
    let inspection = serve(&meter, on_tcp());
    for trace in 1..=200 {
        writer.fly(Written { trace, start_ns: f64::from(trace), ..ELEMENT });
    }
    for (limit, count) in [(1, 1), (57, 57), (1_000, 200)] {
        let path = format!("/traces?minDurationMs=0&limit={limit}");
        let plain = get(&inspection, &path);
        assert_eq!(ids(&plain.json()), Vec::from_iter((201 - count..=200).rev().map(trace_id)));
        let coded = get_with(&inspection, &path, "Accept-Encoding: gzip\r\n");
        let mut text = String::new();
        GzDecoder::new(&coded.body[..]).read_to_string(&mut text).unwrap();
        // When they began is worked out anew each time.
        let coded: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(ids(&coded), ids(&plain.json()));
    }
}

#[test]
fn what_is_wrong_is_named_and_what_is_not_there_404() {
    let (meter, _writer) = traced();
    let inspection = serve(&meter, on_tcp());
    for (path, said) in [
        ("/traces?limit=0", "limit is"),
        ("/traces?minDurationMs=-1", "minDurationMs is"),
        ("/traces?status=bad", "status is"),
        ("/traces?flow=%ff", "flow is not"),
        ("/traces?x=1", "\\\"x\\\""),
        ("/traces/1", "32 hexadecimal digits"),
        ("/traces/00000000000000000000000000000000", "not all of them 0"),
        ("/traces/0AF7651916CD43DD8448EB211C80319C", "lower case"),
    ] {
        let reply = get(&inspection, path);
        assert_eq!((reply.status, reply.error_code().as_str()), (400, "BAD_REQUEST"), "{path}");
        assert!(reply.text().contains(said), "{path}: {}", reply.text());
    }
    for path in [&format!("/traces/{}", trace_id(9)), "/traces/", "/traces/a/b"] {
        let reply = get(&inspection, path);
        assert_eq!((reply.status, reply.error_code().as_str()), (404, "NOT_FOUND"), "{path}");
    }
    let reply = raw(&inspection, b"DELETE /traces HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD")));
}

#[test]
fn a_flow_shows_what_is_in_flight_of_it() {
    let (meter, mut writer) = traced();
    let states = States { names: vec!["created".to_owned()], last: Vec::new() };
    let state = Definition {
        states: Some(states),
        labels: vec!["flow_id".to_owned()],
        max_series: Some(2),
        ..Definition::new("flow.state", Kind::State, "", "")
    };
    let family = meter.define(state).unwrap();
    let lane = meter.attach().unwrap();
    for flow in ["orders", "other"] {
        lane.bind(family.family, &[flow.to_owned()]).unwrap();
    }
    let inspection = serve(&meter, on_tcp());
    writer.open(Written { start_ns: clock::now_ns() - 5e9, component: "parse", ..ELEMENT });
    let open = &get(&inspection, "/flows/orders").json()["open"];
    assert_eq!(open.as_array().unwrap().len(), 1, "{open}");
    let first = &open[0];
    assert_eq!((&first["component"], &first["traceId"]), (&json!("parse"), &json!(trace_id(1))));
    assert!(first["ageNs"].as_f64().unwrap() >= 5e9, "{first}");
    assert_eq!(get(&inspection, "/flows/other").json()["open"], json!([]));
}
