//! Promoted spans on their way to one exporter: first in, first out, within bounds.
//!
//! What is at the front stays there until its reader says what became of it; where there is no room,
//! what is new is dropped and counted. So `received = removed + queued + dropped` at every moment,
//! and a reader that fails in between begins again with the same spans.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::store::Stored;

/// A queue of promoted spans; [`crate::Meter::feed_spans`] makes one. May be used from any thread.
#[derive(Debug)]
pub struct SpanFeed {
    most_spans: usize,
    most_bytes: usize,
    state: Mutex<State>,
    listener: OnceLock<Listener>,
}

#[derive(Debug, Default)]
struct State {
    spans: VecDeque<Arc<Stored>>,
    bytes: usize,
    received: u64,
    dropped: u64,
    closed: bool,
}

struct Listener {
    spans: usize,
    call: Box<dyn Fn() + Send + Sync>,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Listener").field("spans", &self.spans).finish_non_exhaustive()
    }
}

/// What came to a feed and where it is, all of one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedCounts {
    /// Spans promoted since the feed was made.
    pub received: u64,
    /// Of these, those that are in the feed.
    pub queued: u64,
    /// Bytes of those.
    pub queued_bytes: u64,
    /// Spans that there was no room for.
    pub dropped: u64,
}

impl SpanFeed {
    pub(crate) fn new(most_spans: usize, most_bytes: usize) -> SpanFeed {
        SpanFeed { most_spans, most_bytes, state: Mutex::default(), listener: OnceLock::new() }
    }

    /// Has that function called when the first span comes to an empty feed, and when it has come to
    /// hold so many. On whichever thread drains spans, which it must not hold up. The first listener
    /// stays.
    pub fn on_fill(&self, spans: usize, call: impl Fn() + Send + Sync + 'static) {
        let _ = self.listener.set(Listener { spans, call: Box::new(call) });
    }

    /// What came, and where it is.
    pub fn counts(&self) -> FeedCounts {
        let state = self.lock();
        FeedCounts {
            received: state.received,
            queued: state.spans.len() as u64,
            queued_bytes: state.bytes as u64,
            dropped: state.dropped,
        }
    }

    /// Takes out the first so many: something became of them. How many there were.
    pub fn remove(&self, count: u64) -> u64 {
        let mut state = self.lock();
        let count = state.spans.len().min(usize::try_from(count).unwrap_or(usize::MAX));
        let bytes: usize = state.spans.drain(..count).map(|span| span.bytes()).sum();
        state.bytes -= bytes;
        count as u64
    }

    /// Takes in no more: what is promoted from now on is not received.
    pub fn close(&self) {
        self.lock().closed = true;
    }

    /// The first so many, which stay.
    pub(crate) fn first(&self, most: usize) -> Vec<Arc<Stored>> {
        self.lock().spans.iter().take(most).cloned().collect()
    }

    pub(super) fn add(&self, span: &Arc<Stored>) {
        let held = {
            let mut state = self.lock();
            if state.closed {
                return;
            }
            state.received += 1;
            let bytes = span.bytes();
            if state.spans.len() >= self.most_spans || state.bytes + bytes > self.most_bytes {
                state.dropped += 1;
                return;
            }
            state.bytes += bytes;
            state.spans.push_back(Arc::clone(span));
            state.spans.len()
        };
        if let Some(listener) = self.listener.get().filter(|it| held == 1 || held == it.spans) {
            (listener.call)();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
