//! For tests: receivers that follow a script, meters with spans, and time that is not real.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use nanometer_core::layout::spans::{FORM_FLOW, REASON_ERROR};
use nanometer_core::{Definition, Kind, Level, Meter, Options};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use prost::Message;
use serde_json::json;
use tokio::task::LocalSet;
use tokio::time::Instant;

use super::exporters::Exporters;
use super::options::ExporterOptions;
use super::status::SignalStatus;
use super::thread::run_exporter;
use super::transport::{Opener, Sending, Transport};
use crate::send::{Outcome, Problem, Reason, Signal};

#[path = "../../tests/support/spans.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod spans;
use spans::{SpanWriter, Written};

/// What a receiver does with a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    Deliver,
    Reject(u64),
    /// After so many seconds, where it says when.
    Retry(Option<u64>),
    Refuse,
    Panic,
    /// Never answers.
    Hang,
}

/// A request, and what was done with it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub signal: Signal,
    pub at: Instant,
    pub step: Step,
    pub body: Bytes,
    /// Whether the answer has come while it was waited for.
    pub answered: bool,
}

/// A receiver: of all requests in order, whichever signal they are of.
pub(crate) struct Receiver {
    script: Mutex<VecDeque<Step>>,
    after_script: Mutex<Step>,
    requests: Mutex<Vec<Request>>,
    before_each_answer: Mutex<Box<dyn Fn() + Send>>,
    is_over: AtomicBool,
}

/// How long an answer takes.
pub(crate) const ANSWER: Duration = Duration::from_millis(5);

impl Receiver {
    /// Does these things, and from then on the last.
    pub(crate) fn new(script: &[Step]) -> Arc<Receiver> {
        let after_script = Mutex::new(script.last().copied().unwrap_or(Step::Deliver));
        let script = Mutex::new(script.iter().copied().collect());
        let (requests, nothing) = (Mutex::default(), Mutex::new(Box::new(|| {}) as Box<_>));
        let (before_each_answer, is_over) = (nothing, AtomicBool::new(false));
        Arc::new(Receiver { script, after_script, requests, before_each_answer, is_over })
    }

    /// Has that function called whenever a request has come, and before it is answered.
    pub(crate) fn before_each_answer(&self, call: impl Fn() + Send + 'static) {
        *self.before_each_answer.lock().unwrap() = Box::new(call);
    }

    /// Nobody waits for answers any more.
    pub(crate) fn end(&self) {
        self.is_over.store(true, Relaxed);
    }

    /// How much is in the requests of a signal that were answered so.
    pub(crate) fn answered(&self, signal: Signal, is_so: impl Fn(Step) -> bool) -> u64 {
        let requests = self.requests().into_iter();
        let of_signal = requests.filter(|request| request.answered && request.signal == signal);
        of_signal.filter(|request| is_so(request.step)).map(|request| request.items()).sum()
    }

    /// From now on always does that.
    pub(crate) fn begin(&self, step: Step) {
        self.script.lock().unwrap().clear();
        *self.after_script.lock().unwrap() = step;
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The requests that were taken, whole or in part.
    pub(crate) fn taken(&self) -> Vec<Request> {
        let is_taken = |request: &Request| matches!(request.step, Step::Deliver | Step::Reject(_));
        self.requests().into_iter().filter(is_taken).collect()
    }

    pub(crate) fn opener(self: &Arc<Receiver>) -> Opener {
        let receiver = Arc::clone(self);
        Arc::new(move |_, signal| {
            let receiver = Arc::clone(&receiver);
            Ok(Box::new(Connection { receiver, signal }))
        })
    }
}

struct Connection {
    receiver: Arc<Receiver>,
    signal: Signal,
}

impl Transport for Connection {
    fn send<'a>(&'a self, body: &'a Bytes) -> Sending<'a> {
        let next = self.receiver.script.lock().unwrap().pop_front();
        let step = next.unwrap_or(*self.receiver.after_script.lock().unwrap());
        let (signal, at, body) = (self.signal, Instant::now(), body.clone());
        let request = Request { signal, at, step, body, answered: false };
        let index = {
            let mut requests = self.receiver.requests.lock().unwrap();
            requests.push(request);
            requests.len() - 1
        };
        Box::pin(async move {
            tokio::time::sleep(ANSWER).await;
            (self.receiver.before_each_answer.lock().unwrap())();
            let is_over = self.receiver.is_over.load(Relaxed);
            self.receiver.requests.lock().unwrap()[index].answered = !is_over;
            let problem = |message: &str| Problem {
                reason: Reason::Unavailable,
                message: message.to_owned(),
            };
            match step {
                Step::Deliver => Outcome::Delivered { rejected: 0, warning: None },
                Step::Reject(rejected) => {
                    Outcome::Delivered { rejected, warning: Some("some were bad".to_owned()) }
                }
                Step::Retry(after) => Outcome::Retry {
                    after: after.map(Duration::from_secs),
                    problem: problem("it is not there"),
                },
                Step::Refuse => Outcome::Refused(problem("it does not want it")),
                Step::Panic => panic!("a panic that a test has asked for"),
                Step::Hang => std::future::pending().await,
            }
        })
    }
}

impl Request {
    /// The ids of its spans.
    pub(crate) fn spans(&self) -> Vec<u64> {
        let request = ExportTraceServiceRequest::decode(self.body.clone()).unwrap();
        let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        let spans = scopes.flat_map(|scope| scope.spans);
        spans.map(|span| u64::from_be_bytes(span.span_id.try_into().unwrap())).collect()
    }

