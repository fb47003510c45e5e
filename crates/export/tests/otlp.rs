//! OTLP of a real meter's snapshots: its series are told apart as the encoder takes them to be.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;

use nanometer_core::layout::CELLS_PER_BLOCK;
use nanometer_core::{Definition, Kind, LaneGuard, Meter};
use nanometer_export::otlp::{Baseline, Encoding, MAX_REQUEST_BYTES, MetricsEncoder, Temporality};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest as Request;
use opentelemetry_proto::tonic::metrics::v1::NumberDataPoint;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use prost::Message;

/// One window, all of it delivered: the points of a counter.
fn window(meter: &Arc<Meter>, baseline: &mut Baseline, name: &str) -> Vec<NumberDataPoint> {
    let mut encoder =
        MetricsEncoder::new(Temporality::Delta, Encoding::Protobuf, MAX_REQUEST_BYTES);
    let encoded = encoder.encode(&Arc::new(meter.snapshot()), baseline);
    assert_eq!(encoded.too_large, 0);
    let mut points = Vec::new();
    for payload in encoded.payloads {
        baseline.acknowledge(payload.ack.unwrap());
        let request = Request::decode(&payload.body[..]).unwrap();
        let scopes = request.resource_metrics.into_iter().flat_map(|one| one.scope_metrics);
        let metrics = scopes.flat_map(|scope| scope.metrics);
        for metric in metrics.filter(|metric| metric.name == name) {
            let Some(Data::Sum(sum)) = metric.data else { panic!("{metric:?}") };
            points.extend(sum.data_points);
        }
    }
    points
}

fn add(lane: &LaneGuard, position: u32, more: f64) {
    let block = lane.block(position / CELLS_PER_BLOCK).unwrap().as_ptr().cast::<f64>();
    // SAFETY: the series is bound, and this thread is the only one that writes the lane.
    unsafe {
        let cell = block.add((position % CELLS_PER_BLOCK) as usize);
        cell.write_volatile(cell.read_volatile() + more);
    }
}

#[test]
fn a_series_is_the_same_from_snapshot_to_snapshot_and_another_one_once_it_was_removed() {
    let meter = support::meter();
    let mut baseline = Baseline::new();
    let native = Definition::new("native", Kind::Counter, "", "");
    let native = meter.counter(&native).unwrap();
    let labels = vec!["key".to_owned()];
    let definition = Definition::new("open", Kind::Counter, "", "");
    let definition = Definition { labels, max_series: Some(10), ..definition };
    let family = meter.define(definition).unwrap().family;
    let lane = meter.attach().unwrap();
    let key = ["a".to_owned()];

    native.add(3);
    add(&lane, lane.bind(family, &key).unwrap(), 5.0);
    let values = |points: &[NumberDataPoint]| -> Vec<_> {
        points.iter().map(|point| point.value.unwrap()).collect()
    };
    assert_eq!(values(&window(&meter, &mut baseline, "native")), [Number::AsInt(3)]);
    native.add(1);
    add(&lane, lane.bind(family, &key).unwrap(), 0.5);
    let first = window(&meter, &mut baseline, "open");
    assert_eq!(values(&first), [Number::AsDouble(0.5)]);
    assert_eq!(values(&window(&meter, &mut baseline, "open")), []);

    assert!(lane.release(family, &key));
    // More than there was: nothing in its value says that it is another series.
    add(&lane, lane.bind(family, &key).unwrap(), 7.0);
    let second = window(&meter, &mut baseline, "open");
    assert_eq!(values(&second), [Number::AsDouble(7.0)]);
    assert!(second[0].start_time_unix_nano >= first[0].time_unix_nano);
    native.add(2);
    assert_eq!(values(&window(&meter, &mut baseline, "native")), [Number::AsInt(2)]);
}
