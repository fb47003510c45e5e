//! Receivers that play a script, byte by byte, and what the tests of sending have in common.
#![allow(dead_code, reason = "each test takes what it needs")]

pub mod grpc;
pub mod http;
pub mod tls;

use std::time::Duration;

use bytes::Bytes;
use nanometer_export::send::{Destination, Outcome, Reason, Sender, Signal};
use serde_json::{Value, json};

/// A destination as JavaScript gives it, with `changes` made.
pub fn destination(protocol: &str, endpoint: &str, changes: Value) -> Destination {
    let mut value = json!({
        "protocol": protocol, "endpoint": endpoint, "headers": {}, "compression": "none",
        "timeoutMs": 10_000, "certificate": null, "clientKey": null, "clientCertificate": null,
        "insecure": false,
    });
    for (key, change) in changes.as_object().expect("an object") {
        value[key] = change.clone();
    }
    serde_json::from_value(value).expect("a destination")
}

/// A sender of metrics.
pub fn sender(protocol: &str, endpoint: &str, changes: Value) -> Sender {
    Sender::open(&destination(protocol, endpoint, changes), Signal::Metrics).expect("a sender")
}

/// What is sent where it does not matter.
pub fn body() -> Bytes {
    Bytes::from_static(b"\x0a\x00")
}

pub fn delivered() -> Outcome {
    Outcome::Delivered { rejected: 0, warning: None }
}

/// An outcome in short: `delivered`, `retry` or `refused`, and why.
pub fn short(outcome: &Outcome) -> (&'static str, Option<Reason>, Option<Duration>) {
    match outcome {
        Outcome::Delivered { .. } => ("delivered", None, None),
        Outcome::Retry { after, problem } => ("retry", Some(problem.reason), *after),
        Outcome::Refused(problem) => {
            // What may be refused has a series from the start.
            let told = destination("grpc", "http://x", json!({})).refusals();
            assert!(told.contains(&problem.reason), "{problem:?}");
            ("refused", Some(problem.reason), None)
        }
    }
}

/// The sentence for a person.
pub fn message(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Delivered { warning, .. } => warning.clone().unwrap_or_default(),
        Outcome::Retry { problem, .. } | Outcome::Refused(problem) => problem.message.clone(),
    }
}
