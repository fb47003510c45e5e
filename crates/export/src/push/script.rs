//! For tests: receivers that follow a script, and what they were sent.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use prost::Message;
use tokio::time::Instant;

use super::transport::{Opener, Sending, Transport};
use crate::send::{Outcome, Problem, Reason, Signal};

/// What a receiver does with a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    Deliver,
    Reject(u64),
    /// After so many seconds, where it says when.
    Retry(Option<u64>),
    Refuse,
    /// Nobody is there.
    Absent,
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

    /// Those of one signal.
    pub(crate) fn requests_of(&self, signal: Signal) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.signal == signal).collect()
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
            let problem = |message: &str| {
                let is_absent = step == Step::Absent;
                let reason = if is_absent { Reason::Connection } else { Reason::Unavailable };
                Problem { reason, message: message.to_owned() }
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
                Step::Absent => Outcome::Retry { after: None, problem: problem("nobody is there") },
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
