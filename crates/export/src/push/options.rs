//! What an exporter is told: all resolved by who opens the meter, nothing looked up here.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::otlp::{Encoding, Temporality};
use crate::send::{Destination, Protocol};

/// One exporter: where its signals go, and how much of them waits.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExporterOptions {
    /// Tells it from the meter's other exporters.
    pub name: String,
    /// What it is.
    pub kind: ExporterKind,
    /// How metrics are exported; `None`: they are not.
    pub metrics: Option<MetricsOptions>,
    /// How spans are exported; `None`: they are not.
    pub traces: Option<TracesOptions>,
    /// What may wait.
    pub queue: QueueOptions,
    /// When what failed is tried again; `None`: as usual.
    #[serde(default)]
    pub retry: Option<RetryOptions>,
}

/// What an exporter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExporterKind {
    /// OTLP over gRPC or HTTP.
    Otlp,
    /// JSON lines in files.
    File,
    /// JSON lines on standard output.
    Stdout,
    /// A program's own, in JavaScript: it is noted here and runs there.
    Channel,
}

/// How metrics are exported.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricsOptions {
    /// Where they go.
    pub destination: Destination,
    /// How often they are collected, milliseconds; 0 is taken for 1.
    pub interval_ms: u64,
    /// What sums are counted from.
    pub temporality: Temporality,
}

/// How spans are exported.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TracesOptions {
    /// Where they go.
    pub destination: Destination,
    /// How long the first of a batch waits for others, milliseconds.
    pub delay_ms: u64,
    /// The most spans of a batch; 0 is taken for 1.
    pub max_batch: usize,
}

/// What may wait, of each signal; more is dropped and counted, the newest first.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueOptions {
    /// Bytes: of encoded metrics, or of spans as they were recorded.
    pub max_bytes: usize,
    /// Data points.
    pub max_items: u64,
    /// Spans.
    pub max_spans: usize,
}

/// When what failed is tried again: after a random time, up to a bound that doubles each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RetryOptions {
    /// The first bound, milliseconds.
    pub initial_ms: u64,
    /// The largest bound, milliseconds.
    pub max_ms: u64,
}

impl Default for RetryOptions {
    /// With these, a hundred clients that fail at once stay below a twentieth of all retries in any
    /// second of an outage of two minutes (`backoff_tests.rs`; from 500 ms on it is an eleventh), and
    /// all is delivered within half a minute after it.
    fn default() -> RetryOptions {
        RetryOptions { initial_ms: 2_000, max_ms: 15_000 }
    }
}

impl MetricsOptions {
    pub(crate) fn interval(&self) -> Duration {
        Duration::from_millis(self.interval_ms.max(1))
    }
}

impl TracesOptions {
    /// The most spans of a batch.
    pub(crate) fn most(&self) -> usize {
        self.max_batch.max(1)
    }
}

/// How a destination has its requests encoded.
pub(crate) fn encoding_of(destination: &Destination) -> Encoding {
    match destination {
        Destination::Otlp(otlp) if otlp.protocol != Protocol::HttpJson => Encoding::Protobuf,
        _ => Encoding::Json,
    }
}
