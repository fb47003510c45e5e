//! How an exporter fares: what succeeded and failed last, and when it tries again.

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::cause;
use super::pipe::unix_ms;
use crate::otlp::MAX_REQUEST_BYTES;
use crate::send::Signal;

/// How one signal of an exporter fares.
#[derive(Debug, Default)]
pub(crate) struct Health {
    pub standing: Standing,
    /// Unix milliseconds.
    pub last_success_ms: Option<f64>,
    pub last_error: Option<LastError>,
    pub next_try: Option<NextTry>,
    /// What is to be said though nothing fails; until it is told.
    pub remark: Option<String>,
    /// Whether something is being encoded or sent.
    pub at_work: bool,
    /// Panics of that since something was settled.
    pub panics: u32,
}

/// How it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Nothing was sent yet.
    #[default]
    Idle,
    /// The last request was delivered.
    Ok,
    /// The last request failed, and is tried again.
    Retrying,
    /// The last request was refused, and dropped.
    Failing,
    /// Nothing is sent any more.
    Stopped,
}

/// What went wrong last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastError {
    /// When: Unix milliseconds.
    pub at_ms: f64,
    /// The kind.
    pub reason: String,
    /// What it seems to be, and what to do.
    pub message: String,
}

/// When what failed is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NextTry {
    pub at: Instant,
    /// The receiver asked for it: nobody may be in more of a hurry.
    pub asked: bool,
}

impl Health {
    /// Something went wrong with a part of what is sent, or a receiver that took all has a word to
    /// say.
    pub(crate) fn remark(&mut self, reason: &str, message: String) {
        self.remark = Some(message.clone());
        self.last_error = Some(LastError { at_ms: unix_ms(), reason: reason.to_owned(), message });
    }

    /// So many that no request can hold were left out.
    pub(crate) fn left_out(&mut self, items: u64, signal: Signal) {
        let message = format!(
            "{items} items of {} were dropped: with the resource, each is larger than a request of \
             {MAX_REQUEST_BYTES} bytes",
            signal.label()
        );
        self.remark(cause::TOO_LARGE, message);
    }

    /// A panic was caught: of what is at the front, if that was being worked on.
    pub(crate) fn panicked(&mut self) {
        self.panics += u32::from(std::mem::take(&mut self.at_work));
    }

    /// Whether something is wrong.
    pub(crate) fn is_bad(&self) -> bool {
        matches!(self.standing, Standing::Retrying | Standing::Failing)
    }
}
