//! For tests: meters with spans, and exporters in time that is not real.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use nanometer_core::layout::spans::REASON_ERROR;
use nanometer_core::{Counter, Definition, Kind, Level, Meter, Options};
use serde_json::{Value, json};
use tokio::task::LocalSet;

use super::exporters::Exporters;
use super::options::ExporterOptions;
use super::script::Receiver;
use super::status::SignalStatus;
use super::thread::run_exporter;
use crate::send::Signal;

#[path = "../../tests/support/spans.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod spans;
use spans::{ORDER, SpanWriter, Written};

/// A meter that traces.
pub(crate) fn meter() -> Arc<Meter> {
    meter_of(json!({ "service.name": "tested" }))
}

/// The same, of that resource.
pub(crate) fn meter_of(resource: Value) -> Arc<Meter> {
    let options = json!({
        "service": "tested", "level": Level::Production, "stateDir": null,
        "maxLaneBytes": 16 << 20, "resource": resource,
        "tracing": {
            "sampleRate": 1, "promoteErrors": true, "promoteLatencyMs": null,
            "maxPromotionsPerSecond": null, "flightSpans": 8,
        },
    });
    let options: Options = serde_json::from_value(options).unwrap();
    Meter::new(&options).unwrap()
}

/// A counter of the native lane.
pub(crate) fn counter(meter: &Meter, name: &str) -> Counter {
    meter.counter(&Definition::new(name, Kind::Counter, "1", "Tested.")).unwrap()
}

/// Promotes spans.
pub(crate) struct Hand {
    meter: Arc<Meter>,
    writer: SpanWriter,
    pub promoted: u64,
}

impl Hand {
    pub(crate) fn new(meter: &Arc<Meter>) -> Hand {
        let writer = SpanWriter::new(meter.attach().unwrap());
        Hand { meter: Arc::clone(meter), writer, promoted: 0 }
    }

    /// Promotes so many, 2,000 at most; each has the id of its number, from 1 on.
    pub(crate) fn promote(&mut self, count: u64) {
        for _ in 0..count {
            self.promoted += 1;
            let id = u32::try_from(self.promoted).unwrap();
            let span = Written { trace: 1 + id / 10, id, ..ORDER };
            self.writer.promote(span, REASON_ERROR);
        }
        self.meter.drain_spans();
    }
}

/// Options of an exporter, from JSON over what is usual here.
pub(crate) fn options(over: Value) -> ExporterOptions {
    let destination = json!({
        "protocol": "http/protobuf", "endpoint": "http://tested:4318/v1/tested", "headers": {},
        "compression": "none", "timeoutMs": 10_000, "certificate": null, "clientKey": null,
        "clientCertificate": null, "insecure": false,
    });
    let mut options = json!({
        "name": "otlp", "kind": "otlp",
        "metrics": {
            "destination": destination, "intervalMs": 10_000, "temporality": "cumulative",
        },
        "traces": { "destination": destination, "delayMs": 1_000, "maxBatch": 8 },
        "queue": { "maxBytes": 1 << 20, "maxItems": 100_000, "maxSpans": 100 },
        "retry": { "initialMs": 500, "maxMs": 15_000 },
    });
    merge(&mut options, over);
    serde_json::from_value(options).unwrap()
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

/// An exporter of that name, not yet running, that sends to a receiver.
pub(crate) fn prepared(
    meter: &Arc<Meter>,
    receiver: &Arc<Receiver>,
    over: Value,
) -> Arc<Exporters> {
    let (exporters, warnings) = Exporters::prepared(meter, &[options(over)], &receiver.opener());
    assert_eq!(warnings, []);
    exporters
}

/// Runs exporters, and something beside them, in time that passes only while all wait.
pub(crate) fn simulate<F: Future>(exporters: &Arc<Exporters>, beside: F) -> F::Output {
    simulate_all(std::slice::from_ref(exporters), beside)
}

/// As [`simulate`], of several meters or clients.
pub(crate) fn simulate_all<F: Future>(exporters: &[Arc<Exporters>], beside: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let local = LocalSet::new();
    for exporter in exporters.iter().flat_map(|exporters| exporters.exporters()) {
        local.spawn_local(run_exporter(Arc::clone(exporter)));
    }
    local.block_on(&runtime, beside)
}

/// The account of a signal of the first exporter, which must hold, in the metrics too.
pub(crate) fn account(exporters: &Exporters, signal: Signal) -> SignalStatus {
    let status = exporters.status().exporters.remove(0);
    let status = match signal {
        Signal::Metrics => status.signals.metrics.unwrap(),
        Signal::Traces => status.signals.traces.unwrap(),
    };
    let dropped: u64 = status.dropped.values().sum();
    assert_eq!(status.recorded, status.exported + status.queued + dropped, "{status:?}");
    status
}

/// Lets so much time pass.
pub(crate) async fn pass(seconds: f64) {
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
}
