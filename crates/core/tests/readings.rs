//! States, running times and derived metrics, as threads that come and go leave them.

mod common;

use common::{Cell, counter, meter, options, strings, value};
use nanometer_core::layout::{CELLS_PER_BLOCK, GATE, GAUGE_STAMP, GAUGE_VALUE};
use nanometer_core::snapshot::Value;
use nanometer_core::{
    Aggregate, DefineError, Definition, Derive, Kind, LaneGuard, Level, Meter, Placement, Snapshot,
    States, clock, reader,
};
use proptest::prelude::*;

fn state(name: &str) -> Definition {
    let states =
        States { names: strings(&["created", "running", "done"]), last: strings(&["done"]) };
    Definition { states: Some(states), ..Definition::new(name, Kind::State, "", "A state.") }
}

fn gauge(name: &str, aggregate: Aggregate) -> Definition {
    Definition {
        aggregate: Some(aggregate),
        ..Definition::new(name, Kind::Gauge, "ns", "A gauge.")
    }
}

fn derived(name: &str, numerator: &str, denominator: &str, factor: f64) -> Definition {
    let (numerator, denominator) = (numerator.to_owned(), denominator.to_owned());
    let derive = Some(Derive { numerator, denominator, factor });
    Definition { derive, ..Definition::new(name, Kind::Derived, "", "A quotient.") }
}

/// Writes a reading as a JavaScript thread does.
fn read_in(lane: &LaneGuard, place: Placement, reading: f64, stamp: f64) {
    Cell::of(lane, place.position + GAUGE_VALUE).set(reading);
    Cell::of(lane, place.position + GAUGE_STAMP).set(stamp);
}

#[test]
fn a_settled_reading_outlives_its_thread_and_the_next_one_in_its_lane() {
    let meter = meter();
    let flow = meter.define(state("s")).unwrap();
    let peak = meter.define(gauge("g", Aggregate::Max)).unwrap();
    let sum = meter.define(gauge("sum", Aggregate::Sum)).unwrap();
    let lane = meter.attach().unwrap();
    read_in(&lane, flow, 2.0, -1.0 / 1e9);
    read_in(&lane, peak, 7.0, -1.0);
    read_in(&lane, sum, 5.0, -1.0);
    let all = || {
        let snapshot = meter.snapshot();
        ["s", "g", "sum"].map(|name| value(&snapshot, name, &[]).unwrap())
    };
    assert_eq!(all(), [2.0, 7.0, 5.0]);
    drop(lane);
    assert_eq!(all(), [2.0, 7.0, 5.0], "retired");
    let next = meter.attach().unwrap();
    assert_eq!(all(), [2.0, 7.0, 5.0], "taken over");
    read_in(&next, flow, 1.0, 2e9);
    read_in(&next, peak, 9.0, 1.0);
    assert_eq!(all(), [1.0, 9.0, 5.0], "written by the next");
    drop(next);
    assert_eq!(all(), [0.0, 0.0, 5.0], "and that one ended without settling");
}

#[test]
fn a_reading_of_a_thread_goes_with_it() {
    let meter = meter();
    let flow = meter.define(state("s")).unwrap();
    let time = meter.define(gauge("t", Aggregate::Elapsed)).unwrap();
    let lane = meter.attach().unwrap();
    read_in(&lane, flow, 1.0, 5.0);
    read_in(&lane, time, clock::now_ns() - 1e9, 1.0);
    let snapshot = meter.snapshot();
    assert_eq!(value(&snapshot, "s", &[]), Some(1.0));
    assert!(value(&snapshot, "t", &[]).unwrap() >= 1e9);
    drop(lane);
    for _taken_over in [false, true] {
        assert_eq!(value(&meter.snapshot(), "s", &[]), Some(0.0));
        assert_eq!(value(&meter.snapshot(), "t", &[]), Some(0.0));
        std::mem::forget(meter.attach().unwrap());
    }
}

#[test]
fn a_running_time_grows_from_one_snapshot_to_the_next() {
    let meter = meter();
    let time = meter.define(gauge("t", Aggregate::Elapsed)).unwrap();
    let lane = meter.attach().unwrap();
    let began = clock::now_ns();
    read_in(&lane, time, began, 1.0);
    let first = value(&meter.snapshot(), "t", &[]).unwrap();
    while clock::now_ns() - began < 1e6 {
        std::hint::spin_loop();
    }
    let second = value(&meter.snapshot(), "t", &[]).unwrap();
    let since = clock::now_ns() - began;
    assert!(0.0 <= first && first < second && second >= 1e6 && second <= since);
}

