//! Snapshots and spans as OpenTelemetry's own types: OTLP, as protobuf and as JSON. No sockets, no
//! clock, no threads.
//!
//! ```text
//! snapshot ─▶ metrics, family ─▶ points, labels, exemplars ─┐
//!               ▲ └─ what is acknowledged: baseline, frame   ├─▶ requests ─┬─▶ protobuf
//! spans ─────▶ spans ──────────────────────────── attributes ─┘            └─▶ split ─▶ JSON
//! ```
//!
//! The invariant of delta temporality: the windows of a series that have been acknowledged follow
//! each other without overlap, and their sum is its value at the end of the last.

mod attributes;
mod backwards;
mod baseline;
mod delta;
mod exemplars;
mod exponential;
mod family;
mod frame;
mod json;
mod labels;
mod metrics;
mod points;
mod request;
mod requests;
mod spans;
mod split;
mod time;

#[cfg(test)]
mod delta_tests;
#[cfg(test)]
mod json_tests;
#[cfg(test)]
mod metrics_tests;
#[cfg(test)]
mod official_metrics;
#[cfg(test)]
mod official_spans;
#[cfg(test)]
mod spans_tests;
#[cfg(test)]
mod test_snapshot;

use bytes::Bytes;
use serde::Deserialize;

pub use baseline::{Ack, Baseline};
pub use metrics::MetricsEncoder;
pub use spans::encode_spans;

/// How large a request is at the most, unless told otherwise: receivers of gRPC take 4 MiB.
pub const MAX_REQUEST_BYTES: usize = 3 << 20;

/// What the values of counters and histograms are counted from. All else is cumulative in either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Temporality {
    /// From when the process opened its meter.
    #[default]
    Cumulative,
    /// From what has been acknowledged.
    #[serde(alias = "lowmemory")]
    Delta,
}

/// How a request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As protobuf.
    Protobuf,
    /// As OTLP's JSON, on one line.
    Json,
}

/// A request: what a queue holds.
#[derive(Debug)]
pub struct Payload {
    /// The request, encoded and not compressed.
    pub body: Bytes,
    /// How many data points or spans are in it; never 0.
    pub items: u64,
    /// What a baseline is to be told once it has been delivered. Delta temporality only.
    pub ack: Option<Ack>,
}

/// All that was to be encoded.
#[derive(Debug, Default)]
pub struct Encoded {
    /// In order; none where there was nothing to say.
    pub payloads: Vec<Payload>,
    /// Data points or spans that were left out, because each alone is larger than a request may be.
    pub too_large: u64,
}

impl Encoded {
    /// How many data points or spans are in the payloads.
    pub fn items(&self) -> u64 {
        self.payloads.iter().map(|payload| payload.items).sum()
    }
}
