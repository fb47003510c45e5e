//! What tests hold our writing to: the same requests by the official types, which their own encoder
//! writes.

use std::borrow::Cow;
use std::sync::Arc;

use nanometer_core::snapshot::{Exemplar, Labels, Metric, Series, Snapshot, Value};
use nanometer_core::{Aggregate, Buckets, Definition, Kind};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::metrics::v1::exemplar::Value as ExemplarValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Exemplar as ToldExemplar, ExponentialHistogram,
    ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint, Metric as Told,
    NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum,
};

use super::attributes::{attribute, resource_of, scope};
use super::exponential::Exponential;
use super::frame::{Frame, Since, number_of};
use super::time::unix_ns;

/// All of a snapshot in one request.
pub(super) fn request_of(snapshot: &Snapshot, frame: Frame<'_>) -> ExportMetricsServiceRequest {
    let metrics = snapshot.metrics.iter().filter_map(|metric| told(metric, frame)).collect();
    let scope_metrics = ScopeMetrics { scope: Some(scope()), metrics, ..Default::default() };
    let resource_metrics = ResourceMetrics {
        resource: Some(resource_of(&snapshot.resource)),
        scope_metrics: vec![scope_metrics],
        ..Default::default()
    };
    ExportMetricsServiceRequest { resource_metrics: vec![resource_metrics] }
}

fn told(metric: &Metric, frame: Frame<'_>) -> Option<Told> {
    let Definition { name, help, unit, .. } = &*metric.definition;
    let data = data_of(metric, frame)?;
    Some(Told {
        name: name.clone(),
        description: help.clone(),
        unit: unit.clone(),
        metadata: Vec::new(),
        data: Some(data),
    })
}

fn data_of(metric: &Metric, frame: Frame<'_>) -> Option<Data> {
    let definition = &metric.definition;
    let cumulative = AggregationTemporality::Cumulative as i32;
    let counted = match frame.since {
        Since::Opened => cumulative,
        Since::Acknowledged(_) => AggregationTemporality::Delta as i32,
    };
    let points = Points { metric, frame };
    let sum = |data_points, aggregation_temporality, is_monotonic| {
        Data::Sum(Sum { data_points, aggregation_temporality, is_monotonic })
    };
    let gauge = |data_points| Data::Gauge(Gauge { data_points });
    Some(match (definition.kind, &definition.buckets) {
        (Kind::Counter, _) => sum(points.of(Points::counter)?, counted, true),
        (Kind::Gauge, _) if definition.aggregate == Some(Aggregate::Sum) => sum(
            points.of(|points, series| points.gauge(series, frame.opened_ns))?,
            cumulative,
            false,
        ),
        (Kind::Gauge | Kind::Derived, _) => {
            gauge(points.of(|points, series| points.gauge(series, 0))?)
        }
        (Kind::State, _) => gauge(points.of(Points::states)?),
        (Kind::Histogram, Some(buckets)) if buckets.scale.is_none() => {
            let data_points = points.of(|points, series| points.histogram(series, buckets))?;
            Data::Histogram(Histogram { data_points, aggregation_temporality: counted })
        }
        (Kind::Histogram, Some(buckets)) => {
            let data_points = points.of(|points, series| points.exponential(series, buckets))?;
            let aggregation_temporality = counted;
            Data::ExponentialHistogram(ExponentialHistogram {
                data_points,
                aggregation_temporality,
            })
        }
        (Kind::Histogram, None) => return None,
    })
}

#[derive(Clone, Copy)]
struct Points<'a> {
    metric: &'a Metric,
    frame: Frame<'a>,
}

