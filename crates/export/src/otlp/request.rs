//! The requests of both signals, as one that is made smaller sees them: a row of items.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{Metric, ResourceMetrics, ScopeMetrics};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans};
use prost::Message;
use serde::Serialize;

/// A request of one resource and one scope.
pub(super) trait Request: Message + Serialize + Sized {
    /// How many data points or spans it has.
    fn items(&self) -> usize;

    /// Takes out those from that one on, into a request of their own. Those before stay.
    fn split_off(&mut self, at: usize) -> Self;
}

impl Request for ExportMetricsServiceRequest {
    fn items(&self) -> usize {
        let scopes = self.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
        scopes.flat_map(|scope| &scope.metrics).map(items_of).sum()
    }

    fn split_off(&mut self, at: usize) -> Self {
        let split = |resource: &mut ResourceMetrics| {
            let split = |scope: &mut ScopeMetrics| ScopeMetrics {
                metrics: split_metrics(&mut scope.metrics, at),
                scope: scope.scope.clone(),
                schema_url: scope.schema_url.clone(),
            };
            ResourceMetrics {
                scope_metrics: resource.scope_metrics.iter_mut().map(split).collect(),
                resource: resource.resource.clone(),
                schema_url: resource.schema_url.clone(),
            }
        };
        let resource_metrics = self.resource_metrics.iter_mut().map(split).collect();
        ExportMetricsServiceRequest { resource_metrics }
    }
}

impl Request for ExportTraceServiceRequest {
    fn items(&self) -> usize {
        let scopes = self.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
        scopes.map(|scope| scope.spans.len()).sum()
    }

    fn split_off(&mut self, at: usize) -> Self {
        let split = |resource: &mut ResourceSpans| {
            let split = |scope: &mut ScopeSpans| ScopeSpans {
                spans: scope.spans.split_off(at),
                scope: scope.scope.clone(),
                schema_url: scope.schema_url.clone(),
            };
            ResourceSpans {
                scope_spans: resource.scope_spans.iter_mut().map(split).collect(),
                resource: resource.resource.clone(),
                schema_url: resource.schema_url.clone(),
            }
        };
        let resource_spans = self.resource_spans.iter_mut().map(split).collect();
        ExportTraceServiceRequest { resource_spans }
    }
}

fn items_of(metric: &Metric) -> usize {
    match &metric.data {
        Some(Data::Gauge(data)) => data.data_points.len(),
        Some(Data::Sum(data)) => data.data_points.len(),
        Some(Data::Histogram(data)) => data.data_points.len(),
        Some(Data::ExponentialHistogram(data)) => data.data_points.len(),
        Some(Data::Summary(data)) => data.data_points.len(),
        None => 0,
    }
}

fn split_metrics(metrics: &mut Vec<Metric>, at: usize) -> Vec<Metric> {
    let mut before = 0;
    for index in 0..metrics.len() {
        let items = items_of(&metrics[index]);
        if before + items <= at {
            before += items;
            continue;
        }
        // The metric that the first of them is of.
        let rest = (at > before).then(|| split_metric(&mut metrics[index], at - before));
        let whole = metrics.split_off(index + usize::from(rest.is_some()));
        return rest.into_iter().chain(whole).collect();
    }
    Vec::new()
}

fn split_metric(metric: &mut Metric, at: usize) -> Metric {
    /// The same data with the points from `at` on.
    macro_rules! rest {
        ($case:ident, $data:expr) => {{
            let data_points = $data.data_points.split_off(at);
            let kept = std::mem::take(&mut $data.data_points);
            let mut rest = $data.clone();
            (rest.data_points, $data.data_points) = (data_points, kept);
            Data::$case(rest)
        }};
    }
    let data = metric.data.as_mut().map(|data| match data {
        Data::Gauge(data) => rest!(Gauge, data),
        Data::Sum(data) => rest!(Sum, data),
        Data::Histogram(data) => rest!(Histogram, data),
        Data::ExponentialHistogram(data) => rest!(ExponentialHistogram, data),
        Data::Summary(data) => rest!(Summary, data),
    });
    Metric {
        name: metric.name.clone(),
        description: metric.description.clone(),
        unit: metric.unit.clone(),
        metadata: metric.metadata.clone(),
        data,
    }
}
