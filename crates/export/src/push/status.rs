//! How exporters fare, as `GET /exporters` and `meter.exporters()` say it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::health::{LastError, Standing};
use super::ledger::Counts;
use super::options::ExporterKind;
use super::pipe::{Pipe, unix_ms};

/// One exporter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExporterStatus {
    /// What tells it from the others.
    pub name: String,
    /// What it is.
    pub kind: ExporterKind,
    /// What it exports.
    pub signals: Signals,
}

/// The signals of an exporter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Signals {
    /// Metrics, where it exports them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<SignalStatus>,
    /// Spans, where it exports them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traces: Option<SignalStatus>,
}

/// One signal of an exporter. Counts are of data points or spans, all of one moment:
/// `recorded = exported + queued + dropped`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignalStatus {
    /// Where it goes, without what may be secret; empty where that cannot be said.
    pub endpoint: String,
    /// How it stands.
    pub state: Standing,
    /// What it was given.
    pub recorded: u64,
    /// What a receiver has.
    pub exported: u64,
    /// What was not exported and never will be, by reason.
    pub dropped: BTreeMap<String, u64>,
    /// What waits, the request under way included.
    pub queued: u64,
    /// Bytes of that.
    pub queued_bytes: u64,
    /// When a request was last delivered: Unix milliseconds.
    pub last_success_ms: Option<f64>,
    /// What went wrong last.
    pub last_error: Option<LastError>,
    /// When what failed is tried again: Unix milliseconds.
    pub next_try_ms: Option<f64>,
}

impl SignalStatus {
    pub(crate) fn of(pipe: &Pipe) -> SignalStatus {
        let state = pipe.lock();
        let Counts { recorded, exported, queued, queued_bytes, dropped } = state.ledger.counts();
        let health = &state.health;
        let from_now = |at: Instant| {
            unix_ms() + at.saturating_duration_since(Instant::now()).as_secs_f64() * 1e3
        };
        let is_stopped = state.ledger.is_stopped();
        SignalStatus {
            endpoint: pipe.destination.display(),
            state: if is_stopped { Standing::Stopped } else { health.standing },
            recorded,
            exported,
            dropped,
            queued,
            queued_bytes,
            last_success_ms: health.last_success_ms,
            last_error: health.last_error.clone(),
            next_try_ms: health.next_try.filter(|_| !is_stopped).map(|next| from_now(next.at)),
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts {
            recorded: self.recorded,
            exported: self.exported,
            queued: self.queued,
            queued_bytes: self.queued_bytes,
            dropped: self.dropped.clone(),
        }
    }
}

impl Signals {
    /// By name.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&'static str, &SignalStatus)> {
        let metrics = self.metrics.iter().map(|metrics| ("metrics", metrics));
        metrics.chain(self.traces.iter().map(|traces| ("traces", traces)))
    }
}
