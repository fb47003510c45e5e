//! A tally that is opened, closed and moved is what a plain model says, cell by cell.

use proptest::prelude::*;

use super::buckets::Buckets;
use super::desk::Desk;
use super::tally::Part;
use super::test_meter::{lane_of, meter_in};
use crate::atomic::Ordering::Relaxed;
use crate::definition::{Buckets as Bounds, Definition, Kind};
use crate::layout::desk::{BELL_TALLY_SHIFT, ORDER_ENTER, ORDER_LEAVE, ORDER_OPEN, OUTCOME_SLOW};
use crate::layout::{CELLS_PER_BLOCK, HISTOGRAM_HEAD_CELLS};
use crate::meter::{LaneGuard, Meter};

const BOUNDS: [f64; 4] = [0.0, 10.0, 10.5, 4_000.0];
const SLOW_NS: f64 = 3_000.0;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Something that took so long, which may be below 0, ends or is taken.
    Record { time_ns: f64, is_leave: bool },
    /// The series is another from now on.
    Move { to: usize },
    /// The blocks record, or do not.
    Gate { is_open: bool },
}

fn step() -> impl Strategy<Value = Step> {
    let time = prop_oneof![
        prop::sample::select(vec![0.0, -0.0, -5.0, 10.0, 10.5, 4_000.0, 1e300]),
        0.0..5_000.0f64,
    ];
    prop_oneof![
        20 => (time, any::<bool>()).prop_map(|(time_ns, is_leave)| Step::Record { time_ns, is_leave }),
        1 => (0..2usize).prop_map(|to| Step::Move { to }),
        2 => any::<bool>().prop_map(|is_open| Step::Gate { is_open }),
    ]
}

/// One series of both, as it is to be.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    count: f64,
    sum: f64,
    least: Option<f64>,
    most: f64,
    buckets: [f64; 5],
}

impl Model {
    fn record(&mut self, time_ns: f64) {
        let value = time_ns.max(0.0);
        self.count += 1.0;
        self.sum += value;
        self.least = Some(self.least.map_or(value, |least| least.min(value)));
        self.most = self.most.max(value);
        let bucket = BOUNDS.iter().position(|bound| value <= *bound);
        self.buckets[bucket.unwrap_or(BOUNDS.len())] += 1.0;
    }
}

/// Where one series of both is.
struct Series {
    counter: u32,
    histogram: u32,
}

impl Series {
    fn new(meter: &Meter, number: u32) -> Series {
        let define = |definition| meter.define(definition).expect("room").position;
        let counter = Definition::new(&format!("c{number}"), Kind::Counter, "", "");
        let bounds = Bounds { bounds: BOUNDS.to_vec(), scale: None };
        let histogram = Definition::new(&format!("h{number}"), Kind::Histogram, "ns", "");
        Series {
            counter: define(counter),
            histogram: define(Definition { buckets: Some(bounds), ..histogram }),
        }
    }

    fn read(&self, lane: &LaneGuard) -> Model {
        let cell = |position: u32| {
            let block = lane.lane().block(position / CELLS_PER_BLOCK).expect("a block");
            f64::from_bits(block.cell(position % CELLS_PER_BLOCK).load(Relaxed))
        };
        let negated = cell(self.histogram + 1);
        Model {
            count: cell(self.counter),
            sum: cell(self.histogram),
            least: (negated != 0.0 || negated.is_sign_negative()).then_some(-negated),
            most: cell(self.histogram + 2),
            buckets: [0, 1, 2, 3, 4]
                .map(|bucket| cell(self.histogram + HISTOGRAM_HEAD_CELLS + bucket)),
        }
    }
}

