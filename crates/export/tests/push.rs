//! Exporting over real sockets, on the real thread: panics are survived, and nothing is lost by them.
//!
//! One test, because a panic that is asked for strikes whichever exporter of the process is next.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use nanometer_core::layout::spans::REASON_ERROR;
use nanometer_core::{Definition, Kind, Meter, TracingOptions};
use nanometer_export::InspectionOptions;
use nanometer_export::fault::{Fault, inject};
use nanometer_export::push::{ExporterOptions, Exporters, FlushOutcome, SignalStatus};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point;
use prost::Message;
use serde_json::json;
use support::spans::{ORDER, SpanWriter, Written};
use support::*;

#[test]
fn the_thread_survives_panics_and_loses_nothing() {
    let (endpoint, received) = receiver();
    let meter = meter_that_traces(Some(tracing()));
    let mut writer = SpanWriter::new(meter.attach().unwrap());
    let made = Definition::new("made", Kind::Counter, "1", "Made.");
    let made = meter.counter(&made).unwrap();
    let exporters = started(&meter, "first", &endpoint);
    let options = InspectionOptions { exporters: Some(Arc::clone(&exporters)), ..on_tcp() };
    let inspection = serve(&meter, options);
    let mut promoted = 0;
    let mut promote = |count: u32| {
        for _ in 0..count {
            promoted += 1;
            writer.promote(Written { trace: promoted, id: promoted, ..ORDER }, REASON_ERROR);
        }
    };
    let shown = || -> SignalStatus {
        let list = get(&inspection, "/exporters").json();
        let signals = &list["exporters"][0]["signals"];
        for signal in ["metrics", "traces"] {
            assert_eq!(signals[signal]["endpoint"], endpoint.replace("SIGNAL", signal));
        }
        serde_json::from_value(signals["traces"].clone()).unwrap()
    };

    promote(7);
    eventually("spans are exported by themselves", || shown().exported == 7);

    for panicked in 1..=5 {
        inject(Fault::Exporter);
        promote(1);
        made.add(1);
        eventually("it is counted", || panics(&meter) == f64::from(panicked));
    }
    promote(2);
    eventually("an exporter's panic loses nothing", || shown().exported == 14);

    // The thread looks at its list when another exporter joins.
    inject(Fault::Exports);
    promote(7);
    made.add(1);
    let other = meter_that_traces(None);
    let others = started(&other, "second", &endpoint);
    eventually("nor does a panic of the thread", || shown().exported == 21);
    eventually("it is counted for each", || (panics(&meter), panics(&other)) == (6.0, 1.0));
    assert_eq!(others.flush(PATIENCE).outcome, FlushOutcome::Success);

    promote(7);
    assert_eq!(exporters.flush(PATIENCE).outcome, FlushOutcome::Success);
    let status = shown();
    assert_eq!((status.recorded, status.exported, status.queued), (28, 28, 0));
    assert!(status.dropped.is_empty());
    let text = get(&inspection, "/metrics").text();
    let exported = "nanometer_exporter_exported_total{exporter=\"first\",signal=\"traces\"}";
    assert_eq!(sample(&text, exported), Some(28.0), "{text}");
    let received: Vec<Received> = received.try_iter().collect();
    let mut ids: Vec<u8> = received.iter().flat_map(|it| it.spans.clone()).collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..=28).collect::<Vec<u8>>());
    let windows: f64 = received.iter().map(|it| it.made).sum();
    assert_eq!(windows, 6.0, "of delta temporality, what came in all windows");

    assert!(is_running(THREAD));
    exporters.stop(PATIENCE);
    exporters.stop(PATIENCE);
    drop(others);
    eventually("the thread ends", || !is_running(THREAD));
    let again = started(&meter_that_traces(None), "third", &endpoint);
    assert_eq!(again.flush(PATIENCE).outcome, FlushOutcome::Success);
}

/// What Linux keeps of its name.
const THREAD: &str = "nanometer-expor";

