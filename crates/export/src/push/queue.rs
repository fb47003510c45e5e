//! What waits to be sent: encoded metrics here, spans in their feed; the same rules for both.
//!
//! What is at the front stays there until it is known what became of it; where there is no room,
//! what is new is dropped and counted. So `received = removed + queued + dropped` at every moment.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use nanometer_core::{FeedCounts, SpanFeed};

use crate::otlp::{Ack, Payload};

/// What waits, of one signal.
#[derive(Debug)]
pub(crate) enum Backlog {
    /// Metrics.
    Requests(RequestQueue),
    /// Spans.
    Spans(Arc<SpanFeed>),
}

impl Backlog {
    pub(crate) fn counts(&self) -> FeedCounts {
        match self {
            Backlog::Requests(queue) => queue.counts,
            Backlog::Spans(feed) => feed.counts(),
        }
    }

    /// Takes out so many from the front. How many there were.
    pub(crate) fn remove(&mut self, items: u64) -> Removed {
        match self {
            Backlog::Requests(queue) => queue.remove(),
            Backlog::Spans(feed) => Removed { items: feed.remove(items), ack: None },
        }
    }

    /// Takes out all. How many there were.
    pub(crate) fn clear(&mut self) -> u64 {
        match self {
            Backlog::Requests(queue) => queue.clear(),
            Backlog::Spans(feed) => feed.remove(u64::MAX),
        }
    }
}

/// What was taken out.
#[derive(Debug, Default)]
pub(crate) struct Removed {
    /// How many data points or spans.
    pub items: u64,
    /// What a baseline is to be told, if it was delivered.
    pub ack: Option<Ack>,
}

/// Requests, within bounds.
#[derive(Debug)]
pub(crate) struct RequestQueue {
    most_items: u64,
    most_bytes: u64,
    requests: VecDeque<Payload>,
    counts: FeedCounts,
}

impl RequestQueue {
    pub(crate) fn new(most_items: u64, most_bytes: usize) -> RequestQueue {
        let (requests, counts) = (VecDeque::new(), FeedCounts::default());
        RequestQueue { most_items, most_bytes: most_bytes as u64, requests, counts }
    }

    /// Adds a request, where there is room for it.
    pub(crate) fn add(&mut self, request: Payload) {
        let bytes = request.body.len() as u64;
        self.counts.received += request.items;
        let has_room = self.counts.queued + request.items <= self.most_items
            && self.counts.queued_bytes + bytes <= self.most_bytes;
        if !has_room {
            self.counts.dropped += request.items;
            return;
        }
        self.counts.queued += request.items;
        self.counts.queued_bytes += bytes;
        self.requests.push_back(request);
    }

    /// The first request: its body, and how many data points are in it.
    pub(crate) fn first(&self) -> Option<(Bytes, u64)> {
        self.requests.front().map(|request| (request.body.clone(), request.items))
    }

    /// Takes the first request out.
    fn remove(&mut self) -> Removed {
        let Some(request) = self.requests.pop_front() else { return Removed::default() };
        self.counts.queued -= request.items;
        self.counts.queued_bytes -= request.body.len() as u64;
        Removed { items: request.items, ack: request.ack }
    }

    fn clear(&mut self) -> u64 {
        self.requests.clear();
        self.counts.queued_bytes = 0;
        std::mem::take(&mut self.counts.queued)
    }
}
