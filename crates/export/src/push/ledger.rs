//! What became of all that one signal of an exporter was given: one lock over the queue and the
//! counts, so that `recorded = exported + queued + dropped` at every moment that anybody sees.

use std::collections::BTreeMap;

use crate::otlp::{Ack, Encoded};

use super::queue::{Backlog, Removed};

/// Why something was dropped, where no receiver had a part in it.
pub(crate) mod cause {
    /// There was no room in the queue.
    pub(crate) const QUEUE_FULL: &str = "queue_full";
    /// Alone it is larger than a request may be.
    pub(crate) const TOO_LARGE: &str = "too_large";
    /// The receiver took the request and not this part of it.
    pub(crate) const PARTIAL: &str = "partial";
    /// The exporter was stopped before it could be delivered.
    pub(crate) const SHUTDOWN: &str = "shutdown";
    /// An option is wrong: nothing can be sent.
    pub(crate) const OPTION: &str = "option";
    /// It made nanometer panic, several times.
    pub(crate) const PANIC: &str = "panic";
}

/// The account of one signal.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub backlog: Backlog,
    exported: u64,
    /// Data points or spans that never were in the queue or left it undelivered, by cause.
    dropped: BTreeMap<&'static str, u64>,
    /// Data points that were recorded, and never came to the queue.
    left_out: u64,
    /// Nothing is delivered any more.
    stopped: bool,
}

/// The counts of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub recorded: u64,
    pub exported: u64,
    pub queued: u64,
    pub queued_bytes: u64,
    pub dropped: BTreeMap<String, u64>,
}

impl Counts {
    /// All that was dropped.
    pub(crate) fn lost(&self) -> u64 {
        self.dropped.values().sum()
    }
}

impl Ledger {
    pub(crate) fn new(backlog: Backlog) -> Ledger {
        Ledger { backlog, exported: 0, dropped: BTreeMap::new(), left_out: 0, stopped: false }
    }

    /// Takes collected metrics in.
    pub(crate) fn take_in(&mut self, encoded: Encoded) {
        self.left_out += encoded.too_large;
        self.drop_as(cause::TOO_LARGE, encoded.too_large);
        if let Backlog::Requests(queue) = &mut self.backlog {
            encoded.payloads.into_iter().for_each(|payload| queue.add(payload));
        }
        if self.stopped {
            self.stop();
        }
    }

    /// The first so many were delivered, and some of them rejected. What a baseline is to be told.
    pub(crate) fn delivered(&mut self, items: u64, rejected: u64) -> Option<Ack> {
        // None where the exporter was stopped meanwhile: then they have been accounted for.
        let Removed { items, ack } = self.backlog.remove(items);
        let rejected = rejected.min(items);
        self.exported += items - rejected;
        self.drop_as(cause::PARTIAL, rejected);
        ack
    }

    /// The first so many will never be delivered.
    pub(crate) fn given_up(&mut self, items: u64, cause: &'static str) {
        let removed = self.backlog.remove(items).items;
        self.drop_as(cause, removed);
    }

    /// Nothing more is delivered: what waits, and what is yet to come, is dropped.
    pub(crate) fn stop(&mut self) {
        self.stopped = true;
        if let Backlog::Spans(feed) = &self.backlog {
            feed.close();
        }
        let left = self.backlog.clear();
        self.drop_as(cause::SHUTDOWN, left);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// How many ever came into the queue, and how many of these have left it.
    pub(crate) fn progress(&self) -> Progress {
        let counts = self.backlog.counts();
        let entered = counts.received - counts.dropped;
        Progress { entered, left: entered - counts.queued }
    }

    pub(crate) fn counts(&self) -> Counts {
        let backlog = self.backlog.counts();
        let mut dropped: BTreeMap<String, u64> =
            self.dropped.iter().map(|(cause, count)| ((*cause).to_owned(), *count)).collect();
        if backlog.dropped > 0 {
            *dropped.entry(cause::QUEUE_FULL.to_owned()).or_default() += backlog.dropped;
        }
        Counts {
            recorded: backlog.received + self.left_out,
            exported: self.exported,
            queued: backlog.queued,
            queued_bytes: backlog.queued_bytes,
            dropped,
        }
    }

    fn drop_as(&mut self, cause: &'static str, items: u64) {
        if items > 0 {
            *self.dropped.entry(cause).or_default() += items;
        }
    }
}

/// What came into a queue, and how much of that has left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub entered: u64,
    pub left: u64,
}
