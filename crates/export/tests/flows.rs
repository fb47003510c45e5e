//! `/flows` from outside: what a thread has recorded into the metrics of two flows.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use nanometer_core::layout::{
    CELLS_PER_BLOCK, GAUGE_STAMP, HISTOGRAM_HEAD_CELLS, HISTOGRAM_MAX, HISTOGRAM_NEGATED_MIN,
    HISTOGRAM_SUM,
};
use nanometer_core::{Aggregate, Buckets, Definition, Derive, Kind, LaneGuard, Placement, States};
use serde_json::json;
use support::*;

/// The bounds of every histogram here.
const BOUNDS: [f64; 3] = [100.0, 200.0, 400.0];

fn strings(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

/// One thread's hand on the metrics of flows.
struct Recorder(LaneGuard);

impl Recorder {
    fn define(&self, definition: Definition, labels: &[&str]) -> Placement {
        let labels = strings(labels);
        let family = Definition { labels, max_series: Some(2), ..definition };
        self.0.meter().define(family).unwrap()
    }

    /// Stores at an offset of the series' cells.
    fn store(&self, place: Placement, labels: &[&str], offset: u32, value: f64) {
        let position = self.0.bind(place.family, &strings(labels)).unwrap_or(place.position);
        let cell = position + offset;
        let block = self.0.block(cell / CELLS_PER_BLOCK).unwrap().cast::<f64>();
        // SAFETY: the lane is this thread's, keeps its blocks mapped, and the cell is in this one.
        unsafe { block.add((cell % CELLS_PER_BLOCK) as usize).write_volatile(value) };
    }

    fn count(&self, name: &str, names: &[&str], labels: &[&str], value: f64) {
        let place = self.define(Definition::new(name, Kind::Counter, "", ""), names);
        self.store(place, labels, 0, value);
    }

    fn set(&self, definition: Definition, names: &[&str], labels: &[&str], value: f64) {
        let place = self.define(definition, names);
        self.store(place, labels, 0, value);
        self.store(place, labels, GAUGE_STAMP, -1.0);
    }

    fn gauge(&self, name: &str, names: &[&str], labels: &[&str], value: f64) {
        let definition = Definition {
            aggregate: Some(Aggregate::Max),
            ..Definition::new(name, Kind::Gauge, "", "")
        };
        self.set(definition, names, labels, value);
    }

    fn state(&self, flow: &str, index: f64) {
        let states = States { names: strings(&["created", "running"]), last: Vec::new() };
        let definition = Definition {
            states: Some(states),
            ..Definition::new("flow.state", Kind::State, "", "")
        };
        self.set(definition, &["flow_id"], &[flow], index);
    }

    /// Ten values in each of the first two buckets, from 50 to 200.
    fn twenty_times(&self, name: &str, names: &[&str], labels: &[&str]) {
        let buckets = Some(Buckets { bounds: BOUNDS.to_vec(), scale: None });
        let definition = Definition { buckets, ..Definition::new(name, Kind::Histogram, "ns", "") };
        let place = self.define(definition, names);
        for (offset, value) in [
            (HISTOGRAM_HEAD_CELLS, 10.0),
            (HISTOGRAM_HEAD_CELLS + 1, 10.0),
            (HISTOGRAM_SUM, 2_500.0),
            (HISTOGRAM_NEGATED_MIN, -50.0),
            (HISTOGRAM_MAX, 200.0),
        ] {
            self.store(place, labels, offset, value);
        }
    }
}

#[test]
fn without_flows_there_is_an_empty_list() {
    let inspection = serve(&meter(), on_tcp());
    assert_eq!(get(&inspection, "/flows").text(), "{\"flows\":[]}");
    assert_eq!(get(&inspection, "/flows/x").status, 404);
}

#[test]
fn a_flow_is_listed_once_it_has_a_state_and_shown_with_all_that_is_known_of_it() {
    let meter = meter();
    let lane = Recorder(meter.attach().unwrap());
    let inspection = serve(&meter, on_tcp());
    let flow = &["flow_id"][..];
    lane.state("a/b", 1.0);
    lane.state("idle", 0.0);
    lane.state("too many", 1.0);
    lane.count("flow.elements.total", flow, &["a/b"], 20.0);
    lane.count("flow.elements.errors", flow, &["a/b"], 2.0);
    lane.count("flow.elements.errors", flow, &["no state"], 9.0);
    let elapsed = Definition {
        aggregate: Some(Aggregate::Elapsed),
        ..Definition::new("flow.active_duration", Kind::Gauge, "ns", "")
    };
    lane.set(elapsed, flow, &["a/b"], 4e9);
    let rate = Derive {
        numerator: "flow.elements.total".to_owned(),
        denominator: "flow.active_duration".to_owned(),
        factor: 1e9,
    };
    let derived = Definition::new("flow.throughput", Kind::Derived, "{element}/s", "");
    lane.define(Definition { derive: Some(rate), ..derived }, flow);
    lane.twenty_times("flow.latency", flow, &["a/b"]);
    let component = &["flow_id", "component_id"][..];
    lane.count("component.invocations", component, &["a/b", "parse"], 20.0);
    lane.count("component.invocations", component, &["a/b", "count"], 18.0);
    lane.count("component.errors", component, &["a/b", "parse"], 2.0);
    lane.twenty_times("component.processing_time", component, &["a/b", "count"]);

    let latency = json!({ "p50": 100.0, "p90": 180.0, "p99": 198.0 });
    let listed = json!({ "flows": [
        {
            "id": "a/b", "state": "running", "components": ["parse", "count"],
            "elements": 20, "errors": 2, "throughput": 5, "latency": latency,
        },
        {
            "id": "idle", "state": "created", "components": [],
            "elements": 0, "errors": 0, "throughput": 0,
            "latency": { "p50": null, "p90": null, "p99": null },
        },
    ] });
    assert_eq!(get(&inspection, "/flows").text(), as_javascript(&listed));

    lane.gauge("flow.elements.in_flight", flow, &["a/b"], 3.0);
    lane.gauge("flow.elements.oldest_age", flow, &["a/b"], 1.5);
    lane.gauge("flow.elements.oldest_age", flow, &["idle"], 7.0);
    lane.count("flow.copies.total", flow, &["a/b"], 7.0);
    lane.count("flow.copies.bytes", flow, &["a/b"], 4_096.0);
    let reasons = &["flow_id", "reason"][..];
    lane.count("flow.copies.by_reason", reasons, &["a/b", "transform"], 5.0);
    lane.count("flow.copies.by_reason", reasons, &["a/b", "fan-out"], 2.0);
    let stream = &["flow_id", "stream_id"][..];
    lane.count("stream.elements.transferred", stream, &["a/b", "parse->count"], 18.0);
    lane.gauge("stream.queue.current_depth", stream, &["a/b", "parse->count"], 2.0);
    lane.gauge("stream.queue.peak_depth", stream, &["a/b", "parse->count"], 16.0);
    lane.gauge("stream.backpressure.active", stream, &["a/b", "parse->count"], 1.0);
    lane.twenty_times("stream.queue.wait_time", stream, &["a/b", "parse->count"]);
    let none = json!({
        "count": 0, "mean": null, "min": null, "max": null, "p50": null, "p90": null, "p99": null,
    });
    let twenty = json!({
        "count": 20, "mean": 125, "min": 50, "max": 200, "p50": 100.0, "p90": 180.0, "p99": 198.0,
    });
    let shown = json!({
        "id": "a/b",
        "state": "running",
        "components": [
            {
                "id": "parse", "invocations": 20, "errors": 2, "memoryBytes": 0, "fuel": 0,
                "processingTime": none,
            },
            {
                "id": "count", "invocations": 18, "errors": 0, "memoryBytes": 0, "fuel": 0,
                "processingTime": twenty,
            },
        ],
        "elements": 20,
        "errors": 2,
        "throughput": 5,
        "latency": latency,
        "inFlight": 3,
        "oldestAgeNs": 1.5,
        "abandoned": 0,
        "activeDurationNs": 4e9,
        "copies": { "total": 7, "bytes": 4096, "byReason": { "transform": 5, "fan-out": 2 } },
        "streams": [{
            "id": "parse->count", "transferred": 18, "depth": 2, "peakDepth": 16,
            "backpressure": { "events": 0, "durationNs": 0, "active": true },
            "waitTime": twenty,
        }],
        "open": [],
    });
    assert_eq!(get(&inspection, "/flows/a%2Fb").text(), as_javascript(&shown));
    let idle = get(&inspection, "/flows/idle").json();
    assert_eq!((&idle["oldestAgeNs"], &idle["streams"]), (&json!(null), &json!([])));
}

/// As the server writes it: keys in this order, whole numbers without a point.
fn as_javascript(value: &serde_json::Value) -> String {
    nanometer_core::json::to_string(value)
}

#[test]
fn what_is_no_flow_is_404_and_what_is_not_for_reading_405() {
    let meter = meter();
    let lane = Recorder(meter.attach().unwrap());
    let inspection = serve(&meter, on_tcp());
    lane.state("100%", 0.0);
    lane.state("é", 1.0);
    for path in ["/flows/100%25", "/flows/%C3%A9", "/flows/%c3%a9?x=1"] {
        assert_eq!(get(&inspection, path).status, 200, "{path}");
    }
    for path in [
        "/flows/",
        "/flows/none",
        "/flows/100%",
        "/flows/%C3",
        "/flows/true",
        "/flows/%C3%A9/components",
        "/flow",
    ] {
        let reply = get(&inspection, path);
        assert_eq!((reply.status, reply.error_code().as_str()), (404, "NOT_FOUND"), "{path}");
    }
    for path in ["/flows", "/flows/none"] {
        let request = format!("DELETE {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        let reply = raw(&inspection, request.as_bytes());
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD")), "{path}");
    }
    let list = get(&inspection, "/").text();
    assert!(list.contains("\n/flows ") && list.contains("\n/flows/{id} "), "{list}");
}
