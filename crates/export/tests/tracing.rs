//! `/tracing` from outside: reading and setting which traces are promoted.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use nanometer_core::{TracingOptions, TracingSettings};
use nanometer_export::InspectionOptions;
use serde_json::json;
use support::*;
use tempfile::TempDir;

const SETTINGS: TracingSettings = TracingSettings {
    sample_rate: 0.25,
    promote_errors: true,
    promote_latency_ms: None,
    max_promotions_per_second: Some(100.0),
};
const TRACING: TracingOptions =
    TracingOptions { settings: SETTINGS, flight_spans: 64, exemplars: false };
const TOKEN: &str = "Authorization: Bearer s3cret\r\n";

fn guarded() -> InspectionOptions {
    InspectionOptions { token: Some("s3cret".to_owned()), ..on_tcp() }
}

#[test]
fn settings_are_shown_and_those_that_are_named_are_changed() {
    let meter = meter_that_traces(Some(TRACING));
    let inspection = serve(&meter, guarded());
    let before = get_with(&inspection, "/tracing", TOKEN).json();
    let expected = json!({
        "isEnabled": true, "sampleRate": 0.25, "promoteErrors": true, "promoteLatencyMs": null,
        "maxPromotionsPerSecond": 100,
    });
    assert_eq!(before.to_string(), expected.to_string());
    let body = "{\"promoteLatencyMs\":2.5,\"maxPromotionsPerSecond\":null}";
    let answer = raw(&inspection, &put("/tracing", body, TOKEN));
    assert_eq!(answer.status, 200);
    let changed = TracingSettings {
        promote_latency_ms: Some(2.5),
        max_promotions_per_second: None,
        ..SETTINGS
    };
    assert_eq!(meter.tracing(), Some(changed));
    assert_eq!(answer.json(), get_with(&inspection, "/tracing", TOKEN).json());
    assert_eq!(answer.json()["promoteLatencyMs"], 2.5);
}

#[test]
fn what_is_wrong_changes_nothing() {
    let meter = meter_that_traces(Some(TRACING));
    let inspection = serve(&meter, guarded());
    for body in ["", "{}", "{\"sampleRate\":1,\"promoteErrors\":0}", "{\"sampleRate\":1,\"x\":1}"] {
        let reply = raw(&inspection, &put("/tracing", body, TOKEN));
        assert_eq!((reply.status, reply.error_code().as_str()), (400, "BAD_REQUEST"), "{body}");
    }
    let reply = raw(&inspection, &put("/tracing", &" ".repeat(2_000), TOKEN));
    assert_eq!((reply.status, reply.error_code().as_str()), (413, "BODY_TOO_LARGE"));
    assert_eq!(raw(&inspection, &put("/tracing", "{\"sampleRate\":1}", "")).status, 401);
    assert_eq!(meter.tracing(), Some(SETTINGS));
}

#[test]
fn setting_over_tcp_needs_a_token_and_over_the_socket_none() {
    let folder = TempDir::new().unwrap();
    let meter = meter_that_traces(Some(TRACING));
    let socket = Some(folder.path().join("s"));
    let inspection = serve(&meter, InspectionOptions { socket, ..on_tcp() });
    let request = put("/tracing", "{\"sampleRate\":1}", TOKEN);
    let reply = raw(&inspection, &request);
    assert_eq!((reply.status, reply.error_code().as_str()), (403, "FORBIDDEN"));
    assert_eq!(meter.tracing(), Some(SETTINGS));
    let path = inspection.socket_path.clone().unwrap();
    assert_eq!(raw_unix(&path, &request).status, 200);
    assert_eq!(meter.tracing(), Some(TracingSettings { sample_rate: 1.0, ..SETTINGS }));
}

#[test]
fn where_tracing_is_switched_off_it_stays_so() {
    let meter = meter();
    let inspection = serve(&meter, guarded());
    let none = json!({
        "isEnabled": false, "sampleRate": 0, "promoteErrors": false, "promoteLatencyMs": null,
        "maxPromotionsPerSecond": null,
    });
    assert_eq!(get_with(&inspection, "/tracing", TOKEN).json(), none);
    let reply = raw(&inspection, &put("/tracing", "{\"sampleRate\":1}", TOKEN));
    assert_eq!((reply.status, reply.error_code().as_str()), (409, "NOT_TRACING"));
    assert_eq!(meter.tracing(), None);
}
