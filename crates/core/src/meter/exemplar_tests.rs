//! Exemplars of threads that write cells and spans in mapped memory.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::exemplars::Exemplars;
use super::{LaneGuard, Meter};
use crate::atomic::Ordering::{Relaxed, Release};
use crate::definition::{Buckets, Definition, Kind};
use crate::exemplars::candidates;
use crate::layout::{CELLS_PER_BLOCK, HISTOGRAM_HEAD_CELLS};
use crate::snapshot::Exemplar;
use crate::spans::test_meter::{
    MappedWriter, lane_of, local, meter_in, root, trace_id, write_element, writer,
};
use crate::spans::{PromotionReason, SpanId};

const BOUNDS: [f64; 2] = [10.0, 20.0];

fn traced() -> Arc<Meter> {
    let meter = meter_in(None, 511);
    meter.segment.tracing().enable_exemplars();
    meter
}

/// A histogram with exemplars, and where its one series is.
fn histogram(meter: &Meter) -> u32 {
    let definition = Definition {
        buckets: Some(Buckets { bounds: BOUNDS.to_vec(), scale: None }),
        exemplars: true,
        ..Definition::new("times", Kind::Histogram, "ns", "")
    };
    meter.define(definition).expect("room").position
}

fn counter(meter: &Meter) -> u32 {
    let counter = Definition::new("jobs", Kind::Counter, "", "");
    meter.define(Definition { exemplars: true, ..counter }).expect("room").position
}

/// Stores as the lane's thread does.
fn store(lane: &LaneGuard, position: u32, cell: u32, number: f64) {
    lane.block(position / CELLS_PER_BLOCK).expect("a block");
    let block = lane.lane().block(position / CELLS_PER_BLOCK).expect("a block");
    block.cell(position % CELLS_PER_BLOCK + cell).store(number.to_bits(), Relaxed);
}

/// Records a value of a bucket, for a local trace.
fn record(lane: &LaneGuard, position: u32, bucket: u32, serial: f64, value: f64) {
    let first = HISTOGRAM_HEAD_CELLS + BOUNDS.len() as u32 + 1;
    store(lane, position, HISTOGRAM_HEAD_CELLS + bucket, 1.0);
    store(lane, position, first + bucket * 2, serial);
    store(lane, position, first + bucket * 2 + 1, value);
}

fn of(meter: &Meter, name: &str, exemplars: Exemplars) -> Vec<Exemplar> {
    let snapshot = meter.snapshot_with(exemplars);
    let metric = snapshot.metrics.iter().find(|metric| metric.definition.name == name);
    metric.expect("the metric").series[0].exemplars.clone()
}

fn places(exemplars: &[Exemplar]) -> Vec<(u32, f64)> {
    exemplars.iter().map(|one| (one.place, one.value)).collect()
}

fn element(writer: &mut MappedWriter<'_>, n: u64) {
    write_element(writer, n, [0, 0], n as f64 * 1e9, 0);
}

#[test]
fn an_exemplar_names_the_element_that_its_value_was_recorded_for() {
    let meter = traced();
    let (times, jobs) = (histogram(&meter), counter(&meter));
    let lane = lane_of(&meter);
    let mut spans = writer(lane.lane());
    element(&mut spans, 3);
    record(&lane, times, 1, 3.0, 15.0);
    store(&lane, jobs, 0, 9.0);
    store(&lane, jobs, 1, -3.0);
    let found = of(&meter, "times", Exemplars::Shown);
    assert_eq!(places(&found), [(1, 15.0)]);
    assert_eq!((found[0].trace_id, found[0].span_id), (trace_id(3), SpanId(3 << 8 | 1)));
    assert_eq!(found[0].at_ms, crate::clock::wall_ms() + 3_005.0, "when the element ended");
    assert_eq!(places(&of(&meter, "jobs", Exemplars::Shown)), [(0, 1.0)], "it counted one");
    store(&lane, jobs, 1, 3.0);
    store(&lane, jobs, 2, 4.5);
    assert_eq!(places(&of(&meter, "jobs", Exemplars::Shown)), [(0, 4.5)]);
    assert_eq!(of(&meter, "jobs", Exemplars::Left), []);
}

#[test]
fn what_does_not_belong_together_or_is_gone_is_no_exemplar() {
    let meter = traced();
    let times = histogram(&meter);
    let lane = lane_of(&meter);
    let mut spans = writer(lane.lane());
    element(&mut spans, 1);
    record(&lane, times, 0, 1.0, 10.0);
    record(&lane, times, 1, 1.0, 10.0);
    record(&lane, times, 2, 2.0, 99.0);
    assert_eq!(places(&of(&meter, "times", Exemplars::Shown)), [(0, 10.0)], "the bound is inside");
    record(&lane, times, 0, 0.0, 5.0);
    record(&lane, times, 1, 1.0, f64::NAN);
    record(&lane, times, 2, 1.0, f64::INFINITY);
    assert_eq!(of(&meter, "times", Exemplars::Shown), []);
    record(&lane, times, 0, 1.0, 5.0);
    (2..400).for_each(|n| element(&mut spans, n));
    assert_eq!(of(&meter, "times", Exemplars::Shown), [], "its spans are overwritten");
}