#[test]
fn the_gate_says_the_level() {
    let meter = meter();
    let ordinary = meter.define(counter("ordinary")).unwrap();
    let diagnostic =
        meter.define(Definition { diagnostic: true, ..counter("diagnostic") }).unwrap();
    let lane = meter.attach().unwrap();
    let gates = || {
        [ordinary, diagnostic].map(|place| {
            let block = place.position - place.position % CELLS_PER_BLOCK;
            Cell::of(&lane, block + GATE).get()
        })
    };
    assert_eq!(gates(), [1.0, 0.0]);
    for (level, expected) in [
        (Level::Diagnostic, [2.0, 1.0]),
        (Level::Off, [0.0, -1.0]),
        (Level::Production, [1.0, 0.0]),
    ] {
        meter.set_level(level, None);
        assert_eq!(gates(), expected, "{level:?}");
    }
}

#[test]
fn a_derived_metric_has_the_series_of_its_numerator() {
    let meter = meter();
    let family = |definition: Definition| Definition {
        labels: strings(&["key"]),
        max_series: Some(2),
        ..definition
    };
    let rate = meter.define(family(derived("rate", "count", "time", 1e9))).unwrap();
    assert_eq!(rate.position, 0);
    assert_eq!(series(&meter.snapshot(), "rate"), [], "its operands are not defined yet");
    let count = meter.define(family(counter("count"))).unwrap();
    let time = meter.define(family(gauge("time", Aggregate::Elapsed))).unwrap();
    let lane = meter.attach().unwrap();
    for (key, adds) in [("a", 10.0), ("b", 6.0), ("overflows", 1.0)] {
        let position = lane.bind(count.family, &strings(&[key])).unwrap_or(count.position);
        Cell::of(&lane, position).add(adds);
    }
    let position = lane.bind(time.family, &strings(&["a"])).unwrap();
    read_in(&lane, Placement { position, ..time }, 4e9, -1.0);
    let expected = [("a", 2.5), ("b", 0.0), ("true", 0.0)];
    assert_eq!(series(&meter.snapshot(), "rate"), expected.map(|(key, n)| (key.to_owned(), n)));
    assert_eq!(lane.bind(rate.family, &strings(&["a"])), None, "it has no cells to write");
    let part = meter.snapshot_of(&["rate"]);
    assert_eq!(series(&part, "rate").len(), 3);
    assert_eq!(part.metrics.len(), 3);
}

fn series(snapshot: &Snapshot, name: &str) -> Vec<(String, f64)> {
    let metric =
        snapshot.metrics.iter().find(|metric| metric.definition.name == name).expect("a series");
    let pair = |series: &nanometer_core::snapshot::Series| {
        let key = series.label_pairs(&metric.definition).next().expect("a series").1.to_owned();
        (key, series.value.number().expect("a series"))
    };
    metric.series.iter().map(pair).collect()
}

#[test]
fn what_cannot_be_is_refused_and_nothing_changes() {
    let meter = meter();
    meter.define(counter("c")).unwrap();
    meter.define(state("s")).unwrap();
    let labelled = Definition { labels: strings(&["key"]), ..derived("d", "c", "c", 1.0) };
    let states = |names: &[&str], last: &[&str]| Definition {
        states: Some(States { names: strings(names), last: strings(last) }),
        ..state("t")
    };
    for definition in [
        labelled,
        derived("d", "c", "s", 1.0),
        derived("d", "s", "c", 1.0),
        derived("d", "c", "c", f64::NAN),
        Definition { derive: None, ..derived("d", "c", "c", 1.0) },
        Definition { derive: derived("d", "c", "c", 1.0).derive, ..counter("d") },
        Definition { states: None, ..state("t") },
        Definition { aggregate: Some(Aggregate::Elapsed), ..counter("d") },
        states(&[], &[]),
        states(&["a", "a"], &[]),
        states(&["a", "b"], &["c"]),
    ] {
        let error = meter.define(definition.clone()).unwrap_err();
        assert!(matches!(error, DefineError::Invalid { .. }), "{definition:?}: {error}");
    }
    assert!(meter.define(derived("d", "c", "c", 1.0)).is_ok());
    assert!(meter.define(state("t")).is_ok());
    let other = Definition { states: states(&["a", "b"], &[]).states, ..state("t") };
    assert!(matches!(meter.define(other), Err(DefineError::Conflict { .. })));
}

