//! Delta temporality against a model: whatever is acknowledged or not, and whichever series come and
//! go, a receiver adds up what was recorded.

use std::collections::HashMap;
use std::sync::Arc;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest as Request;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, HistogramDataPoint, NumberDataPoint,
};
use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message;

use nanometer_core::snapshot::{Distribution, Labels, Metric, Series, Snapshot, Value};
use nanometer_core::{Buckets, Definition, Kind};

use super::test_snapshot::{OPENED_NS, counter, labels, snapshot};
use super::{Baseline, Encoding, MetricsEncoder, Payload, Temporality};

const DELTA: i32 = AggregationTemporality::Delta as i32;
/// So small that nearly each series has a request of its own.
const MAX_BYTES: usize = 400;
const SERIES: usize = 5;
const BUCKETS: usize = 3;

/// What happens, one after the other.
#[derive(Clone, Debug)]
enum Step {
    /// A series of each metric counts so much, in that bucket.
    Record(usize, u32, usize),
    /// It is removed; the next record makes it anew.
    Remove(usize),
    /// A window; which of its requests are delivered, the first of the list the first.
    Window(Vec<bool>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..SERIES, 1..1_000u32, 0..BUCKETS).prop_map(|(at, n, to)| Step::Record(at, n, to)),
        1 => (0..SERIES).prop_map(Step::Remove),
        3 => vec(any::<bool>(), SERIES * 4).prop_map(Step::Window),
    ]
}

/// What a series has, of all three metrics.
#[derive(Clone, Debug)]
struct Recorded {
    labels: Labels,
    count: u64,
    buckets: [u64; BUCKETS],
}

/// The meter and the receiver.
struct Model {
    definitions: [Arc<Definition>; 3],
    there: Vec<Option<Recorded>>,
    baseline: Baseline,
    encoder: MetricsEncoder,
    seconds: f64,
    /// By metric and series: sum, buckets, and the end of the last window.
    received: HashMap<(String, usize), (f64, Vec<u64>, u64)>,
    /// By metric and series: what had been recorded when it was delivered last, of all that have had
    /// those labels.
    delivered: HashMap<(String, usize), (u64, u64)>,
}

impl Model {
    fn new() -> Model {
        let labelled = |name: &str, kind| {
            let labels = vec!["key".to_owned()];
            Definition { labels, ..Definition::new(name, kind, "1", "") }
        };
        let buckets = Some(Buckets { bounds: vec![1.0, 2.0], scale: None });
        let definitions = [
            labelled("numbers", Kind::Counter),
            labelled("integers", Kind::Counter),
            Definition { buckets, ..labelled("histogram", Kind::Histogram) },
        ];
        Model {
            definitions: definitions.map(Arc::new),
            there: vec![None; SERIES],
            baseline: Baseline::new(),
            encoder: MetricsEncoder::new(Temporality::Delta, Encoding::Protobuf, MAX_BYTES),
            seconds: 0.0,
            received: HashMap::new(),
            delivered: HashMap::new(),
        }
    }

    fn take(&self, step: &Step) -> Option<Arc<Snapshot>> {
        let Step::Window(_) = step else { return None };
        let metrics = self.definitions.iter().enumerate().map(|(metric, definition)| {
            let series = self.there.iter().flatten().map(|recorded| {
                let value = match metric {
                    0 => Value::Number(recorded.count as f64 / 4.0),
                    1 => Value::Integer(recorded.count),
                    _ => Value::Histogram(Distribution {
                        counts: recorded.buckets.to_vec(),
                        sum: recorded.count as f64 / 4.0,
                        min: Some(0.5),
                        max: Some(3.0),
                    }),
                };
                Series::new(recorded.labels.clone(), value)
            });
            Metric { definition: Arc::clone(definition), series: series.collect() }
        });
        Some(snapshot(self.seconds, metrics.collect()))
    }

