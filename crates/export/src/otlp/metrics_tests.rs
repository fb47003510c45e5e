//! What each kind of metric is as OTLP, and how a snapshot becomes requests.

use std::sync::Arc;

use nanometer_core::snapshot::{Distribution, Exemplar, Labels, Metric, Series, Snapshot, Value};
use nanometer_core::{Aggregate, Buckets, Definition, Derive, Kind, SpanId, States, TraceId};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest as Request;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::metrics::v1::exemplar::Value as ExemplarValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Metric as Told, NumberDataPoint, ResourceMetrics,
};
use proptest::prelude::*;
use prost::Message;

use super::attributes::attribute;
use super::frame::{Frame, Since};
use super::official_metrics::request_of;
use super::test_snapshot::{
    OPENED_MS, OPENED_NS, any_snapshot, counter, encode, labels, metric, snapshot,
};
use super::{Baseline, Encoding, MetricsEncoder, Temporality};

const CUMULATIVE: i32 = AggregationTemporality::Cumulative as i32;
/// When the snapshots are taken.
const TAKEN_NS: u64 = OPENED_NS + 2_000_000_000;

fn resource(body: &[u8]) -> ResourceMetrics {
    let mut request = Request::decode(body).expect("a request");
    assert_eq!(request.resource_metrics.len(), 1);
    request.resource_metrics.remove(0)
}

fn told(metrics: Vec<Metric>) -> Vec<Told> {
    let encoded = encode(&snapshot(2.0, metrics), Encoding::Protobuf);
    assert_eq!((encoded.payloads.len(), encoded.too_large), (1, 0));
    let mut resource = resource(&encoded.payloads[0].body);
    assert_eq!(resource.scope_metrics.len(), 1);
    let scope = resource.scope_metrics.remove(0);
    assert_eq!(scope.scope.expect("a scope").name, "nanometer");
    scope.metrics
}

fn data(metric: Metric) -> Data {
    let told = told(vec![metric]).remove(0);
    told.data.expect("data")
}

fn numbers(points: &[NumberDataPoint]) -> Vec<(u64, u64, Number)> {
    let number = |point: &NumberDataPoint| {
        (point.start_time_unix_nano, point.time_unix_nano, point.value.expect("a value"))
    };
    points.iter().map(number).collect()
}

#[test]
fn a_counter_is_a_sum_from_the_opening_of_the_meter() {
    let told =
        told(vec![counter("jobs.done", Value::Integer(3)), counter("zero", Value::Number(0.0))]);
    let first = &told[0];
    assert_eq!([&first.name, &first.unit, &first.description], ["jobs.done", "{job}", "Jobs."]);
    for (told, value) in told.iter().zip([Number::AsInt(3), Number::AsDouble(0.0)]) {
        let Some(Data::Sum(sum)) = &told.data else { panic!("{told:?}") };
        assert_eq!((sum.is_monotonic, sum.aggregation_temporality), (true, CUMULATIVE));
        assert_eq!(numbers(&sum.data_points), [(OPENED_NS, TAKEN_NS, value)]);
    }
    let Data::Sum(sum) = data(counter("large", Value::Integer(u64::MAX))) else { panic!("no sum") };
    assert_eq!(sum.data_points[0].value, Some(Number::AsDouble(u64::MAX as f64)));
}

#[test]
fn a_gauge_that_is_added_up_is_a_sum_and_every_other_is_none() {
    for aggregate in
        [Aggregate::Sum, Aggregate::Max, Aggregate::Min, Aggregate::Last, Aggregate::Elapsed]
    {
        let definition = Definition {
            aggregate: Some(aggregate),
            ..Definition::new("depth", Kind::Gauge, "{item}", "")
        };
        let value = Number::AsDouble(-2.5);
        match data(metric(definition, Value::Number(-2.5))) {
            Data::Sum(sum) => {
                assert_eq!(aggregate, Aggregate::Sum);
                assert_eq!((sum.is_monotonic, sum.aggregation_temporality), (false, CUMULATIVE));
                assert_eq!(numbers(&sum.data_points), [(OPENED_NS, TAKEN_NS, value)]);
            }
            Data::Gauge(gauge) => {
                assert_ne!(aggregate, Aggregate::Sum);
                assert_eq!(numbers(&gauge.data_points), [(0, TAKEN_NS, value)]);
            }
            other => panic!("{other:?}"),
        }
    }
    let derive = Derive { numerator: "a".into(), denominator: "b".into(), factor: 1.0 };
    let derived = Definition::new("share", Kind::Derived, "1", "");
    let derived = Definition { derive: Some(derive), ..derived };
    assert!(matches!(data(metric(derived, Value::Number(0.5))), Data::Gauge(_)));
}