#[test]
fn a_value_is_never_told_of_another_trace_than_its_own() {
    let meter = traced();
    let jobs = counter(&meter);
    let lane = lane_of(&meter);
    lane.block(jobs / CELLS_PER_BLOCK).expect("a block");
    let lane = lane.lane();
    let block = lane.block(jobs / CELLS_PER_BLOCK).expect("a block");
    let cell = |offset: u32| block.cell(jobs % CELLS_PER_BLOCK + offset);
    let definition = Definition { exemplars: true, ..Definition::new("", Kind::Counter, "", "") };
    let is_over = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            for serial in (1..).map(f64::from).take_while(|_: &f64| !is_over.load(Relaxed)) {
                // As JavaScript's plain stores are seen on x86-64.
                cell(1).store(0, Release);
                cell(2).store((serial * 2.0).to_bits(), Release);
                cell(1).store(serial.to_bits(), Release);
            }
        });
        let (mut scratch, mut found) = (Vec::new(), Vec::new());
        while found.len() < 100_000 {
            candidates(&definition, jobs, (0, lane), &mut scratch, &mut found);
        }
        is_over.store(true, Relaxed);
        assert!(found.iter().all(|one| one.value == one.serial * 2.0));
    });
}

#[test]
fn of_several_threads_the_newest_that_is_found_counts() {
    let meter = traced();
    let times = histogram(&meter);
    let lanes = [lane_of(&meter), lane_of(&meter), lane_of(&meter)];
    // Serials are numbers of a lane: the same one is another trace in each.
    for (lane, id) in lanes.iter().zip([5, 9, 7]) {
        let mut spans = writer(lane.lane());
        let mut trace = local(id, 1.0);
        spans.record(&mut trace, &root(id, id as f64));
        record(lane, times, 0, 1.0, id as f64);
    }
    let found = of(&meter, "times", Exemplars::Shown);
    assert_eq!((found.len(), found[0].trace_id, found[0].value), (1, trace_id(9), 9.0));
    record(&lanes[1], times, 0, 2.0, 3.0);
    assert_eq!(of(&meter, "times", Exemplars::Shown)[0].trace_id, trace_id(7));
}

#[test]
fn a_published_trace_is_kept_until_the_publication_after_the_next() {
    let meter = traced();
    let times = histogram(&meter);
    let lane = lane_of(&meter);
    let mut spans = writer(lane.lane());
    element(&mut spans, 1);
    record(&lane, times, 0, 1.0, 5.0);
    assert_eq!(of(&meter, "times", Exemplars::Shown).len(), 1);
    assert_eq!(meter.spans(0).last, 0, "showing keeps nothing");
    assert_eq!(of(&meter, "times", Exemplars::Published).len(), 1);
    let trace = meter.trace(trace_id(1)).expect("the trace");
    assert_eq!((trace.reason, trace.spans.len()), (Some(PromotionReason::Exemplar), 2));
    // More promoted traces than are kept, and more spans than the flight ring has.
    let mut promote = |from: u64| {
        for n in from..from + 300 {
            write_element(&mut spans, n, [0, 0], n as f64 * 1e9, 4);
            meter.drain_spans();
        }
    };
    promote(100);
    assert_eq!(meter.trace(trace_id(1)).expect("kept").spans.len(), 2);
    assert_eq!(of(&meter, "times", Exemplars::Published), [], "not found any more");
    promote(400);
    assert_eq!(meter.trace(trace_id(1)).expect("kept").spans.len(), 2);
    record(&lane, times, 0, 699.0, 5.0);
    assert_eq!(of(&meter, "times", Exemplars::Published).len(), 1);
    promote(700);
    assert_eq!(meter.trace(trace_id(1)), None);
    let promoted = meter.trace(trace_id(699)).expect("published, so kept");
    assert_eq!(promoted.reason, Some(PromotionReason::Manual), "it is left as it was");
}

#[test]
fn there_is_no_exemplar_of_a_trace_for_which_there_is_no_room() {
    let meter = traced();
    let definition = Definition {
        buckets: Some(Buckets { bounds: (1..=99).map(f64::from).collect(), scale: None }),
        exemplars: true,
        ..Definition::new("wide", Kind::Histogram, "", "")
    };
    let wide = meter.define(definition).expect("room").position;
    let lane = lane_of(&meter);
    let mut spans = writer(lane.lane());
    for n in 1..=99 {
        element(&mut spans, n);
        let first = HISTOGRAM_HEAD_CELLS + 100 + (n as u32 - 1) * 2;
        store(&lane, wide, first, n as f64);
        store(&lane, wide, first + 1, n as f64);
    }
    assert_eq!(of(&meter, "wide", Exemplars::Shown).len(), 99);
    let published = of(&meter, "wide", Exemplars::Published);
    assert_eq!(published.len(), 64);
    assert_eq!(published[0].value, 36.0, "the newest are taken");
    for exemplar in published {
        assert!(meter.trace(exemplar.trace_id).expect("kept").reason.is_some());
    }
}

#[test]
fn a_span_that_was_published_and_is_promoted_later_is_there_once() {
    let meter = traced();
    let times = histogram(&meter);
    let lane = lane_of(&meter);
    let mut spans = writer(lane.lane());
    let mut trace = local(4, 1.0);
    spans.record(&mut trace, &root(2, 5.0));
    record(&lane, times, 0, 1.0, 5.0);
    assert_eq!(of(&meter, "times", Exemplars::Published).len(), 1);
    spans.record(&mut trace, &root(3, 1.0));
    spans.promote(&mut trace, 2);
    let found = meter.trace(trace_id(4)).expect("the trace");
    assert_eq!((found.spans.len(), found.reason), (2, Some(PromotionReason::Exemplar)));
    let promoted = meter.spans(0);
    assert_eq!((promoted.spans.len(), promoted.lost, promoted.last), (2, 0, 2));
}