fn started(meter: &Arc<Meter>, name: &str, endpoint: &str) -> Arc<Exporters> {
    let destination = |signal: &str| {
        json!({
            "protocol": "http/protobuf", "endpoint": endpoint.replace("SIGNAL", signal),
            "headers": {}, "compression": "none", "timeoutMs": 10_000, "certificate": null,
            "clientKey": null, "clientCertificate": null, "insecure": false,
        })
    };
    let options = json!([{
        "name": name, "kind": "otlp",
        "metrics": {
            "destination": destination("metrics"), "intervalMs": 40, "temporality": "delta",
        },
        "traces": { "destination": destination("traces"), "delayMs": 20, "maxBatch": 5 },
        "queue": { "maxBytes": 1 << 20, "maxItems": 10_000, "maxSpans": 100 },
    }]);
    let options: Vec<ExporterOptions> = serde_json::from_value(options).unwrap();
    let (exporters, warnings) = Exporters::start(meter, &options);
    assert_eq!(warnings, []);
    exporters
}

fn tracing() -> TracingOptions {
    let settings = json!({
        "sampleRate": 1, "promoteErrors": true, "promoteLatencyMs": null,
        "maxPromotionsPerSecond": null, "flightSpans": 8,
    });
    serde_json::from_value(settings).unwrap()
}

fn panics(meter: &Meter) -> f64 {
    let snapshot = meter.snapshot_of(&["nanometer.panics"]);
    snapshot.metrics[0].series[0].value.number().unwrap()
}

/// What was in a request.
#[derive(Default)]
struct Received {
    /// The last bytes of the ids of spans.
    spans: Vec<u8>,
    /// What came to the counter.
    made: f64,
}

/// Takes everything, and tells of it.
fn receiver() -> (String, Receiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/v1/SIGNAL", listener.local_addr().unwrap());
    let (sender, received) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let sender = sender.clone();
            std::thread::spawn(move || take(stream.unwrap(), &sender));
        }
    });
    (endpoint, received)
}

/// Until the connection ends.
fn take(stream: TcpStream, received: &Sender<Received>) -> Option<()> {
    stream.set_read_timeout(Some(Duration::from_secs(600))).ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let (mut length, mut is_traces, mut line) = (0, false, String::new());
        loop {
            line.clear();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let lower = line.to_ascii_lowercase();
            is_traces |= lower.starts_with("post /v1/traces");
            if let Some(said) = lower.strip_prefix("content-length:") {
                length = said.trim().parse().ok()?;
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let what = if is_traces { spans_of(&body) } else { metrics_of(&body) };
        received.send(what?).ok()?;
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\n";
        reader.get_mut().write_all(format!("{head}Content-Length: 0\r\n\r\n").as_bytes()).ok()?;
    }
}

fn spans_of(body: &[u8]) -> Option<Received> {
    let request = ExportTraceServiceRequest::decode(body).ok()?;
    let scopes = request.resource_spans.into_iter().flat_map(|it| it.scope_spans);
    let spans = scopes.flat_map(|scope| scope.spans).map(|span| span.span_id[7]);
    Some(Received { spans: spans.collect(), ..Received::default() })
}

fn metrics_of(body: &[u8]) -> Option<Received> {
    let request = ExportMetricsServiceRequest::decode(body).ok()?;
    let scopes = request.resource_metrics.into_iter().flat_map(|it| it.scope_metrics);
    let made = scopes.flat_map(|scope| scope.metrics).filter(|metric| metric.name == "made");
    let values = made.map(|metric| match metric.data {
        Some(Data::Sum(sum)) => match sum.data_points[0].value {
            Some(number_data_point::Value::AsInt(value)) => value as f64,
            Some(number_data_point::Value::AsDouble(value)) => value,
            None => f64::NAN,
        },
        other => panic!("{other:?}"),
    });
    Some(Received { made: values.sum(), ..Received::default() })
}

fn is_running(name: &str) -> bool {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let mut names =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.any(|found| found.trim() == name)
}
