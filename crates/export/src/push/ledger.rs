//! What became of all that one signal of an exporter was given: one lock over the queue and the
//! counts, so that `recorded = exported + queued + dropped` at every moment that anybody sees.

use std::collections::BTreeMap;

use crate::otlp::{Ack, Encoded};

use super::cause;
use super::queue::{Backlog, Removed};

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

#[cfg(test)]
mod tests {
    use super::super::queue::RequestQueue;
    use super::*;
    use crate::otlp::Payload;

    fn encoded(items: &[u64]) -> Encoded {
        let payload = |items: &u64| Payload { body: "request".into(), items: *items, ack: None };
        Encoded { payloads: items.iter().map(payload).collect(), too_large: 1 }
    }

    fn account(ledger: &Ledger) -> (u64, u64, u64, Vec<(String, u64)>) {
        let counts = ledger.counts();
        assert_eq!(counts.recorded, counts.exported + counts.queued + counts.lost());
        (counts.recorded, counts.exported, counts.queued, counts.dropped.into_iter().collect())
    }

    #[test]
    fn what_comes_or_is_answered_after_the_end_is_accounted_for() {
        let mut ledger = Ledger::new(Backlog::Requests(RequestQueue::new(10, 1_000)));
        ledger.take_in(encoded(&[4, 5, 6]));
        let dropped = |causes: &[(&str, u64)]| -> Vec<(String, u64)> {
            causes.iter().map(|(cause, count)| ((*cause).to_owned(), *count)).collect()
        };
        let full = dropped(&[("queue_full", 6), ("too_large", 1)]);
        assert_eq!(account(&ledger), (16, 0, 9, full));
        ledger.stop();
        let all = dropped(&[("queue_full", 6), ("shutdown", 9), ("too_large", 1)]);
        assert_eq!(account(&ledger), (16, 0, 0, all.clone()));
        ledger.given_up(4, "refused");
        assert!(ledger.delivered(4, 1).is_none());
        assert_eq!(account(&ledger), (16, 0, 0, all));
        ledger.take_in(encoded(&[2]));
        let all = dropped(&[("queue_full", 6), ("shutdown", 11), ("too_large", 2)]);
        assert_eq!(account(&ledger), (19, 0, 0, all));
    }

    #[test]
    fn more_cannot_be_rejected_than_there_was() {
        let mut ledger = Ledger::new(Backlog::Requests(RequestQueue::new(10, 1_000)));
        ledger.take_in(encoded(&[4, 5]));
        ledger.delivered(4, 3);
        ledger.delivered(5, u64::MAX);
        let (recorded, exported, queued, _) = account(&ledger);
        assert_eq!((recorded, exported, queued), (10, 1, 0));
    }
}
