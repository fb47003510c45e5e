//! A snapshot as requests.

use std::sync::Arc;

use nanometer_core::snapshot::Snapshot;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;

use super::baseline::{Ack, Baseline, Window};
use super::family::Family;
use super::frame::{Frame, Since};
use super::requests::{Part, Requests};
use super::split::as_json;
use super::time::unix_ns;
use super::{Encoded, Encoding, Payload, Temporality};

/// Turns snapshots into requests. What is acknowledged is in a [`Baseline`].
#[derive(Clone, Debug)]
pub struct MetricsEncoder {
    temporality: Temporality,
    encoding: Encoding,
    max_bytes: usize,
    /// How many bytes the last snapshot took.
    last_bytes: usize,
}

impl MetricsEncoder {
    /// Of requests of at most `max_bytes` each.
    pub fn new(temporality: Temporality, encoding: Encoding, max_bytes: usize) -> MetricsEncoder {
        MetricsEncoder { temporality, encoding, max_bytes, last_bytes: 0 }
    }

    /// The requests of a snapshot, none of them empty. Of delta temporality, counters and histograms
    /// have what is not acknowledged; those without any are left out.
    pub fn encode(&mut self, snapshot: &Arc<Snapshot>, baseline: &Baseline) -> Encoded {
        let frame = self.frame(snapshot, baseline);
        let mut requests = self.requests(snapshot);
        // The last first, as they are written.
        let mut points = Vec::new();
        for (index, metric) in snapshot.metrics.iter().enumerate().rev() {
            let Some(family) = Family::of(&metric.definition, frame) else { continue };
            requests.begin(family.group());
            for (at, series) in metric.series.iter().enumerate().rev() {
                let told = family.tell(series, &mut requests);
                points.extend(std::iter::repeat_n((index as u32, at as u32), told));
            }
        }
        points.reverse();
        let (parts, too_large) = self.parts(requests);
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

    fn requests(&self, snapshot: &Snapshot) -> Requests {
        // Series that are new have some room too.
        let about = self.last_bytes + self.last_bytes / 64;
        let max_bytes = match self.encoding {
            Encoding::Protobuf => self.max_bytes,
            Encoding::Json => usize::MAX,
        };
        Requests::new(&snapshot.resource, max_bytes, about)
    }

    fn parts(&mut self, requests: Requests) -> (Vec<Part>, u64) {
        let (parts, too_large) = requests.finish();
        self.last_bytes = parts.iter().map(|part| part.body.len()).sum();
        match self.encoding {
            Encoding::Protobuf => (parts, too_large),
            Encoding::Json => as_json::<ExportMetricsServiceRequest>(parts, self.max_bytes),
        }
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