#[test]
fn a_state_is_a_gauge_with_an_attribute_called_like_it() {
    let names = vec!["idle".to_owned(), "running".to_owned()];
    let definition = Definition {
        states: Some(States { names, last: Vec::new() }),
        ..Definition::new("flow.state", Kind::State, "", "")
    };
    let Data::Gauge(gauge) = data(metric(definition, Value::State(1))) else { panic!("no gauge") };
    let all = [(0, TAKEN_NS, Number::AsInt(0)), (0, TAKEN_NS, Number::AsInt(1))];
    assert_eq!(numbers(&gauge.data_points), all);
    for (point, state) in gauge.data_points.iter().zip(["idle", "running"]) {
        assert_eq!(point.attributes, [attribute("flow.state", Any::StringValue(state.into()))]);
    }
}

fn histogram(scale: Option<i32>, counts: &[u64]) -> Metric {
    let buckets = Some(Buckets { bounds: vec![1.0, 2.0], scale });
    let definition = Definition { buckets, ..Definition::new("wait", Kind::Histogram, "s", "") };
    let any = counts.iter().any(|count| *count != 0);
    let (min, max) = any.then_some((0.25, 9.0)).unzip();
    let value = Distribution { counts: counts.to_vec(), sum: 10.5, min, max };
    metric(definition, Value::Histogram(value))
}

#[test]
fn a_histogram_has_its_buckets_and_what_is_known_beside_them() {
    let Data::Histogram(told) = data(histogram(None, &[2, 0, 1])) else { panic!("no histogram") };
    assert_eq!(told.aggregation_temporality, CUMULATIVE);
    let point = &told.data_points[0];
    assert_eq!((point.start_time_unix_nano, point.time_unix_nano), (OPENED_NS, TAKEN_NS));
    assert_eq!((point.count, point.sum), (3, Some(10.5)));
    assert_eq!((point.min, point.max), (Some(0.25), Some(9.0)));
    assert_eq!(point.bucket_counts, [2, 0, 1]);
    assert_eq!(point.explicit_bounds, [1.0, 2.0]);
    let Data::Histogram(told) = data(histogram(None, &[0, 0, 0])) else { panic!("no histogram") };
    assert_eq!((told.data_points[0].min, told.data_points[0].max), (None, None));

    let Data::ExponentialHistogram(told) = data(histogram(Some(0), &[2, 0, 1])) else {
        panic!("not exponential")
    };
    let point = &told.data_points[0];
    assert_eq!((point.count, point.sum, point.scale), (3, Some(10.5), 0));
    assert_eq!((point.zero_count, point.zero_threshold), (2, 1.0));
    let positive = point.positive.as_ref().expect("buckets");
    assert_eq!((positive.offset, &positive.bucket_counts[..]), (1, &[1][..]));
    assert_eq!((point.min, point.max), (Some(0.25), Some(9.0)));
}

