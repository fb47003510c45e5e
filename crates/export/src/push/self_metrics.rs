//! What exporters count about themselves, in the native lane of their meter.

use std::time::Duration;

use nanometer_core::{Buckets, Counter, DefineError, Definition, Gauge, Histogram, Kind, Meter};

use super::cause;
use super::ledger::Counts;
use crate::self_stats::LATENCY_BOUNDS;
use crate::send::{Destination, Outcome};

/// The most series of each of these metrics: more than programs have exporters, signals and reasons.
const MOST_SERIES: u32 = 256;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestOutcome {
    Delivered,
    Partial,
    Retried,
    Refused,
}

impl RequestOutcome {
    pub(crate) fn of(outcome: &Outcome) -> RequestOutcome {
        match outcome {
            Outcome::Delivered { rejected: 0, .. } => RequestOutcome::Delivered,
            Outcome::Delivered { .. } => RequestOutcome::Partial,
            Outcome::Retry { .. } => RequestOutcome::Retried,
            Outcome::Refused(_) => RequestOutcome::Refused,
        }
    }

    fn label(self) -> &'static str {
        match self {
            RequestOutcome::Delivered => "delivered",
            RequestOutcome::Partial => "partial",
            RequestOutcome::Retried => "retried",
            RequestOutcome::Refused => "refused",
        }
    }
}

/// The metrics of one signal of one exporter. One that could not be defined is not recorded.
#[derive(Debug)]
pub(crate) struct SignalMetrics {
    requests: [(RequestOutcome, Option<Counter>); 4],
    duration: Option<Histogram>,
    bytes: Option<Counter>,
    accounts: AccountMetrics,
}

/// The account: what can also be told of an exporter that runs elsewhere.
#[derive(Debug)]
pub(crate) struct AccountMetrics {
    exporter: String,
    signal: String,
    recorded: Option<Counter>,
    exported: Option<Counter>,
    queued: Option<Gauge>,
}

impl SignalMetrics {
    pub(crate) fn define(
        meter: &Meter,
        exporter: &str,
        signal: &str,
        destination: &Destination,
    ) -> SignalMetrics {
        use RequestOutcome::{Delivered, Partial, Refused, Retried};
        let requests = counter(
            "nanometer.exporter.requests",
            "{request}",
            "Requests that an exporter sent, by what became of them.",
            &["outcome"],
        );
        let bytes = counter(
            "nanometer.exporter.bytes",
            "By",
            "Bytes of the requests that an exporter sent, before compression.",
            &[],
        );
        let mut duration = definition(
            Kind::Histogram,
            "nanometer.exporter.request.duration",
            "ns",
            "Time from the beginning of a request to the end of its answer.",
            &[],
        );
        duration.buckets = Some(Buckets { bounds: LATENCY_BOUNDS.to_vec(), scale: None });
        let labels = [exporter, signal];
        let outcomes = [Delivered, Partial, Retried, Refused].map(|outcome| {
            let series = meter.counter_of(&requests, &[exporter, signal, outcome.label()]);
            (outcome, kept(meter, series))
        });
        SignalMetrics {
            requests: outcomes,
            duration: kept(meter, meter.histogram_of(&duration, &labels)),
            bytes: kept(meter, meter.counter_of(&bytes, &labels)),
            accounts: AccountMetrics::define(meter, exporter, signal, &cause::all(destination)),
        }
    }

    /// A request was made.
    pub(crate) fn requested(&self, outcome: RequestOutcome, time: Duration, bytes: usize) {
        let counted = self.requests.iter().find(|(known, _)| *known == outcome);
        if let Some((_, Some(counter))) = counted {
            counter.add(1);
        }
        if let Some(bytes_sent) = &self.bytes {
            bytes_sent.add(bytes as u64);
        }
        if let Some(duration) = &self.duration {
            duration.record(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        }
    }

    /// Brings the account up to date. Before metrics are read, and at no other time.
    pub(crate) fn bring(&self, meter: &Meter, counts: &Counts) {
        self.accounts.bring(meter, counts);
    }
}

impl AccountMetrics {
    /// `causes` are those of what may be dropped: each has its series now.
    pub(crate) fn define(
        meter: &Meter,
        exporter: &str,
        signal: &str,
        causes: &[&str],
    ) -> AccountMetrics {
        let labels = [exporter, signal];
        let recorded = counter(
            "nanometer.exporter.recorded",
            "{item}",
            "Data points and spans that an exporter was given: exported, queued and dropped ones.",
            &[],
        );
        let exported = counter(
            "nanometer.exporter.exported",
            "{item}",
            "Data points and spans that a receiver has taken.",
            &[],
        );
        let queued = definition(
            Kind::Gauge,
            "nanometer.exporter.queued",
            "{item}",
            "Data points and spans that wait, those of the request under way included.",
            &[],
        );
        let accounts = AccountMetrics {
            exporter: exporter.to_owned(),
            signal: signal.to_owned(),
            recorded: kept(meter, meter.counter_of(&recorded, &labels)),
            exported: kept(meter, meter.counter_of(&exported, &labels)),
            queued: kept(meter, meter.gauge_of(&queued, &labels)),
        };
        causes.iter().for_each(|cause| accounts.bring_dropped(meter, cause, 0));
        accounts
    }

    pub(crate) fn bring(&self, meter: &Meter, counts: &Counts) {
        if let Some(recorded) = &self.recorded {
            recorded.raise(counts.recorded);
        }
        if let Some(exported) = &self.exported {
            exported.raise(counts.exported);
        }
        if let Some(queued) = &self.queued {
            queued.set(counts.queued as f64);
        }
        for (cause, count) in &counts.dropped {
            self.bring_dropped(meter, cause, *count);
        }
    }

    fn bring_dropped(&self, meter: &Meter, cause: &str, count: u64) {
        let definition = counter(
            "nanometer.exporter.dropped",
            "{item}",
            "Data points and spans that were not exported and never will be.",
            &["reason"],
        );
        let series = meter.counter_of(&definition, &[&self.exporter, &self.signal, cause]);
        if let Some(series) = kept(meter, series) {
            series.raise(count);
        }
    }
}

fn counter(name: &str, unit: &str, help: &str, more: &[&str]) -> Definition {
    definition(Kind::Counter, name, unit, help, more)
}

/// A definition with the labels that all have, and more.
fn definition(kind: Kind, name: &str, unit: &str, help: &str, more: &[&str]) -> Definition {
    let labels = ["exporter", "signal"].iter().chain(more);
    Definition {
        labels: labels.map(|label| (*label).to_owned()).collect(),
        max_series: Some(MOST_SERIES),
        ..Definition::new(name, kind, unit, help)
    }
}

fn kept<T>(meter: &Meter, handle: Result<T, DefineError>) -> Option<T> {
    let warn = |error: &DefineError| {
        let message = format!("an own metric of the exporters is not recorded: {error}");
        meter.warn("NANOMETER_OWN_METRIC", &message);
    };
    handle.inspect_err(warn).ok()
}