#[test]
fn a_segment_tells_another_reader_of_states_times_and_quotients() {
    let directory = tempfile::tempdir().unwrap();
    let meter = Meter::new(&options(Some(&directory.path().join("state")))).unwrap();
    let flow = meter.define(state("s")).unwrap();
    let time = meter.define(gauge("t", Aggregate::Elapsed)).unwrap();
    let count = meter.define(counter("c")).unwrap();
    meter.define(derived("d", "c", "t", 1e9)).unwrap();
    let (lane, ended) = (meter.attach().unwrap(), meter.attach().unwrap());
    Cell::of(&lane, count.position).add(3.0);
    read_in(&ended, flow, 2.0, -1.0 / 1e9);
    read_in(&ended, time, 2e9, -1.0);
    drop(ended);
    let path = meter.segment_path().unwrap();
    let seen = reader::read(&path).unwrap();
    assert_eq!(
        ["s", "t", "d"].map(|name| value(&seen, name, &[])),
        [Some(2.0), Some(2e9), Some(1.5)]
    );
    let definition = |name: &str| {
        seen.metrics
            .iter()
            .find(|metric| metric.definition.name == name)
            .unwrap()
            .definition
            .clone()
    };
    assert_eq!(*definition("s"), state("s"));
    assert_eq!(*definition("d"), derived("d", "c", "t", 1e9));

    read_in(&lane, time, clock::now_ns() - 9e9, 1.0);
    assert!(value(&reader::read(&path).unwrap(), "t", &[]).unwrap() >= 9e9);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[88..104].fill(7); // another boot: whoever wrote it is dead
    let dead = directory.path().join("dead");
    std::fs::write(&dead, bytes).unwrap();
    let seen = reader::read(&dead).unwrap();
    assert_eq!(value(&seen, "t", &[]), Some(2e9), "nobody knows how long the other one ran");
}

#[test]
fn values_are_read_in_the_order_of_their_pairs() {
    let meter = meter();
    let count = meter.define(counter("c")).unwrap();
    let flow = meter.define(state("s")).unwrap();
    let time = meter.define(gauge("t", Aggregate::Elapsed)).unwrap();
    let quotient = meter.define(derived("d", "c", "t", 1.0)).unwrap();
    let lanes = [meter.attach().unwrap(), meter.attach().unwrap()];
    lanes.iter().for_each(|lane| Cell::of(lane, count.position).add(2.0));
    read_in(&lanes[0], flow, 1.0, 7.0);
    read_in(&lanes[1], time, 250.0, -1.0);
    let pair = |place: Placement| [place.family, place.position];
    let pairs = [
        pair(time),
        pair(count),
        pair(flow),
        pair(quotient),
        [999, count.position],
        [count.family, 3],
        [flow.family, CELLS_PER_BLOCK - 1],
        [count.family, u32::MAX],
    ];
    let mut values = vec![-1.0; pairs.len()];
    meter.read_values(&pairs, |index, value| values[index] = value);
    assert_eq!(values[..3], [250.0, 4.0, 1.0]);
    assert!(values[3..7].iter().all(|value| value.is_nan()), "{values:?}");
    assert_eq!(values[7], 0.0, "no lane has that block");
}

proptest! {
    /// Whatever is in a state's cell, one of its names comes out.
    #[test]
    fn a_state_is_always_one_of_its_names(bits: u64, small in -3.0..6.0f64) {
        let meter = meter();
        let flow = meter.define(state("s")).unwrap();
        let lane = meter.attach().unwrap();
        for cell in [f64::from_bits(bits), small, small.trunc()] {
            read_in(&lane, flow, cell, 1.0);
            let snapshot = meter.snapshot();
            let metric = snapshot.metrics.iter().find(|m| m.definition.name == "s").unwrap();
            let expected = if cell == 1.0 { 1 } else if cell == 2.0 { 2 } else { 0 };
            prop_assert_eq!(&metric.series[0].value, &Value::State(expected), "{}", cell);
        }
    }
}
