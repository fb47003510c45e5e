//! The store: never above its bounds, and exact about what it does not keep.

use proptest::prelude::*;

use super::data::PromotedSpans;
use super::ids::TraceId;
use super::record::Record;
use super::render::Renderer;
use super::store::{Bounds, Store};
use super::texts::TextList;
use crate::layout::spans::{REASON_ERROR, SPAN_CELLS, SPAN_FORM, SPAN_ID, SPAN_TRACE};

const BOUNDS: Bounds = Bounds { traces: 5, spans: 20, bytes: 8_000, spans_of_trace: 6 };

/// A span of that trace, with so many bytes of text, which says which it is.
fn record(trace: u32, span: u64, bytes: usize) -> Record {
    let mut cells = [0; SPAN_CELLS as usize];
    cells[(SPAN_TRACE / 2) as usize] = trace.into();
    cells[(SPAN_ID / 2) as usize] = span;
    cells[(SPAN_FORM / 2) as usize] = u64::from(REASON_ERROR) << 24;
    let text = format!(r#"{{"name":"{span:0bytes$}"}}"#);
    Record { cells, text: text.into_bytes().into_boxed_slice() }
}

fn after(store: &Store, after: u64) -> PromotedSpans {
    store.after(after, Renderer { texts: &TextList::default() })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn it_stays_within_bounds_and_counts_what_is_gone(
        adds in prop::collection::vec((1u32..12, 0usize..900), 1..150),
        asked in 0u64..160,
    ) {
        let mut store = Store::bounded(BOUNDS);
        for (n, (trace, bytes)) in (1..).zip(&adds) {
            store.add(record(*trace, n, *bytes), 0.0);
            let kept: Vec<usize> = store.traces().map(|(_, kept)| kept.spans.len()).collect();
            prop_assert!(kept.len() <= BOUNDS.traces);
            prop_assert!(kept.iter().sum::<usize>() <= BOUNDS.spans);
            prop_assert!(kept.iter().all(|spans| (1..=BOUNDS.spans_of_trace).contains(spans)));
            let spans = store.traces().flat_map(|(_, kept)| &kept.spans);
            let bytes: usize = spans.map(|stored| size_of_val(stored) + stored.record.text.len()).sum();
            prop_assert!(bytes <= BOUNDS.bytes);
        }
        let last = adds.len() as u64;
        let answer = after(&store, asked);
        prop_assert_eq!(answer.last, last);
        if asked < last {
            prop_assert_eq!(answer.spans.len() as u64 + answer.lost, last - asked);
        }
        prop_assert!(answer.spans.is_sorted_by(|a, b| a.seq < b.seq));
        for span in &answer.spans {
            prop_assert!(span.seq > asked);
            let name: u64 = span.span.name.parse().expect("a number");
            prop_assert_eq!(name, span.seq, "a span goes by its own number");
        }
    }
}

#[test]
fn the_trace_that_came_first_goes_first() {
    let mut store = Store::bounded(BOUNDS);
    for trace in [1, 2, 1, 3, 4, 5, 1, 6] {
        store.add(record(trace, 1, 0), 0.0);
    }
    let is_there = |trace: u32| store.trace(TraceId::of_words([trace, 0, 0, 0])).is_some();
    assert_eq!([1, 2, 3, 4, 5, 6].map(is_there), [false, true, true, true, true, true]);
    let answer = after(&store, 0);
    assert_eq!((answer.spans.len(), answer.lost, answer.last), (5, 3, 8));
}

#[test]
fn an_answer_is_bounded_and_goes_on_where_it_stopped() {
    let mut store = Store::default();
    for n in 0..12_000u64 {
        store.add(record(n as u32 / 100 + 1, n, 0), 0.0);
    }
    let first = after(&store, 0);
    assert_eq!((first.spans.len(), first.lost, first.last), (10_000, 0, 10_000));
    let second = after(&store, first.last);
    assert_eq!((second.spans.len(), second.lost, second.last), (2_000, 0, 12_000));
}

#[test]
fn a_trace_keeps_the_unix_time_that_it_began_with() {
    let mut store = Store::default();
    let [before, set_back] = [1.8e12, 1.8e12 - 3_600e3];
    store.add(record(1, 1, 0), before);
    store.add(record(1, 2, 0), set_back);
    store.add(record(2, 3, 0), set_back);
    let starts: Vec<f64> = after(&store, 0).spans.iter().map(|one| one.span.start_ms).collect();
    assert_eq!(starts, [before, before, set_back]);
}