    fn run(&mut self, step: &Step) {
        self.seconds += 1.0;
        match step {
            Step::Record(at, more, bucket) => {
                let recorded = self.there[*at].get_or_insert_with(|| Recorded {
                    labels: labels(&[&at.to_string()]),
                    count: 0,
                    buckets: [0; BUCKETS],
                });
                recorded.count += u64::from(*more);
                recorded.buckets[*bucket] += 1;
            }
            Step::Remove(at) => {
                self.there[*at] = None;
                // What was told of it stays told.
                for ((_, series), (before, now)) in &mut self.delivered {
                    if series == at {
                        (*before, *now) = (*before + *now, 0);
                    }
                }
            }
            Step::Window(are_delivered) => {
                let taken = self.take(step).expect("a window");
                let encoded = self.encoder.encode(&taken, &self.baseline);
                assert_eq!(encoded.too_large, 0);
                let fates = are_delivered.iter().chain(std::iter::repeat(&true));
                for (payload, is_delivered) in encoded.payloads.into_iter().zip(fates) {
                    assert!(payload.body.len() <= MAX_BYTES && payload.items > 0);
                    if *is_delivered {
                        self.receive(payload);
                    }
                }
            }
        }
    }

    fn receive(&mut self, payload: Payload) {
        for (name, points) in points_of(&payload) {
            for point in points {
                let key = (name.clone(), point.series);
                let recorded = self.there[point.series].as_ref().expect("it is there");
                self.delivered.entry(key.clone()).or_default().1 = recorded.count;
                let (sum, buckets, end) = self.received.entry(key).or_default();
                assert!(point.start_ns >= (*end).max(OPENED_NS), "windows overlap");
                assert!(point.end_ns > point.start_ns, "a window of no time");
                *end = point.end_ns;
                *sum += point.sum;
                buckets.resize(point.buckets.len(), 0);
                buckets.iter_mut().zip(&point.buckets).for_each(|(sum, more)| *sum += more);
            }
        }
        self.baseline.acknowledge(payload.ack.expect("delta"));
    }

    fn check(&self) {
        for (key, (before, now)) in &self.delivered {
            let (sum, ..) = &self.received[key];
            let unit = if key.0 == "integers" { 1.0 } else { 4.0 };
            assert_eq!(*sum * unit, (before + now) as f64, "{key:?}");
        }
    }

    /// All that is there has been told.
    fn check_end(&self) {
        for (at, recorded) in self.there.iter().enumerate() {
            let Some(recorded) = recorded else { continue };
            for definition in &self.definitions {
                let (_, now) = self.delivered[&(definition.name.clone(), at)];
                assert_eq!(now, recorded.count, "{} {at}", definition.name);
            }
        }
    }
}

/// A data point of any kind.
struct Told {
    series: usize,
    start_ns: u64,
    end_ns: u64,
    sum: f64,
    buckets: Vec<u64>,
}

fn points_of(payload: &Payload) -> Vec<(String, Vec<Told>)> {
    let mut request = Request::decode(&payload.body[..]).expect("a request");
    let metrics = request.resource_metrics.remove(0).scope_metrics.remove(0).metrics;
    let told = metrics.into_iter().map(|metric| {
        let points: Vec<Told> = match metric.data.expect("data") {
            Data::Sum(sum) => {
                assert_eq!((sum.aggregation_temporality, sum.is_monotonic), (DELTA, true));
                sum.data_points.into_iter().map(told_number).collect()
            }
            Data::Histogram(histogram) => {
                assert_eq!(histogram.aggregation_temporality, DELTA);
                histogram.data_points.into_iter().map(told_histogram).collect()
            }
            other => panic!("{other:?}"),
        };
        (metric.name, points)
    });
    let told: Vec<_> = told.collect();
    assert_eq!(told.iter().map(|(_, points)| points.len() as u64).sum::<u64>(), payload.items);
    told
}

fn told_number(point: NumberDataPoint) -> Told {
    let sum = match point.value {
        Some(Number::AsDouble(sum)) => sum,
        Some(Number::AsInt(sum)) => sum as f64,
        None => panic!("no value"),
    };
    assert!(sum > 0.0, "a window in which nothing happened");
    let Any::StringValue(series) =
        point.attributes[0].value.clone().and_then(|value| value.value).expect("a label")
    else {
        panic!("a label that is no text")
    };
    Told {
        series: series.parse().expect("a number"),
        start_ns: point.start_time_unix_nano,
        end_ns: point.time_unix_nano,
        sum,
        buckets: Vec::new(),
    }
}