impl Points<'_> {
    /// `None` where there are none: a metric without data points is not told.
    fn of<T, I: IntoIterator<Item = T>>(
        &self,
        each: impl Fn(&Self, &Series) -> I,
    ) -> Option<Vec<T>> {
        let all: Vec<T> = self.metric.series.iter().flat_map(|series| each(self, series)).collect();
        (!all.is_empty()).then_some(all)
    }

    fn counter(&self, series: &Series) -> Option<NumberDataPoint> {
        let told = self.frame.counter(&self.metric.definition, series)?;
        Some(NumberDataPoint {
            start_time_unix_nano: told.start_ns,
            exemplars: exemplars(series, told.told_ns),
            ..self.number(told.value, self.labels(series))
        })
    }

    fn gauge(&self, series: &Series, start_ns: u64) -> Option<NumberDataPoint> {
        let number = self.number(number_of(&series.value)?, self.labels(series));
        Some(NumberDataPoint { start_time_unix_nano: start_ns, ..number })
    }

    fn states(&self, series: &Series) -> Vec<NumberDataPoint> {
        let (Value::State(current), Some(states)) = (&series.value, &self.metric.definition.states)
        else {
            return Vec::new();
        };
        let one = |(index, state): (u32, &String)| {
            let mut attributes = self.labels(series);
            let name = &self.metric.definition.name;
            attributes.push(attribute(&name[..], Any::StringValue(state.clone())));
            self.number(Number::AsInt((index == *current).into()), attributes)
        };
        (0..).zip(&states.names).map(one).collect()
    }

    fn histogram(&self, series: &Series, buckets: &Buckets) -> Option<HistogramDataPoint> {
        let told = self.frame.histogram(&self.metric.definition, series)?;
        let value = Cow::into_owned(told.value);
        Some(HistogramDataPoint {
            attributes: self.labels(series),
            start_time_unix_nano: told.start_ns,
            time_unix_nano: self.frame.end_ns,
            count: value.count(),
            sum: Some(value.sum),
            explicit_bounds: buckets.bounds.clone(),
            exemplars: exemplars(series, told.told_ns),
            flags: 0,
            min: value.min,
            max: value.max,
            bucket_counts: value.counts,
        })
    }

    fn exponential(
        &self,
        series: &Series,
        buckets: &Buckets,
    ) -> Option<ExponentialHistogramDataPoint> {
        let told = self.frame.histogram(&self.metric.definition, series)?;
        let Exponential { scale, zero_count, zero_threshold, positive } =
            Exponential::of(buckets, buckets.scale?, &told.value.counts);
        Some(ExponentialHistogramDataPoint {
            attributes: self.labels(series),
            start_time_unix_nano: told.start_ns,
            time_unix_nano: self.frame.end_ns,
            count: told.value.count(),
            sum: Some(told.value.sum),
            scale,
            zero_count,
            positive: Some(positive),
            negative: None,
            flags: 0,
            exemplars: exemplars(series, told.told_ns),
            min: told.value.min,
            max: told.value.max,
            zero_threshold,
        })
    }

    fn labels(&self, series: &Series) -> Vec<KeyValue> {
        let definition: &Arc<Definition> = &self.metric.definition;
        let Labels::Values(values) = &series.labels else {
            return vec![attribute("otel.metric.overflow", Any::BoolValue(true))];
        };
        let one = |(label, value): (&String, &Arc<str>)| {
            let is_taken = definition.kind == Kind::State && *label == definition.name;
            let key = if is_taken { format!("exported_{label}") } else { label.clone() };
            attribute(key, Any::StringValue(value.to_string()))
        };
        definition.labels.iter().zip(&**values).map(one).collect()
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

fn exemplars(series: &Series, after_ns: u64) -> Vec<ToldExemplar> {
    let told = |one: &Exemplar| ToldExemplar {
        filtered_attributes: Vec::new(),
        time_unix_nano: unix_ns(one.at_ms),
        span_id: one.span_id.to_bytes().to_vec(),
        trace_id: one.trace_id.to_bytes().to_vec(),
        value: Some(ExemplarValue::AsDouble(one.value)),
    };
    let all = series.exemplars.iter().map(told);
    all.filter(|exemplar| exemplar.time_unix_nano > after_ns).collect()
}