#[test]
fn exemplars_have_their_ids_and_their_own_time() {
    let (trace, span) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
    let exemplar = Exemplar {
        place: 0,
        value: 0.5,
        trace_id: TraceId::parse(trace).expect("an id"),
        span_id: SpanId::parse(span).expect("an id"),
        at_ms: OPENED_MS + 1_500.0,
    };
    let mut wait = histogram(None, &[1, 0, 0]);
    wait.series[0].exemplars = vec![exemplar];
    let Data::Histogram(told) = data(wait.clone()) else { panic!("no histogram") };
    let found = &told.data_points[0].exemplars[0];
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!((hex(&found.trace_id), hex(&found.span_id)), (trace.into(), span.into()));
    assert_eq!(found.time_unix_nano, OPENED_NS + 1_500_000_000);
    assert_eq!(found.value, Some(ExemplarValue::AsDouble(0.5)));

    // A window tells those that have come in it.
    let mut encoder = MetricsEncoder::new(Temporality::Delta, Encoding::Protobuf, usize::MAX);
    let mut baseline = Baseline::new();
    let mut exemplars = |taken: &Arc<Snapshot>, baseline: &Baseline| {
        let payload = encoder.encode(taken, baseline).payloads.remove(0);
        let told = resource(&payload.body).scope_metrics.remove(0).metrics.remove(0);
        let Some(Data::Histogram(told)) = told.data else { panic!("{told:?}") };
        (payload.ack.expect("delta"), told.data_points[0].exemplars.len())
    };
    let (ack, first) = exemplars(&snapshot(2.0, vec![wait.clone()]), &baseline);
    baseline.acknowledge(ack);
    let Value::Histogram(value) = &mut wait.series[0].value else { panic!("no histogram") };
    value.counts[2] += 1;
    let (_, second) = exemplars(&snapshot(3.0, vec![wait]), &baseline);
    assert_eq!((first, second), (1, 0));
}

#[test]
fn what_has_no_series_and_what_is_no_number_is_not_told() {
    let empty = Metric { series: Vec::new(), ..counter("empty", Value::Integer(1)) };
    let nan = metric(Definition::new("nan", Kind::Gauge, "", ""), Value::Number(f64::NAN));
    assert!(encode(&snapshot(1.0, vec![empty, nan]), Encoding::Protobuf).payloads.is_empty());
    assert!(encode(&snapshot(1.0, Vec::new()), Encoding::Json).payloads.is_empty());
}

#[test]
fn what_is_too_large_alone_is_left_out_and_counted() {
    let large = Series::new(labels(&[&"x".repeat(1_000)]), Value::Integer(1));
    let small = |n: u64| Series::new(labels(&[&n.to_string()]), Value::Integer(n));
    let definition = Definition {
        labels: vec!["key".to_owned()],
        ..Definition::new("jobs", Kind::Counter, "", "")
    };
    let series = vec![small(1), large, small(2), small(3)];
    let taken = snapshot(1.0, vec![Metric { definition: Arc::new(definition), series }]);
    for (encoding, max_bytes) in [(Encoding::Protobuf, 500), (Encoding::Json, 900)] {
        for temporality in [Temporality::Cumulative, Temporality::Delta] {
            let mut encoder = MetricsEncoder::new(temporality, encoding, max_bytes);
            let encoded = encoder.encode(&taken, &Baseline::new());
            assert_eq!((encoded.items(), encoded.too_large), (3, 1));
        }
    }
}