fn told_histogram(point: HistogramDataPoint) -> Told {
    assert_eq!(point.count, point.bucket_counts.iter().sum::<u64>());
    assert_eq!((point.min, point.max), (None, None));
    let number = NumberDataPoint {
        attributes: point.attributes,
        start_time_unix_nano: point.start_time_unix_nano,
        time_unix_nano: point.time_unix_nano,
        value: point.sum.map(Number::AsDouble),
        ..NumberDataPoint::default()
    };
    Told { buckets: point.bucket_counts, ..told_number(number) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_windows_add_up_whatever_is_lost(steps in vec(step(), 1..60)) {
        let mut model = Model::new();
        for step in &steps {
            model.run(step);
            model.check();
        }
        model.run(&Step::Window(Vec::new()));
        model.check();
        model.check_end();
        // Nothing is left to tell.
        let again = model.take(&Step::Window(Vec::new())).expect("a snapshot");
        prop_assert!(model.encoder.encode(&again, &model.baseline).payloads.is_empty());
    }
}

/// Of a counter of that value, what a delta request says: start, end and value.
fn window(
    encoder: &mut MetricsEncoder,
    taken: &Arc<Snapshot>,
    baseline: &Baseline,
) -> (Payload, Told) {
    let mut encoded = encoder.encode(taken, baseline);
    let payload = encoded.payloads.remove(0);
    let mut request = Request::decode(&payload.body[..]).expect("a request");
    let metric = request.resource_metrics.remove(0).scope_metrics.remove(0).metrics.remove(0);
    let Some(Data::Sum(mut sum)) = metric.data else { panic!("{metric:?}") };
    let mut point = sum.data_points.remove(0);
    point.attributes = vec![super::attributes::attribute("key", Any::StringValue("0".to_owned()))];
    (payload, told_number(point))
}

#[test]
fn a_window_begins_where_the_last_acknowledged_one_ended() {
    let mut encoder = MetricsEncoder::new(Temporality::Delta, Encoding::Protobuf, usize::MAX);
    let mut baseline = Baseline::new();
    let jobs = counter("jobs", Value::Integer(0));
    let at = |seconds: f64, value| {
        let mut jobs = jobs.clone();
        jobs.series[0].value = Value::Integer(value);
        snapshot(seconds, vec![jobs])
    };
    let second = |n: u64| OPENED_NS + n * 1_000_000_000;
    assert!(encoder.encode(&at(1.0, 0), &baseline).payloads.is_empty());

    let (lost, told) = window(&mut encoder, &at(2.0, 3), &baseline);
    assert_eq!((told.start_ns, told.end_ns, told.sum), (OPENED_NS, second(2), 3.0));
    drop(lost);
    let (payload, told) = window(&mut encoder, &at(3.0, 5), &baseline);
    assert_eq!((told.start_ns, told.end_ns, told.sum), (OPENED_NS, second(3), 5.0));
    baseline.acknowledge(payload.ack.expect("delta"));
    assert!(encoder.encode(&at(4.0, 5), &baseline).payloads.is_empty());

    // The clock goes back: no window is of no time, or of less.
    let (payload, told) = window(&mut encoder, &at(1.0, 6), &baseline);
    assert_eq!((told.start_ns, told.end_ns, told.sum), (second(3), second(3) + 1, 1.0));
    baseline.acknowledge(payload.ack.expect("delta"));
    let (_, told) = window(&mut encoder, &at(9.0, 7), &baseline);
    assert_eq!((told.start_ns, told.end_ns), (second(3) + 1, second(9)));
}

#[test]
fn a_series_that_is_new_begins_after_the_last_window_without_it() {
    let mut encoder = MetricsEncoder::new(Temporality::Delta, Encoding::Protobuf, usize::MAX);
    let mut baseline = Baseline::new();
    let other = counter("other", Value::Number(1.0));
    let encoded = encoder.encode(&snapshot(5.0, vec![other.clone()]), &baseline);
    for payload in encoded.payloads {
        baseline.acknowledge(payload.ack.expect("delta"));
    }
    let taken = snapshot(6.0, vec![counter("jobs", Value::Integer(1)), other]);
    let (_, told) = window(&mut encoder, &taken, &baseline);
    assert_eq!(told.start_ns, OPENED_NS + 5_000_000_000);
}
