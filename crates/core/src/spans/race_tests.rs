//! Threads that record, hand over and read at the same time, in mapped memory.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;

use super::data::TraceQuery;
use super::test_meter::{lane_of, meter_in, write_element, writer};
use super::writer::Counts;
use crate::atomic::Ordering::Relaxed;
use crate::layout::spans::{
    EXPORT_MISSED, FLIGHT_DROPPED_FULL, FLIGHT_DROPPED_LIMIT, FLIGHT_OVERWRITTEN, FLIGHT_PROMOTED,
    FLIGHT_RECORDED, REASON_ERROR,
};
use crate::meter::Meter;
use crate::snapshot::Value as Reading;

fn total(meter: &Meter, name: &str) -> f64 {
    let snapshot = meter.snapshot();
    let metric = snapshot.metrics.iter().find(|metric| metric.definition.name == name);
    let number = |value: &Reading| value.number().expect("a number");
    metric.expect("a metric").series.iter().map(|series| number(&series.value)).sum()
}

/// Four threads record while others read all that can be read: each span that is seen is whole, and
/// each that is promoted arrives.
#[test]
fn racing_threads_hand_over_whole_spans_and_count_the_others() {
    const WRITERS: u64 = 4;
    const ELEMENTS: u64 = 20_000;
    let meter = meter_in(None, 1_022);
    let texts = [meter.trace_text("orders"), meter.trace_text("parse")];
    let done = AtomicBool::new(false);
    let mut seen = 0;
    let mut after = 0;
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer_number| {
                let meter = Arc::clone(&meter);
                scope.spawn(move || {
                    let lane = lane_of(&meter);
                    let mut writer = writer(lane.lane());
                    for n in 0..ELEMENTS {
                        let id = writer_number << 32 | (n + 1);
                        let reason = if n % 3 == 0 { REASON_ERROR } else { 0 };
                        write_element(&mut writer, id, texts, id as f64, reason);
                    }
                    let blocks = lane.lane().spans().expect("memory");
                    let counts = writer.counts;
                    let cells = [
                        (&blocks.flight[0], FLIGHT_RECORDED, counts.recorded),
                        (&blocks.flight[0], FLIGHT_OVERWRITTEN, counts.overwritten),
                        (&blocks.flight[0], FLIGHT_PROMOTED, counts.promoted),
                        (&blocks.flight[0], FLIGHT_DROPPED_FULL, counts.dropped_full),
                        (&blocks.flight[0], FLIGHT_DROPPED_LIMIT, counts.dropped_limit),
                        (&blocks.exports[0], EXPORT_MISSED, counts.missed),
                    ];
                    for (block, cell, count) in cells {
                        block.cell(cell).store((count as f64).to_bits(), Relaxed);
                    }
                    (lane, counts)
                })
            })
            .collect();
        let search = scope.spawn(|| {
            while !done.load(SeqCst) {
                for trace in meter
                    .traces(&TraceQuery { flow: Some("orders".into()), ..TraceQuery::default() })
                {
                    let id = (trace.trace_id.0 >> 64) as u64;
                    for span in &trace.spans {
                        assert_eq!(span.trace_id, trace.trace_id);
                        assert_eq!(span.span_id.0 >> 8, id, "parts of two spans: {span:?}");
                        let is_root = span.parent_span_id.is_none();
                        assert_eq!(span.duration_ns, if is_root { 5e6 } else { 2e6 });
                        assert_eq!(span.name.starts_with("flow:"), is_root);
                    }
                }
            }
        });
        let finish = scope.spawn(|| {
            let all: Vec<_> = writers.into_iter().map(|w| w.join().expect("it wrote")).collect();
            done.store(true, SeqCst);
            all
        });
        while !done.load(SeqCst) {
            let answer = meter.spans(after);
            seen += answer.spans.len() as u64 + answer.lost;
            after = answer.last;
        }
        search.join().expect("a search");
        let all = finish.join().expect("the writers");
        let answer = meter.spans(after);
        seen += answer.spans.len() as u64 + answer.lost;
        let sum =
            |count: fn(&Counts) -> u64| all.iter().map(|(_, counts)| count(counts)).sum::<u64>();
        assert_eq!(seen, sum(|counts| counts.promoted));
        assert_eq!(sum(|counts| counts.recorded), WRITERS * ELEMENTS * 2);
        assert!(sum(|counts| counts.overwritten) > 10 * WRITERS * 1_022);
        for (name, count) in [
            ("nanometer.spans_recorded", sum(|counts| counts.recorded)),
            ("nanometer.spans_promoted", sum(|counts| counts.promoted)),
            ("nanometer.spans_overwritten", sum(|counts| counts.overwritten)),
            ("nanometer.spans_dropped", sum(|counts| counts.dropped_full)),
            ("nanometer.spans_missed", 0),
            ("nanometer.promotions_refused", 0),
        ] {
            assert_eq!(total(&meter, name), count as f64, "{name}");
        }
    });
}
