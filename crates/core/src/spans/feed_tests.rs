//! Feeds: what is promoted comes to each of them once, and is there, removed, or counted as dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use proptest::prelude::*;

use super::data::SpanData;
use super::feed::{FeedCounts, SpanFeed};
use super::record::Record;
use super::store::Store;
use super::test_meter::{lane_of, local, meter_in, root, writer};
use crate::layout::spans::{REASON_ERROR, SPAN_CELLS};

fn add(store: &mut Store, bytes: usize) {
    let text = vec![b' '; bytes].into_boxed_slice();
    store.add(Record { cells: [1; SPAN_CELLS as usize], text }, 0.0);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Add(usize),
    Remove(u64),
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_span_is_in_it_or_removed_or_dropped(
        steps in prop::collection::vec(
            prop_oneof![(0usize..2_000).prop_map(Step::Add), (0u64..6).prop_map(Step::Remove)],
            1..120,
        ),
        most_spans in 1usize..10,
        most_bytes in 1usize..8_000,
    ) {
        let mut store = Store::default();
        let feed = Arc::new(SpanFeed::new(most_spans, most_bytes));
        store.feed(&feed);
        let (mut added, mut removed, mut front) = (0, 0, 0);
        for step in steps {
            match step {
                Step::Add(bytes) => {
                    add(&mut store, bytes);
                    added += 1;
                }
                Step::Remove(count) => removed += feed.remove(count),
            }
            let counts = feed.counts();
            prop_assert_eq!(counts.received, added);
            prop_assert_eq!(counts.received, counts.queued + counts.dropped + removed);
            prop_assert!(counts.queued <= most_spans as u64);
            prop_assert!(counts.queued_bytes <= most_bytes as u64);
            let held = feed.first(usize::MAX);
            prop_assert_eq!(held.len() as u64, counts.queued);
            prop_assert_eq!(held.iter().map(|span| span.bytes() as u64).sum::<u64>(), counts.queued_bytes);
            prop_assert!(held.is_sorted_by(|a, b| a.number < b.number));
            let first = held.first().map_or(front, |span| span.number);
            prop_assert!(first >= front, "what is at the front goes only forward");
            front = first;
        }
    }
}

#[test]
fn each_feed_gets_what_is_promoted_after_it_was_made_and_nobody_forgets_for_it() {
    let meter = meter_in(None, 1024);
    let lane = lane_of(&meter);
    let mut writer = writer(lane.lane());
    let mut promote = |n: u64| {
        let mut local = local(n, n as f64);
        writer.record(&mut local, &root(n, 1e9));
        writer.promote(&mut local, REASON_ERROR);
    };
    promote(1);
    let first = meter.feed_spans(10, 1 << 20);
    promote(2);
    let second = meter.feed_spans(1, 1 << 20);
    promote(3);
    promote(4);
    assert_eq!(second.counts(), FeedCounts::default(), "nobody has drained since");
    meter.drain_spans();
    let seqs = |feed, most| -> Vec<u64> {
        meter.fed_spans(feed, most).spans.iter().map(|span| span.number).collect()
    };
    assert_eq!(seqs(&first, 10), [2, 3, 4]);
    assert_eq!(seqs(&first, 2), [2, 3], "reading takes nothing out");
    assert_eq!(seqs(&second, 10), [3]);
    assert_eq!((second.counts().received, second.counts().dropped), (2, 1));
    assert_eq!(first.remove(2), 2);
    assert_eq!(seqs(&first, 10), [4]);
    let fed = meter.fed_spans(&first, 1);
    let [fed, seen] = [
        fed.iter().map(SpanData::from).collect::<Vec<_>>(),
        meter.spans(3).spans.into_iter().map(|promoted| promoted.span).collect(),
    ];
    assert_eq!(fed, seen, "as everybody sees it");
    first.close();
    promote(5);
    meter.drain_spans();
    assert_eq!((first.counts().received, first.remove(9)), (3, 1));
}

#[test]
fn a_reader_is_told_of_the_first_span_and_of_a_batch() {
    let mut store = Store::default();
    let feed = Arc::new(SpanFeed::new(100, 1 << 20));
    store.feed(&feed);
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    feed.on_fill(3, move || {
        counted.fetch_add(1, Relaxed);
    });
    let mut told = Vec::new();
    for _ in 0..5 {
        add(&mut store, 0);
        told.push(calls.load(Relaxed));
    }
    assert_eq!(told, [1, 1, 2, 2, 2]);
    feed.remove(5);
    add(&mut store, 0);
    assert_eq!(calls.load(Relaxed), 3);
}
