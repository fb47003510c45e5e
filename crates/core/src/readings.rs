//! What threads read, merged: gauges, states, running times. Each lane's cells are a reading and a
//! stamp that says whether it counts.
//!
//! ```text
//! stamp   0      the thread never set it: what it added to a sum counts, now and when it has ended
//!         above  a reading of that thread: counts while the thread lives
//!         below  settled: counts for good
//! ```

use crate::atomic::Ordering::Acquire;
use crate::atomic::fixed::fence;
use crate::cells::Cells;
use crate::definition::{Aggregate, Definition, Kind};
use crate::layout::{GAUGE_CELLS, GAUGE_STAMP, GAUGE_VALUE};

/// How often a lane is asked again whose thread is just starting or stopping a time.
const ATTEMPTS: u32 = 8;

/// Readings of several lanes as one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Reading {
    /// 0 where no lane has one that counts.
    pub value: f64,
    /// Whether any lane has one, whether it counts or not.
    pub recorded: bool,
}

/// Merges a series of a gauge or of a state. `now_ns` is the time on the clock of
/// [`crate::clock`], for times that run.
pub(crate) fn merge_readings<'a, C: Cells + 'a>(
    definition: &Definition,
    position: u32,
    lanes: impl Iterator<Item = &'a C>,
    now_ns: f64,
) -> Reading {
    let aggregate = match definition.kind {
        Kind::State => Aggregate::Last,
        _ => definition.aggregate.unwrap_or(Aggregate::Sum),
    };
    let mut recorded = false;
    let mut merged: Option<(f64, f64)> = None;
    for lane in lanes {
        let Some((value, stamp)) = load(lane, position, aggregate) else { continue };
        recorded |= value != 0.0 || stamp != 0.0;
        let counts =
            if stamp == 0.0 { aggregate == Aggregate::Sum } else { stamp < 0.0 || lane.is_live() };
        if !counts {
            continue;
        }
        merged = Some(match (aggregate, merged) {
            (Aggregate::Elapsed, longest) => {
                let time = if stamp < 0.0 { value } else { now_ns - value };
                (longest.map_or(0.0, |(time, _)| time).max(time), 0.0)
            }
            (_, None) => (value, stamp),
            (Aggregate::Sum, Some((sum, _))) => (sum + value, 0.0),
            (Aggregate::Max, Some((max, _))) => (max.max(value), 0.0),
            (Aggregate::Min, Some((min, _))) => (min.min(value), 0.0),
            (Aggregate::Last, Some(earlier)) if earlier.1 > stamp => earlier,
            (Aggregate::Last, Some(_)) => (value, stamp),
        });
    }
    Reading { value: merged.map_or(0.0, |(value, _)| value), recorded }
}