    /// How many data points or spans it has.
    pub(crate) fn items(&self) -> u64 {
        if self.signal == Signal::Traces {
            return self.spans().len() as u64;
        }
        let points = |data| match data {
            Data::Gauge(gauge) => gauge.data_points.len(),
            Data::Sum(sum) => sum.data_points.len(),
            Data::Histogram(histogram) => histogram.data_points.len(),
            Data::ExponentialHistogram(histogram) => histogram.data_points.len(),
            Data::Summary(summary) => summary.data_points.len(),
        };
        let metrics = self.metrics().into_iter();
        metrics.filter_map(|metric| metric.data.map(points)).sum::<usize>() as u64
    }

    fn metrics(&self) -> Vec<Metric> {
        let request = ExportMetricsServiceRequest::decode(self.body.clone()).unwrap();
        let scopes = request.resource_metrics.into_iter().flat_map(|it| it.scope_metrics);
        scopes.flat_map(|scope| scope.metrics).collect()
    }

    /// The value of a counter in it, of cumulative or delta temporality.
    pub(crate) fn counter(&self, name: &str) -> Option<f64> {
        if self.signal != Signal::Metrics {
            return None;
        }
        let metric = self.metrics().into_iter().find(|metric| metric.name == name)?;
        match metric.data? {
            Data::Sum(sum) => sum.data_points[0].value.map(|value| match value {
                Value::AsDouble(value) => value,
                Value::AsInt(value) => value as f64,
            }),
            other => panic!("{other:?}"),
        }
    }
}

/// A meter that traces.
pub(crate) fn meter() -> Arc<Meter> {
    let options = json!({
        "service": "tested", "level": Level::Production, "stateDir": null,
        "maxLaneBytes": 16 << 20, "resource": { "service.name": "tested" },
        "tracing": {
            "sampleRate": 1, "promoteErrors": true, "promoteLatencyMs": null,
            "maxPromotionsPerSecond": null, "flightSpans": 8,
        },
    });
    let options: Options = serde_json::from_value(options).unwrap();
    Meter::new(&options).unwrap()
}

/// A counter of the native lane.
pub(crate) fn counter(meter: &Meter, name: &str) -> nanometer_core::Counter {
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
            let span = Written {
                trace: 1 + id / 10,
                id,
                parent: 0,
                form: FORM_FLOW,
                flow: "orders",
                component: "",
                start_ns: 1e9,
                duration_ns: 1e6,
                status: 0,
            };
            self.writer.promote(span, REASON_ERROR);
        }
        self.meter.drain_spans();
    }
}

/// Options of an exporter, from JSON over what is usual here.
pub(crate) fn options(over: serde_json::Value) -> ExporterOptions {
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

fn merge(into: &mut serde_json::Value, from: serde_json::Value) {
    match (into, from) {
        (serde_json::Value::Object(into), serde_json::Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(serde_json::Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
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
