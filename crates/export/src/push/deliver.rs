//! Sends what waits, one request at a time, each until it is known what became of it.
//!
//! Nothing is taken out of a queue before that: whatever ends this task in between, the next one
//! begins with the same request. A receiver may then get it twice, and never not at all.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use nanometer_core::SpanFeed;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::backoff::Backoff;
use super::cause;
use super::health::{LastError, NextTry, Standing};
use super::options::TracesOptions;
use super::pipe::{Pipe, Source, State, unix_ms};
use super::queue::Backlog;
use super::self_metrics::RequestOutcome;
use super::transport::Transport;
use crate::fault::{Fault, strike};
use crate::otlp::{MAX_REQUEST_BYTES, encode_spans};
use crate::send::{OpenSenderError, Outcome};

/// How often in a row what is at the front may end this task: then it is dropped.
const MOST_PANICS: u32 = 3;

/// Sends until the exporter is stopped.
pub(crate) async fn deliver_forever(pipe: Arc<Pipe>) {
    let mut courier = Courier { transport: None, backoff: pipe.backoff(), pipe: &pipe };
    if let Err(error) = courier.transport() {
        // Whoever has made a mistake hears of it now, and not when there is something to send.
        pipe.change(|state| state.fail(Standing::Failing, cause::OPTION, unusable(&error)));
    }
    while !pipe.lock().ledger.is_stopped() {
        pipe.lock().health.at_work = false;
        strike(Fault::Exporter);
        match &pipe.source {
            Source::Metrics(_) => courier.request().await,
            Source::Traces(options) => courier.batch(options).await,
        }
    }
}

/// What is known while a task lasts.
struct Courier<'a> {
    pipe: &'a Pipe,
    transport: Option<Box<dyn Transport>>,
    backoff: Backoff,
}