/// A lane's reading and stamp. A start that were taken for a time, or a time for a start, would be
/// off by hours: the thread sets the stamp to 0 while it changes one to the other, so a pair counts
/// only if the stamp was the same before and after.
fn load(lane: &impl Cells, position: u32, aggregate: Aggregate) -> Option<(f64, f64)> {
    for _ in 0..ATTEMPTS {
        let mut before = [0];
        if aggregate == Aggregate::Elapsed && !lane.load(position + GAUGE_STAMP, &mut before) {
            return None;
        }
        // Readings of the cells stay in this order.
        fence(Acquire);
        let mut cells = [0; GAUGE_CELLS as usize];
        if !lane.load(position, &mut cells) {
            return None;
        }
        let (value, stamp) = (cells[GAUGE_VALUE as usize], cells[GAUGE_STAMP as usize]);
        if aggregate != Aggregate::Elapsed || before[0] == stamp {
            return Some((f64::from_bits(value), f64::from_bits(stamp)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;
    use crate::definition::States;

    /// One lane: whether its thread lives, and its two cells.
    #[derive(Clone, Debug)]
    struct Lane(bool, f64, f64);

    impl Cells for Lane {
        fn is_live(&self) -> bool {
            self.0
        }

        fn load(&self, position: u32, cells: &mut [u64]) -> bool {
            let all = [self.1.to_bits(), self.2.to_bits()];
            cells.copy_from_slice(&all[position as usize..][..cells.len()]);
            true
        }
    }

    fn gauge(aggregate: Aggregate, lanes: &[Lane]) -> f64 {
        let mut definition = Definition::new("g", Kind::Gauge, "", "");
        definition.aggregate = Some(aggregate);
        merge_readings(&definition, 0, lanes.iter(), 1_000.0).value
    }

    fn state(lanes: &[Lane]) -> f64 {
        let mut definition = Definition::new("s", Kind::State, "", "");
        let names = ["created", "running", "completed", "failed"].map(str::to_owned).to_vec();
        definition.states = Some(States { names, last: Vec::new() });
        merge_readings(&definition, 0, lanes.iter(), 1_000.0).value
    }

    #[test]
    fn a_sum_keeps_what_the_dead_counted_or_settled_and_drops_what_they_set() {
        let lanes = [
            Lane(true, 4.0, 1.0),
            Lane(true, 2.0, 0.0),
            Lane(false, -1.0, 0.0),
            Lane(false, 100.0, 1.0),
            Lane(false, 10.0, -1.0),
        ];
        assert_eq!(gauge(Aggregate::Sum, &lanes), 15.0);
    }

    #[test]
    fn the_other_aggregates_look_at_readings_of_live_threads() {
        let lanes = [
            Lane(true, 4.0, 30.0),
            Lane(true, -3.0, 10.0),
            Lane(true, 99.0, 0.0),
            Lane(false, 500.0, 90.0),
        ];
        assert_eq!(gauge(Aggregate::Max, &lanes), 4.0);
        assert_eq!(gauge(Aggregate::Min, &lanes), -3.0);
        assert_eq!(gauge(Aggregate::Last, &lanes), 4.0);
        assert_eq!(gauge(Aggregate::Last, &[]), 0.0);
    }

    #[test]
    fn a_settled_reading_outlives_its_thread() {
        let lanes = [Lane(false, 7.0, -1.0), Lane(true, 3.0, 1.0)];
        assert_eq!(gauge(Aggregate::Max, &lanes), 7.0);
        assert_eq!(gauge(Aggregate::Min, &lanes), 3.0);
        assert_eq!(gauge(Aggregate::Last, &lanes), 3.0);
        assert_eq!(gauge(Aggregate::Last, &lanes[..1]), 7.0);
    }

    #[test]
    fn an_active_state_beats_a_settled_one_and_of_two_settled_ones_the_later_counts() {
        let running = Lane(true, 1.0, 500.0);
        let completed = Lane(true, 2.0, -1.0 / 600.0);
        let failed = Lane(false, 3.0, -1.0 / 700.0);
        assert_eq!(state(&[completed.clone(), running.clone(), failed.clone()]), 1.0);
        assert_eq!(state(&[completed.clone(), failed.clone()]), 3.0);
        assert_eq!(state(&[failed, completed]), 3.0);
        assert_eq!(state(&[Lane(false, 1.0, 500.0)]), 0.0, "the thread that ran it is gone");
        assert_eq!(state(&[]), 0.0);
    }

    #[test]
    fn a_running_time_grows_and_a_stopped_one_stays() {
        assert_eq!(gauge(Aggregate::Elapsed, &[Lane(true, 400.0, 1.0)]), 600.0);
        assert_eq!(gauge(Aggregate::Elapsed, &[Lane(true, 1_400.0, 1.0)]), 0.0, "never below 0");
        assert_eq!(gauge(Aggregate::Elapsed, &[Lane(false, 400.0, 1.0)]), 0.0);
        assert_eq!(gauge(Aggregate::Elapsed, &[Lane(false, 250.0, -1.0)]), 250.0);
        let lanes = [Lane(true, 900.0, 1.0), Lane(false, 250.0, -1.0), Lane(true, 99.0, 0.0)];
        assert_eq!(gauge(Aggregate::Elapsed, &lanes), 250.0);
        assert_eq!(gauge(Aggregate::Elapsed, &[]), 0.0);
    }

    /// A thread that stops its time just after the reader has seen the start.
    struct Stopping(Cell<u32>);

    impl Cells for Stopping {
        fn is_live(&self) -> bool {
            true
        }

        fn load(&self, position: u32, cells: &mut [u64]) -> bool {
            for (index, cell) in (position..).zip(cells) {
                let step = self.0.replace(self.0.get() + 1);
                // Stamp, value: running since 400. Then it has been stopped at 600.
                let running = step < 2;
                *cell = match (index, running) {
                    (GAUGE_VALUE, true) => 400.0f64,
                    (GAUGE_VALUE, false) => 200.0,
                    (_, true) => 1.0,
                    (_, false) => -1.0,
                }
                .to_bits();
            }
            true
        }
    }

    #[test]
    fn a_start_is_never_taken_for_a_time() {
        let mut definition = Definition::new("g", Kind::Gauge, "ns", "");
        definition.aggregate = Some(Aggregate::Elapsed);
        let lane = Stopping(Cell::new(0));
        let reading = merge_readings(&definition, 0, std::iter::once(&lane), 1_000.0);
        assert_eq!(reading, Reading { value: 200.0, recorded: true });
    }

    fn lanes() -> impl Strategy<Value = Vec<Lane>> {
        let stamp = prop_oneof![Just(0.0), 1.0..1e6, (1.0..1e6).prop_map(|at| -1.0 / at)];
        let value = (0..2_000).prop_map(f64::from);
        prop::collection::vec((any::<bool>(), value, stamp), 0..8).prop_map(|lanes| {
            lanes.into_iter().map(|(live, value, stamp)| Lane(live, value, stamp)).collect()
        })
    }

    proptest! {
        /// Told the long way round: filter, then fold.
        #[test]
        fn every_aggregate_is_what_its_definition_says(lanes in lanes()) {
            let set = |lane: &&Lane| lane.2 < 0.0 || lane.2 > 0.0 && lane.0;
            let readings: Vec<&Lane> = lanes.iter().filter(set).collect();
            let values = || readings.iter().map(|lane| lane.1);
            let counted: f64 = lanes.iter().filter(|lane| lane.2 == 0.0).map(|lane| lane.1).sum();
            prop_assert_eq!(gauge(Aggregate::Sum, &lanes), values().sum::<f64>() + counted);
            let largest = values().fold(0.0, f64::max);
            prop_assert_eq!(gauge(Aggregate::Max, &lanes), largest);
            let smallest = values().reduce(f64::min).unwrap_or(0.0);
            prop_assert_eq!(gauge(Aggregate::Min, &lanes), smallest);
            let times = readings.iter().map(|lane| match lane.2 > 0.0 {
                true => 1_000.0 - lane.1,
                false => lane.1,
            });
            prop_assert_eq!(gauge(Aggregate::Elapsed, &lanes), times.fold(0.0, f64::max));
            let latest = readings.iter().max_by(|a, b| a.2.total_cmp(&b.2)).map_or(0.0, |lane| lane.1);
            prop_assert_eq!(gauge(Aggregate::Last, &lanes), latest);
            prop_assert_eq!(state(&lanes), latest);
        }
    }
}
