//! Data points: the value of a series in its window.

use std::sync::Arc;

use nanometer_core::snapshot::{Distribution, Series, Value};
use nanometer_core::{Buckets, Definition};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogramDataPoint, HistogramDataPoint, NumberDataPoint,
};

use super::attributes::{labels_of, state_of};
use super::baseline::Baseline;
use super::delta::{added, recorded, whole};
use super::exemplars::exemplars_of;
use super::exponential::Exponential;

/// What the values of counters and histograms are counted from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Since<'a> {
    /// The opening of the meter.
    Opened,
    /// What has been acknowledged.
    Acknowledged(&'a Baseline),
}

/// From when to when, Unix nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    pub since: Since<'a>,
    pub opened_ns: u64,
    pub end_ns: u64,
}

/// A series that is made into a data point.
pub(super) struct Point<'a> {
    pub frame: Frame<'a>,
    pub definition: &'a Arc<Definition>,
    pub series: &'a Series,
}

/// Where the window of a counter or a histogram begins.
struct Beginning<'a> {
    /// Unix nanoseconds.
    start_ns: u64,
    /// Exemplars up to then are told already, Unix nanoseconds.
    told_ns: u64,
    before: Before<'a>,
}

/// What a value counts from.
enum Before<'a> {
    Opened,
    /// What has been acknowledged, where anything has.
    Acknowledged(Option<&'a Value>),
}

impl Point<'_> {
    /// Of a counter; `None` where nothing has been added since the last window.
    pub(super) fn counter(&self) -> Option<NumberDataPoint> {
        let Beginning { start_ns, told_ns, before } = self.beginning();
        let value = match before {
            Before::Opened => number_of(&self.series.value)?,
            Before::Acknowledged(before) => added(&self.series.value, before)?,
        };
        Some(NumberDataPoint {
            start_time_unix_nano: start_ns,
            exemplars: exemplars_of(self.series, told_ns),
            ..self.number(value, self.labels(None))
        })
    }

    /// Of a gauge: of what is, and not of what happened.
    ///
    /// `start_ns`: since when it has been added up; 0 where it is not
    pub(super) fn gauge(&self, start_ns: u64) -> Option<NumberDataPoint> {
        let value = number_of(&self.series.value)?;
        Some(NumberDataPoint {
            start_time_unix_nano: start_ns,
            ..self.number(value, self.labels(None))
        })
    }

    /// Of a state, one for each: 1 for the one that it is in, 0 for the others.
    pub(super) fn states(&self) -> Vec<NumberDataPoint> {
        let (Value::State(current), Some(states)) = (&self.series.value, &self.definition.states)
        else {
            return Vec::new();
        };
        let labels = self.labels(Some(&self.definition.name));
        let one = |(index, name): (u32, &String)| {
            let mut attributes = labels.clone();
            attributes.push(state_of(&self.definition.name, name));
            self.number(Number::AsInt((index == *current).into()), attributes)
        };
        (0..).zip(&states.names).map(one).collect()
    }

    /// Of a histogram with explicit bounds; `None` where nothing has been recorded since the
    /// last window.
    pub(super) fn histogram(&self, buckets: &Buckets) -> Option<HistogramDataPoint> {
        let (Beginning { start_ns, told_ns, .. }, value) = self.distribution()?;
        Some(HistogramDataPoint {
            attributes: self.labels(None),
            start_time_unix_nano: start_ns,
            time_unix_nano: self.frame.end_ns,
            count: value.count(),
            sum: Some(value.sum),
            explicit_bounds: buckets.bounds.clone(),
            exemplars: exemplars_of(self.series, told_ns),
            flags: 0,
            min: value.min,
            max: value.max,
            bucket_counts: value.counts,
        })
    }

    /// As [`Point::histogram`], with exponential buckets of that scale.
    pub(super) fn exponential(
        &self,
        buckets: &Buckets,
        scale: i32,
    ) -> Option<ExponentialHistogramDataPoint> {
        let (Beginning { start_ns, told_ns, .. }, value) = self.distribution()?;
        let Exponential { scale, zero_count, zero_threshold, positive } =
            Exponential::of(buckets, scale, &value.counts);
        Some(ExponentialHistogramDataPoint {
            attributes: self.labels(None),
            start_time_unix_nano: start_ns,
            time_unix_nano: self.frame.end_ns,
            count: value.count(),
            sum: Some(value.sum),
            scale,
            zero_count,
            positive: Some(positive),
            negative: None,
            flags: 0,
            exemplars: exemplars_of(self.series, told_ns),
            min: value.min,
            max: value.max,
            zero_threshold,
        })
    }

    fn distribution(&self) -> Option<(Beginning<'_>, Distribution)> {
        let Value::Histogram(now) = &self.series.value else { return None };
        let beginning = self.beginning();
        let value = match beginning.before {
            Before::Opened => now.clone(),
            Before::Acknowledged(before) => recorded(now, before)?,
        };
        Some((beginning, value))
    }

    fn beginning(&self) -> Beginning<'_> {
        let Frame { since, opened_ns, .. } = self.frame;
        match since {
            Since::Opened => Beginning { start_ns: opened_ns, told_ns: 0, before: Before::Opened },
            Since::Acknowledged(baseline) => {
                let known = baseline.of(self.definition, &self.series.labels);
                let start_ns = baseline.start_ns(known, opened_ns);
                let before = Before::Acknowledged(known.map(|known| &known.value));
                Beginning { start_ns, told_ns: start_ns, before }
            }
        }
    }

    fn labels(&self, taken: Option<&str>) -> Vec<KeyValue> {
        labels_of(self.definition, self.series, taken)
    }

    fn number(&self, value: Number, attributes: Vec<KeyValue>) -> NumberDataPoint {
        NumberDataPoint {
            attributes,
            start_time_unix_nano: 0,
            time_unix_nano: self.frame.end_ns,
            exemplars: Vec::new(),
            flags: 0,
            value: Some(value),
        }
    }
}

/// What is no number is not told.
fn number_of(value: &Value) -> Option<Number> {
    match value {
        Value::Integer(value) => Some(whole(*value)),
        value => value.number().filter(|value| !value.is_nan()).map(Number::AsDouble),
    }
}