proptest! {
    #[test]
    fn the_bytes_are_those_of_the_official_types(
        first in any_snapshot(),
        is_delta in any::<bool>(),
    ) {
        let temporality = if is_delta { Temporality::Delta } else { Temporality::Cumulative };
        let mut encoder = MetricsEncoder::new(temporality, Encoding::Protobuf, usize::MAX);
        let mut baseline = Baseline::new();
        for taken in [&first, &later(&first)] {
            let end_ns = super::time::unix_ns(taken.taken_at_ms);
            let frame = match temporality {
                Temporality::Cumulative => {
                    Frame { since: Since::Opened, opened_ns: OPENED_NS, end_ns }
                }
                Temporality::Delta => Frame {
                    since: Since::Acknowledged(&baseline),
                    opened_ns: OPENED_NS,
                    end_ns: baseline.end_ns(end_ns, OPENED_NS),
                },
            };
            let expected = request_of(taken, frame);
            let payloads = encoder.encode(taken, &baseline).payloads;
            let is_empty = expected.resource_metrics[0].scope_metrics[0].metrics.is_empty();
            prop_assert_eq!(payloads.len(), usize::from(!is_empty));
            for payload in payloads {
                prop_assert_eq!(Request::decode(&payload.body[..])?, expected.clone());
                prop_assert_eq!(payload.body, expected.encode_to_vec());
                payload.ack.into_iter().for_each(|ack| baseline.acknowledge(ack));
            }
        }
    }

    #[test]
    fn requests_in_parts_are_the_request_in_order(
        snapshot in any_snapshot(),
        max_bytes in 300..4_000usize,
        is_json in any::<bool>(),
    ) {
        let encoding = if is_json { Encoding::Json } else { Encoding::Protobuf };
        let points = |body: &[u8]| -> Vec<String> {
            // The official types do not read the infinities of JSON.
            let body = String::from_utf8_lossy(body).replace("\"Infinity\"", "1e308");
            let request: Request = serde_json::from_str(&body.replace("\"-Infinity\"", "-1e308"))
                .expect("a request");
            points_of(request)
        };
        let points = |body: &[u8]| if is_json { points(body) } else {
            points_of(Request::decode(body).expect("a request"))
        };
        let whole = encode(&snapshot, encoding);
        let all: Vec<String> = whole.payloads.iter().flat_map(|one| points(&one.body)).collect();
        prop_assert_eq!(all.len() as u64, whole.items());
        let mut encoder = MetricsEncoder::new(Temporality::Cumulative, encoding, max_bytes);
        let parts = encoder.encode(&snapshot, &Baseline::new());
        let mut left = all.iter();
        for part in &parts.payloads {
            prop_assert!(part.body.len() <= max_bytes);
            let points = points(&part.body);
            prop_assert_eq!(points.len() as u64, part.items);
            prop_assert!(!points.is_empty());
            for point in points {
                prop_assert!(left.any(|one| *one == point), "not in order: {}", point);
            }
        }
        prop_assert_eq!(parts.items() + parts.too_large, whole.items());
    }
}

/// The same series, to some of which more has come.
fn later(snapshot: &Snapshot) -> Arc<Snapshot> {
    let mut later = Snapshot { taken_at_ms: snapshot.taken_at_ms + 1e3, ..snapshot.clone() };
    let series = later.metrics.iter_mut().flat_map(|metric| metric.series.iter_mut().step_by(2));
    for series in series {
        match &mut series.value {
            Value::Number(value) => *value += 1.5,
            Value::Integer(value) => *value = value.saturating_add(3),
            Value::State(_) => {}
            Value::Histogram(value) => {
                value.counts[0] += 2;
                value.sum += 0.5;
            }
        }
    }
    Arc::new(later)
}

/// Each data point with what its metric says of it.
fn points_of(request: Request) -> Vec<String> {
    let scopes = request.resource_metrics.into_iter().flat_map(|resource| resource.scope_metrics);
    let metrics = scopes.flat_map(|scope| scope.metrics);
    let points = metrics.flat_map(|mut metric| {
        let points: Vec<String> = match metric.data.as_mut().expect("data") {
            Data::Gauge(data) => texts(&mut data.data_points),
            Data::Sum(data) => texts(&mut data.data_points),
            Data::Histogram(data) => texts(&mut data.data_points),
            Data::ExponentialHistogram(data) => texts(&mut data.data_points),
            Data::Summary(data) => texts(&mut data.data_points),
        };
        points.into_iter().map(move |point| format!("{metric:?} {point}"))
    });
    points.collect()
}

fn texts<T: std::fmt::Debug>(points: &mut Vec<T>) -> Vec<String> {
    points.drain(..).map(|point| format!("{point:?}")).collect()
}

#[test]
fn the_overflow_series_is_told_as_such() {
    let mut jobs = counter("jobs", Value::Integer(1));
    jobs.series[0].labels = Labels::Overflow;
    let Data::Sum(sum) = data(jobs) else { panic!("no sum") };
    assert_eq!(sum.data_points[0].attributes[0].key, "otel.metric.overflow");
}