proptest! {
    #[test]
    fn a_tally_is_what_a_model_says(steps in prop::collection::vec(step(), 1..200)) {
        let meter = meter_in(None, 1);
        let lane = lane_of(&meter);
        let desk = Desk::default();
        // SAFETY: it outlives the scribe, and stays in this thread.
        let mut scribe = unsafe { lane.scribe(&raw const desk) }.expect("memory");
        let all = [Series::new(&meter, 0), Series::new(&meter, 1)];
        let bounds = [&BOUNDS[..], &[f64::INFINITY]].concat();
        let tally = scribe.add_tally(&bounds, SLOW_NS);
        let numbered = tally << BELL_TALLY_SHIFT;
        let place = |series: &Series, scribe: &mut super::Scribe| {
            for (part, at) in [(Part::Count, series.counter), (Part::Times, series.histogram)] {
                let base = lane.block(at / CELLS_PER_BLOCK).expect("a block");
                scribe.place_tally(tally, part, base, (at % CELLS_PER_BLOCK) as usize);
            }
        };
        let mut models = [Model::default(), Model::default()];
        let (mut at, mut is_open) = (0, true);
        scribe.carry_out(ORDER_OPEN, 1.0);
        for series in &all {
            place(series, &mut scribe);
        }
        place(&all[0], &mut scribe);
        for step in steps {
            match step {
                Step::Move { to } => {
                    at = to;
                    place(&all[to], &mut scribe);
                }
                Step::Gate { is_open: gate } => {
                    is_open = gate;
                    for (_, block) in lane.lane().blocks() {
                        block.set_gate(if gate { 1.0 } else { 0.0 });
                    }
                }
                Step::Record { time_ns, is_leave } => {
                    let now_ns = 1e4;
                    desk.start.set(now_ns - time_ns);
                    let time_ns = now_ns - (now_ns - time_ns);
                    let order = if is_leave { ORDER_LEAVE } else { ORDER_ENTER };
                    scribe.carry_out(numbered | order, now_ns);
                    if is_open {
                        models[at].record(time_ns);
                    }
                    if is_leave {
                        let is_slow = desk.outcome.get() & OUTCOME_SLOW != 0;
                        prop_assert_eq!(is_slow, time_ns > SLOW_NS);
                    }
                }
            }
        }
        for (series, model) in all.iter().zip(&models) {
            prop_assert_eq!(&series.read(&lane), model);
        }
    }

    #[test]
    fn a_bucket_is_the_first_whose_bound_is_not_below_a_value(
        mut bounds in prop::collection::vec(0.0..1e12f64, 0..40),
        values in prop::collection::vec(prop_oneof![0.0..1e12f64, 0.0..1e-300f64], 1..40),
    ) {
        bounds.sort_by(f64::total_cmp);
        bounds.push(f64::INFINITY);
        let buckets = Buckets::new(&bounds);
        for value in values.iter().chain(&bounds[..bounds.len() - 1]) {
            prop_assert_eq!(buckets.of(*value), bounds.partition_point(|bound| bound < value));
        }
    }
}

#[test]
fn a_tally_that_is_nowhere_records_nothing() {
    let meter = meter_in(None, 1);
    let lane = lane_of(&meter);
    let desk = Desk::default();
    // SAFETY: it outlives the scribe, and stays in this thread.
    let mut scribe = unsafe { lane.scribe(&raw const desk) }.expect("memory");
    let series = Series::new(&meter, 0);
    let base = lane.block(series.counter / CELLS_PER_BLOCK).expect("a block");
    let tally = scribe.add_tally(&[1.0, f64::INFINITY], SLOW_NS);
    // Past the end of a block, and in memory that is no block of the lane.
    scribe.place_tally(tally, Part::Times, base, CELLS_PER_BLOCK as usize - 4);
    let elsewhere = std::ptr::NonNull::from(&desk).cast();
    scribe.place_tally(tally, Part::Count, elsewhere, 0);
    scribe.carry_out(ORDER_OPEN, 1.0);
    scribe.carry_out(tally << BELL_TALLY_SHIFT | ORDER_LEAVE, 2.0);
    // A number that no tally has.
    scribe.carry_out((tally + 1) << BELL_TALLY_SHIFT | ORDER_LEAVE, 2.0);
    assert_eq!(series.read(&lane), Model::default());
}

#[test]
fn a_number_that_is_given_back_becomes_another_tallys() {
    let meter = meter_in(None, 1);
    let lane = lane_of(&meter);
    let desk = Desk::default();
    // SAFETY: it outlives the scribe, and stays in this thread.
    let mut scribe = unsafe { lane.scribe(&raw const desk) }.expect("memory");
    let series = Series::new(&meter, 0);
    let base = lane.block(series.counter / CELLS_PER_BLOCK).expect("a block");
    let bounds = [1.0, f64::INFINITY];
    let tallies = [(); 3].map(|()| scribe.add_tally(&bounds, SLOW_NS));
    assert_eq!(tallies, [1, 2, 3]);
    let place = (series.counter % CELLS_PER_BLOCK) as usize;
    scribe.place_tally(2, Part::Count, base, place);
    scribe.carry_out(ORDER_OPEN, 1.0);
    scribe.carry_out(2 << BELL_TALLY_SHIFT | ORDER_LEAVE, 2.0);
    // Twice, and one that nobody has.
    for number in [2, 2, 7, 0] {
        scribe.remove_tally(number);
    }
    scribe.carry_out(2 << BELL_TALLY_SHIFT | ORDER_LEAVE, 3.0);
    assert_eq!([(); 2].map(|()| scribe.add_tally(&bounds, SLOW_NS)), [2, 4]);
    // It is nowhere yet.
    scribe.carry_out(2 << BELL_TALLY_SHIFT | ORDER_LEAVE, 4.0);
    assert_eq!(series.read(&lane).count, 1.0);
}
