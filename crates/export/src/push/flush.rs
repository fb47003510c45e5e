//! Everything recorded until now, delivered now: waited for on whichever thread asks, within a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::pipe::{Pipe, Source, State, unix_ms};
use crate::send::Reason;

/// What became of a flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FlushOutcome {
    /// All that had been recorded was delivered.
    Success,
    /// It was not known in time what became of all.
    Timeout,
    /// Something was dropped, or could not be delivered.
    Failure,
}

/// What became of a flush, as a whole and of each signal of each exporter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlushReport {
    /// The worst of them.
    pub outcome: FlushOutcome,
    /// Each.
    pub exporters: Vec<SignalFlush>,
}

/// What became of one signal of one exporter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignalFlush {
    /// The exporter.
    pub name: String,
    /// `metrics` or `traces`.
    pub signal: &'static str,
    /// How it went.
    pub outcome: FlushOutcome,
    /// What went wrong last, where something did.
    pub error: Option<String>,
}

/// Who is about to end does not wait for what most likely will not be: it is tried so often.
const LAST_TRIES: u64 = 2;

/// And the second time soon after the first.
const LAST_PAUSE: Duration = Duration::from_millis(100);

/// Flushes them all, at the same time, until that time. `is_last`: whoever waits is about to end.
pub(crate) fn flush(pipes: &[Arc<Pipe>], deadline: Instant, is_last: bool) -> FlushReport {
    let begun: Vec<Flush<'_>> = pipes.iter().map(|pipe| Flush::begin(pipe, is_last)).collect();
    let exporters: Vec<SignalFlush> = begun.into_iter().map(|flush| flush.end(deadline)).collect();
    let outcome = exporters.iter().map(|signal| signal.outcome).max();
    FlushReport { outcome: outcome.unwrap_or(FlushOutcome::Success), exporters }
}

/// A flush under way.
struct Flush<'a> {
    pipe: &'a Pipe,
    awaited: Awaited,
    began_ms: f64,
    lost: u64,
    is_last: bool,
    setbacks: u64,
}

/// What a flush waits for.
#[derive(Clone, Copy)]
enum Awaited {
    /// That collection of metrics, and then all that is in the queue.
    Collection(u64),
    /// That so many have left the queue, of all that ever came into it.
    Left(u64),
}

impl Flush<'_> {
    fn begin(pipe: &Pipe, is_last: bool) -> Flush<'_> {
        if let Source::Traces(_) = pipe.source {
            pipe.meter.drain_spans();
        }
        let (awaited, lost, setbacks) = pipe.change(|state| {
            state.hurry();
            state.leaving += u32::from(is_last);
            let awaited = match pipe.source {
                Source::Metrics(_) => {
                    state.collections_wanted += 1;
                    Awaited::Collection(state.collections_wanted)
                }
                Source::Traces(_) => Awaited::Left(state.hurried),
            };
            (awaited, state.ledger.counts().lost(), state.setbacks)
        });
        pipe.stir.notify_one();
        pipe.collect.notify_one();
        Flush { pipe, awaited, began_ms: unix_ms(), lost, is_last, setbacks }
    }

    fn end(self, deadline: Instant) -> SignalFlush {
        let mut state = self.pipe.lock();
        let mut awaited = self.awaited;
        let is_done = loop {
            awaited = match awaited {
                Awaited::Collection(number) if state.collections_done >= number => {
                    Awaited::Left(state.ledger.progress().entered)
                }
                awaited => awaited,
            };
            if matches!(awaited, Awaited::Left(left) if state.ledger.progress().left >= left) {
                break true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let next = state.health.next_try.map(|next| next.at.into_std());
            let is_hopeless = next.is_some_and(|next| next > deadline)
                || self.is_last && state.setbacks - self.setbacks >= LAST_TRIES;
            if left == Duration::ZERO || is_hopeless || state.ledger.is_stopped() {
                break false;
            }
            state = self.pipe.wait(state, left);
        };
        state.leaving -= u32::from(self.is_last);
        self.report(&state, is_done)
    }

    fn report(&self, state: &State, is_done: bool) -> SignalFlush {
        let is_whole = state.ledger.counts().lost() == self.lost;
        let since = |at_ms: f64| at_ms >= self.began_ms;
        let error = state.health.last_error.as_ref().filter(|error| since(error.at_ms));
        let outcome = match (is_done, is_whole) {
            (true, true) => FlushOutcome::Success,
            (false, true) if error.is_none() && !state.health.is_bad() => FlushOutcome::Timeout,
            _ => FlushOutcome::Failure,
        };
        let last = state.health.last_error.as_ref();
        let error = last.filter(|_| outcome != FlushOutcome::Success);
        SignalFlush {
            name: self.pipe.exporter.clone(),
            signal: self.pipe.signal().label(),
            outcome,
            error: error.map(|error| error.message.clone()),
        }
    }
}

impl State {
    /// An attempt has failed, and is to be made again after that time. After which it will be.
    pub(crate) fn set_back(&mut self, reason: Reason, pause: Duration) -> Duration {
        if !reason.lasts() {
            return pause;
        }
        self.setbacks += 1;
        if self.leaving > 0 { pause.min(LAST_PAUSE) } else { pause }
    }

    /// Nothing that has come so far waits for more, or for a failure to be long ago. What a
    /// receiver has asked for is waited for all the same.
    fn hurry(&mut self) {
        self.hurried = self.ledger.progress().entered;
        if self.health.next_try.is_some_and(|next| !next.asked) {
            self.health.next_try = None;
        }
    }
}
