//! Threads come, count and go; what they counted stays.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{Cell, counter, meter, value};
use nanometer_core::{Level, Meter};

#[test]
fn lanes_add_up_and_a_thread_that_has_ended_still_counts() {
    let meter = meter();
    let placement = meter.define(counter("c")).unwrap();
    let first = meter.attach().unwrap();
    let second = meter.attach().unwrap();
    Cell::of(&first, placement.position).add(2.0);
    Cell::of(&second, placement.position).add(3.0);
    drop(second);
    assert_eq!(value(&meter.snapshot(), "c", &[]), Some(5.0));

    // Whoever comes next takes the lane over, and its counts with it.
    let third = meter.attach().unwrap();
    Cell::of(&third, placement.position).add(10.0);
    assert_eq!(value(&meter.snapshot(), "c", &[]), Some(15.0));
    assert_eq!(value(&meter.snapshot(), "nanometer.lanes.live", &[]), Some(2.0));
    assert_eq!(value(&meter.snapshot(), "nanometer.lanes.retired", &[]), Some(0.0));
}

#[test]
fn a_lane_is_reused_so_that_many_threads_take_the_memory_of_few() {
    let meter = meter();
    let placement = meter.define(counter("c")).unwrap();
    for _ in 0..5_000 {
        Cell::of(&meter.attach().unwrap(), placement.position).add(1.0);
    }
    assert_eq!(value(&meter.snapshot(), "c", &[]), Some(5_000.0));
    assert!(value(&meter.snapshot(), "nanometer.segment.size", &[]).unwrap() < 1e6);
}

#[test]
fn too_many_threads_are_refused_and_the_others_go_on() {
    let meter = meter();
    let lanes: Vec<_> = std::iter::from_fn(|| meter.attach().ok()).collect();
    assert_eq!(lanes.len(), 1_023);
    assert!(meter.attach().unwrap_err().to_string().contains("1023"));
    drop(lanes);
    assert!(meter.attach().is_ok());
}

#[test]
fn the_level_shuts_every_lane_and_the_diagnostic_ones_open_last() {
    let meter = meter();
    let ordinary = meter.define(counter("ordinary")).unwrap();
    let mut definition = counter("diagnostic");
    definition.diagnostic = true;
    let diagnostic = meter.define(definition).unwrap();
    let lanes = [meter.attach().unwrap(), meter.attach().unwrap()];
    let record = || {
        for lane in &lanes {
            Cell::of(lane, ordinary.position).add(1.0);
            Cell::of(lane, diagnostic.position).add(1.0);
        }
        let snapshot = meter.snapshot();
        (value(&snapshot, "ordinary", &[]).unwrap(), value(&snapshot, "diagnostic", &[]).unwrap())
    };
    assert_eq!(record(), (2.0, 0.0));
    meter.set_level(Level::Diagnostic, None);
    assert_eq!(record(), (4.0, 2.0));
    meter.set_level(Level::Off, None);
    assert_eq!(record(), (4.0, 2.0));
}

#[test]
fn a_leased_level_goes_back_to_the_level_before_the_first_lease() {
    let meter = meter();
    meter.set_level(Level::Diagnostic, Some(std::time::Duration::from_secs(3_600)));
    meter.set_level(Level::Off, Some(std::time::Duration::ZERO));
    assert_eq!(meter.level(), Level::Off);
    meter.revert_expired_level();
    assert_eq!((meter.level(), meter.level_lease_deadline()), (Level::Production, None));
}

/// Real threads write while a reader reads: no value ever falls, and the last one is exact.
#[test]
fn readers_race_writers_without_loss() {
    const ADDS: u32 = 200_000;
    let meter = meter();
    let placement = meter.define(counter("c")).unwrap();
    let write = |meter: Arc<Meter>| {
        let lane = meter.attach().unwrap();
        let cell = Cell::of(&lane, placement.position);
        (0..ADDS).for_each(|_| cell.add(1.0));
    };
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut last = 0.0;
            while !done.load(Ordering::Relaxed) {
                let now = value(&meter.snapshot(), "c", &[]).unwrap();
                assert!(now >= last, "{now} after {last}");
                last = now;
            }
        });
        let toggler = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                meter.set_level(Level::Diagnostic, None);
                meter.set_level(Level::Production, None);
            }
        });
        let writers: Vec<_> = (0..4).map(|_| scope.spawn(|| write(Arc::clone(&meter)))).collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        done.store(true, Ordering::Relaxed);
        reader.join().unwrap();
        toggler.join().unwrap();
    });
    assert_eq!(value(&meter.snapshot(), "c", &[]), Some(4.0 * f64::from(ADDS)));
}