impl Courier<'_> {
    /// Delivers the first request of the queue, or waits until there may be one.
    async fn request(&mut self) {
        let first = match &self.pipe.lock().ledger.backlog {
            Backlog::Requests(queue) => queue.first(),
            Backlog::Spans(_) => None,
        };
        match first {
            Some((body, items)) if self.is_sound(items) => self.deliver(&body, items).await,
            Some(_) => {}
            None => self.pipe.stir.notified().await,
        }
    }

    /// Waits for a batch of spans, and delivers it.
    async fn batch(&mut self, options: &TracesOptions) {
        let Some(feed) = self.ready(options).await else { return };
        // After a panic one by one, so that only the span that is its cause is dropped.
        let most = if self.pipe.lock().health.panics > 0 { 1 } else { options.most() };
        if !self.is_sound(1) {
            return;
        }
        let meter = &self.pipe.meter;
        let spans = meter.fed_spans(&feed, most);
        let mut left = spans.len() as u64;
        let encoding = self.pipe.encoding();
        let encoded = encode_spans(meter.resource(), spans.iter(), encoding, MAX_REQUEST_BYTES);
        drop(spans);
        for request in encoded.payloads {
            self.deliver(&request.body, request.items).await;
            left -= request.items;
        }
        // Last: until then, nothing is taken out but what was delivered.
        if left > 0 {
            self.pipe.change(|state| {
                state.ledger.given_up(left, cause::TOO_LARGE);
                state.health.left_out(left, self.pipe.signal());
            });
        }
    }

    /// The feed, once it has a batch, or some have waited for long enough, or somebody is in a
    /// hurry; `None` once the exporter is stopped.
    async fn ready(&self, options: &TracesOptions) -> Option<Arc<SpanFeed>> {
        let mut due: Option<Instant> = None;
        loop {
            {
                let state = self.pipe.lock();
                let Backlog::Spans(feed) = &state.ledger.backlog else { return None };
                if state.ledger.is_stopped() {
                    return None;
                }
                let queued = feed.counts().queued;
                let now = Instant::now();
                let is_due = due.is_some_and(|due| due <= now);
                let is_enough = is_due || queued >= options.most() as u64 || state.is_hurried();
                if queued > 0 && is_enough {
                    return Some(Arc::clone(feed));
                }
                let since = || now + Duration::from_millis(options.delay_ms);
                due = (queued > 0).then(|| due.unwrap_or_else(since));
            }
            match due {
                // Whichever comes first: it is looked again.
                Some(due) => drop(timeout_at(due, self.pipe.stir.notified()).await),
                None => self.pipe.stir.notified().await,
            }
        }
    }

    /// Whether what is at the front may be sent; false where it was dropped.
    fn is_sound(&self, items: u64) -> bool {
        self.pipe.change(|state| {
            let is_sound = state.health.panics < MOST_PANICS;
            if is_sound {
                state.health.at_work = true;
            } else {
                state.ledger.given_up(items, cause::PANIC);
                state.health.panics = 0;
            }
            is_sound
        })
    }

    /// Sends a request until it is known what became of it, or the exporter is stopped.
    async fn deliver(&mut self, body: &Bytes, items: u64) {
        loop {
            let outcome = match self.transport() {
                Ok(transport) => {
                    let began = Instant::now();
                    let outcome = transport.send(body).await;
                    let kind = RequestOutcome::of(&outcome);
                    self.pipe.metrics.requested(kind, began.elapsed(), body.len());
                    outcome
                }
                Err(error) => return self.refused(items, cause::OPTION, unusable(&error)),
            };
            match outcome {
                Outcome::Delivered { rejected, warning } => {
                    return self.delivered(items, rejected, warning);
                }
                Outcome::Refused(problem) => {
                    return self.refused(items, problem.reason.label(), problem.message);
                }
                Outcome::Retry { after, problem } => {
                    let pause = self.backoff.pause(after);
                    self.pipe.change(|state| {
                        let pause = state.set_back(problem.reason, pause);
                        let next = NextTry { at: Instant::now() + pause, asked: after.is_some() };
                        state.fail(Standing::Retrying, problem.reason.label(), problem.message);
                        state.health.next_try = Some(next);
                    });
                    self.rest().await;
                    if self.pipe.lock().ledger.is_stopped() {
                        return;
                    }
                }
            }
        }
    }

    fn transport(&mut self) -> Result<&dyn Transport, OpenSenderError> {
        let opened = match self.transport.take() {
            Some(opened) => opened,
            None => (self.pipe.opener)(&self.pipe.destination, self.pipe.signal())?,
        };
        Ok(&**self.transport.insert(opened))
    }

    fn delivered(&mut self, items: u64, rejected: u64, warning: Option<String>) {
        self.backoff.reset();
        let ack = self.pipe.change(|state| {
            let health = &mut state.health;
            (health.standing, health.last_success_ms) = (Standing::Ok, Some(unix_ms()));
            (health.next_try, health.panics) = (None, 0);
            if let Some(message) = warning {
                health.remark(cause::PARTIAL, message);
            }
            state.ledger.delivered(items, rejected)
        });
        if let Some(ack) = ack {
            self.pipe.baseline().acknowledge(ack);
        }
    }

    fn refused(&mut self, items: u64, reason: &'static str, message: String) {
        self.backoff.reset();
        self.pipe.change(|state| {
            state.fail(Standing::Failing, reason, message);
            (state.health.next_try, state.health.panics) = (None, 0);
            state.ledger.given_up(items, reason);
        });
    }

    /// Waits until the next attempt is due, or the exporter is stopped.
    async fn rest(&self) {
        loop {
            let next = {
                let state = self.pipe.lock();
                let next = state.health.next_try.filter(|next| next.at > Instant::now());
                match next {
                    Some(next) if !state.ledger.is_stopped() => next.at,
                    _ => return,
                }
            };
            tokio::select! {
                () = sleep_until(next) => {}
                () = self.pipe.stir.notified() => {}
            }
        }
    }
}

fn unusable(error: &OpenSenderError) -> String {
    format!("nothing can be sent: {error}")
}

impl State {
    fn fail(&mut self, standing: Standing, reason: &str, message: String) {
        let reason = reason.to_owned();
        self.health.standing = standing;
        self.health.last_error = Some(LastError { at_ms: unix_ms(), reason, message });
    }
}
