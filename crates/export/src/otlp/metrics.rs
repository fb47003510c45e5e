//! A snapshot as requests.

use std::sync::Arc;

use nanometer_core::snapshot::{self, Series, Snapshot};
use nanometer_core::{Aggregate, Definition, Kind};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, ExponentialHistogram, Gauge, Histogram, Metric, ResourceMetrics,
    ScopeMetrics, Sum,
};

use super::attributes::{resource_of, scope};
use super::baseline::{Ack, Baseline, Window};
use super::points::{Frame, Point, Since};
use super::split::split;
use super::time::unix_ns;
use super::{Encoded, Encoding, Payload, Temporality};

/// Turns snapshots into requests. Remembers nothing from one to the next: what is acknowledged is
/// in a [`Baseline`].
#[derive(Clone, Copy, Debug)]
pub struct MetricsEncoder {
    temporality: Temporality,
    encoding: Encoding,
    max_bytes: usize,
}

impl MetricsEncoder {
    /// Of requests of at most `max_bytes` each.
    pub fn new(temporality: Temporality, encoding: Encoding, max_bytes: usize) -> MetricsEncoder {
        MetricsEncoder { temporality, encoding, max_bytes }
    }

    /// The requests of a snapshot, none of them empty. Of delta temporality, counters and histograms
    /// have what is not acknowledged; those without any are left out.
    pub fn encode(&self, snapshot: &Arc<Snapshot>, baseline: &Baseline) -> Encoded {
        let frame = self.frame(snapshot, baseline);
        let mut points = Vec::new();
        let metrics = (0..).zip(&snapshot.metrics);
        let metrics = metrics.filter_map(|(index, metric)| {
            metric_of(metric, frame, |series| points.push((index, series)))
        });
        let request = request_of(snapshot, metrics.collect());
        let (parts, too_large) = split(request, self.encoding, self.max_bytes);
        let window = match self.temporality {
            Temporality::Cumulative => None,
            Temporality::Delta => {
                let (snapshot, end_ns) = (Arc::clone(snapshot), frame.end_ns);
                Some(Arc::new(Window { snapshot, end_ns, points }))
            }
        };
        let payloads = parts.into_iter().map(|part| Payload {
            body: part.body,
            items: part.items.len() as u64,
            ack: window.clone().map(|window| Ack { window, points: part.items }),
        });
        Encoded { payloads: payloads.collect(), too_large }
    }

    fn frame<'a>(&self, snapshot: &Snapshot, baseline: &'a Baseline) -> Frame<'a> {
        let opened = snapshot.processes.iter().map(|process| unix_ns(process.started_at_ms));
        let taken_ns = unix_ns(snapshot.taken_at_ms);
        let opened_ns = opened.min().unwrap_or(taken_ns);
        match self.temporality {
            Temporality::Cumulative => {
                Frame { since: Since::Opened, opened_ns, end_ns: taken_ns.max(opened_ns) }
            }
            Temporality::Delta => Frame {
                since: Since::Acknowledged(baseline),
                opened_ns,
                end_ns: baseline.end_ns(taken_ns, opened_ns),
            },
        }
    }
}

fn request_of(snapshot: &Snapshot, metrics: Vec<Metric>) -> ExportMetricsServiceRequest {
    let scope_metrics = ScopeMetrics { scope: Some(scope()), metrics, schema_url: String::new() };
    let resource_metrics = ResourceMetrics {
        resource: Some(resource_of(&snapshot.resource)),
        scope_metrics: vec![scope_metrics],
        schema_url: String::new(),
    };
    ExportMetricsServiceRequest { resource_metrics: vec![resource_metrics] }
}

/// `made`: called with the index of a series for each data point that is made of it
fn metric_of(metric: &snapshot::Metric, frame: Frame<'_>, made: impl FnMut(u32)) -> Option<Metric> {
    let definition = &metric.definition;
    let points = Points { frame, metric, made };
    let data = data_of(definition, points)?;
    Some(Metric {
        name: definition.name.clone(),
        description: definition.help.clone(),
        unit: definition.unit.clone(),
        metadata: Vec::new(),
        data: Some(data),
    })
}

fn data_of(definition: &Definition, points: Points<'_, impl FnMut(u32)>) -> Option<Data> {
    let counted = match points.frame.since {
        Since::Opened => AggregationTemporality::Cumulative,
        Since::Acknowledged(_) => AggregationTemporality::Delta,
    } as i32;
    let opened_ns = points.frame.opened_ns;
    match (definition.kind, &definition.buckets) {
        (Kind::Counter, _) => points.make(|point| point.counter()).map(|data_points| {
            Data::Sum(Sum { data_points, aggregation_temporality: counted, is_monotonic: true })
        }),
        (Kind::Gauge, _) if definition.aggregate == Some(Aggregate::Sum) => {
            let aggregation_temporality = AggregationTemporality::Cumulative as i32;
            points.make(|point| point.gauge(opened_ns)).map(|data_points| {
                Data::Sum(Sum { data_points, aggregation_temporality, is_monotonic: false })
            })
        }
        (Kind::Gauge | Kind::Derived, _) => points
            .make(|point| point.gauge(0))
            .map(|data_points| Data::Gauge(Gauge { data_points })),
        (Kind::State, _) => points
            .make(|point| point.states())
            .map(|data_points| Data::Gauge(Gauge { data_points })),
        (Kind::Histogram, None) => None,
        (Kind::Histogram, Some(buckets)) => match buckets.scale {
            None => points.make(|point| point.histogram(buckets)).map(|data_points| {
                Data::Histogram(Histogram { data_points, aggregation_temporality: counted })
            }),
            Some(scale) => {
                points.make(|point| point.exponential(buckets, scale)).map(|data_points| {
                    let aggregation_temporality = counted;
                    Data::ExponentialHistogram(ExponentialHistogram {
                        data_points,
                        aggregation_temporality,
                    })
                })
            }
        },
    }
}

/// The series of a metric, to be made into data points.
struct Points<'a, F> {
    frame: Frame<'a>,
    metric: &'a snapshot::Metric,
    made: F,
}

impl<F: FnMut(u32)> Points<'_, F> {
    /// `None` where there are none: a metric without data points is not told.
    fn make<T, I: IntoIterator<Item = T>>(mut self, of: impl Fn(&Point) -> I) -> Option<Vec<T>> {
        let mut all = Vec::with_capacity(self.metric.series.len());
        for (index, series) in (0..).zip(&self.metric.series) {
            let series: &Series = series;
            let point = Point { frame: self.frame, definition: &self.metric.definition, series };
            for one in of(&point) {
                all.push(one);
                (self.made)(index);
            }
        }
        (!all.is_empty()).then_some(all)
    }
}
