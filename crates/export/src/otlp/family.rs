//! A metric that is written: what its data points have in common, encoded once.

use std::sync::Arc;

use nanometer_core::snapshot::{Series, Value};
use nanometer_core::{Aggregate, Buckets, Definition, Kind};
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, ExponentialHistogram, Histogram, HistogramDataPoint, Metric, Sum,
};
use prost::Message;

use super::frame::{Frame, Since, number_of};
use super::labels::LabelKeys;
use super::points::Point;
use super::requests::{Group, Requests};

// A metric's data, by its kind.
const GAUGE: u32 = 5;
const SUM: u32 = 7;
const HISTOGRAM: u32 = 9;
const EXPONENTIAL_HISTOGRAM: u32 = 10;

/// A metric at one time.
#[derive(Debug)]
pub(super) struct Family<'a> {
    frame: Frame<'a>,
    definition: &'a Arc<Definition>,
    keys: LabelKeys,
    shape: Shape<'a>,
}

/// What a metric is as OTLP.
#[derive(Debug)]
enum Shape<'a> {
    Counter,
    /// A gauge that is added up.
    Sum,
    Gauge,
    /// A gauge for each of these.
    States(&'a [String]),
    /// A histogram with those explicit bounds, encoded.
    Histogram(Vec<u8>),
    /// One with exponential buckets of that scale.
    Exponential(&'a Buckets, i32),
}

impl<'a> Family<'a> {
    /// `None` where it cannot have data points.
    pub(super) fn of(definition: &'a Arc<Definition>, frame: Frame<'a>) -> Option<Family<'a>> {
        let shape = match (definition.kind, &definition.buckets, &definition.states) {
            (Kind::Counter, ..) => Shape::Counter,
            (Kind::Gauge, ..) if definition.aggregate == Some(Aggregate::Sum) => Shape::Sum,
            (Kind::Gauge | Kind::Derived, ..) => Shape::Gauge,
            (Kind::State, _, states) => Shape::States(&states.as_ref()?.names),
            (Kind::Histogram, buckets, _) => match buckets.as_ref()? {
                buckets @ Buckets { scale: Some(scale), .. } => Shape::Exponential(buckets, *scale),
                Buckets { bounds, scale: None } => Shape::Histogram(encoded_bounds(bounds)),
            },
        };
        let taken = matches!(shape, Shape::States(_)).then_some(&definition.name[..]);
        let keys = LabelKeys::of(definition, taken);
        Some(Family { frame, definition, keys, shape })
    }

    /// What stands around its data points.
    pub(super) fn group(&self) -> Group {
        let Definition { name, help, unit, .. } = &**self.definition;
        let head = Metric {
            name: name.clone(),
            description: help.clone(),
            unit: unit.clone(),
            ..Metric::default()
        };
        let cumulative = AggregationTemporality::Cumulative as i32;
        let counted = match self.frame.since {
            Since::Opened => cumulative,
            Since::Acknowledged(_) => AggregationTemporality::Delta as i32,
        };
        let sum = |aggregation_temporality, is_monotonic| {
            Sum { data_points: Vec::new(), aggregation_temporality, is_monotonic }.encode_to_vec()
        };
        let (data, tail) = match self.shape {
            Shape::Counter => (SUM, sum(counted, true)),
            Shape::Sum => (SUM, sum(cumulative, false)),
            Shape::Gauge | Shape::States(_) => (GAUGE, Vec::new()),
            Shape::Histogram(_) => {
                let of = Histogram { data_points: Vec::new(), aggregation_temporality: counted };
                (HISTOGRAM, of.encode_to_vec())
            }
            Shape::Exponential(..) => {
                let data_points = Vec::new();
                let of = ExponentialHistogram { data_points, aggregation_temporality: counted };
                (EXPONENTIAL_HISTOGRAM, of.encode_to_vec())
            }
        };
        Group { head: head.encode_to_vec(), data, tail }
    }

    /// Writes the data points of a series, the last first. How many there are.
    pub(super) fn tell(&self, series: &Series, requests: &mut Requests) -> usize {
        self.told(series, requests).unwrap_or(0)
    }

    fn told(&self, series: &Series, requests: &mut Requests) -> Option<usize> {
        let Family { frame, definition, keys, shape } = self;
        let point = Point { keys, series, end_ns: frame.end_ns };
        match shape {
            Shape::Counter => {
                let told = frame.counter(definition, series)?;
                requests.item(|out| point.counter(out, &told));
            }
            Shape::Sum => {
                let value = number_of(&series.value)?;
                requests.item(|out| point.gauge(out, value, frame.opened_ns));
            }
            Shape::Gauge => {
                let value = number_of(&series.value)?;
                requests.item(|out| point.gauge(out, value, 0));
            }
            Shape::States(names) => {
                let Value::State(current) = series.value else { return None };
                for (index, state) in names.iter().enumerate().rev() {
                    let is_in = index == current as usize;
                    requests.item(|out| point.state(out, &definition.name, state, is_in));
                }
                return Some(names.len());
            }
            Shape::Histogram(bounds) => {
                let told = frame.histogram(definition, series)?;
                requests.item(|out| point.histogram(out, &told, bounds));
            }
            Shape::Exponential(buckets, scale) => {
                let told = frame.histogram(definition, series)?;
                requests.item(|out| point.exponential(out, &told, buckets, *scale));
            }
        }
        Some(1)
    }
}

/// As the field of a data point.
fn encoded_bounds(bounds: &[f64]) -> Vec<u8> {
    HistogramDataPoint { explicit_bounds: bounds.to_vec(), ..HistogramDataPoint::default() }
        .encode_to_vec()
}
