//! Many lanes, one value: how the cells of a series add up.
//!
//! The same arithmetic serves the lanes of this process and the copied lanes of another's segment.

use crate::definition::{Aggregate, Definition, Kind};
use crate::layout::{
    GAUGE_STAMP, GAUGE_VALUE, HISTOGRAM_HEAD_CELLS, HISTOGRAM_MAX, HISTOGRAM_NEGATED_MIN,
    HISTOGRAM_SUM,
};
use crate::snapshot::{Distribution, Value};

/// Cells that can be read: those of one lane.
pub(crate) trait Cells {
    /// Whether a thread writes them now.
    fn is_live(&self) -> bool;
    /// Copies the cells from a position on; false where the lane has no such block.
    fn load(&self, position: u32, cells: &mut [u64]) -> bool;
}

/// The value of a series of JavaScript lanes, whose cells are float64.
///
/// `scratch` is the caller's, so that a snapshot of many series allocates it once.
pub(crate) fn merge_lanes<'a, C: Cells + 'a>(
    definition: &Definition,
    position: u32,
    lanes: impl Iterator<Item = &'a C>,
    scratch: &mut Vec<u64>,
) -> Value {
    scratch.clear();
    scratch.resize(definition.cells() as usize, 0);
    match definition.kind {
        Kind::Counter => {
            let mut sum = 0.0;
            for lane in lanes {
                if lane.load(position, scratch) {
                    sum += f64::from_bits(scratch[0]);
                }
            }
            Value::Number(sum)
        }
        Kind::Gauge => Value::Number(merge_gauge(definition, position, lanes, scratch)),
        Kind::Histogram => {
            let mut merged = empty(definition);
            for lane in lanes {
                if lane.load(position, scratch) {
                    add_float_histogram(&mut merged, scratch);
                }
            }
            Value::Histogram(merged)
        }
    }
}

/// The value of a series of the native lane, whose cells are u64; gauges hold a float64's bits.
pub(crate) fn merge_native(
    definition: &Definition,
    position: u32,
    lane: &impl Cells,
    scratch: &mut Vec<u64>,
) -> Value {
    scratch.clear();
    scratch.resize(definition.cells() as usize, 0);
    lane.load(position, scratch);
    match definition.kind {
        Kind::Counter => Value::Integer(scratch[0]),
        Kind::Gauge => Value::Number(f64::from_bits(scratch[GAUGE_VALUE as usize])),
        Kind::Histogram => {
            let mut merged = empty(definition);
            let counts = &scratch[HISTOGRAM_HEAD_CELLS as usize..];
            merged.counts.copy_from_slice(counts);
            merged.sum = scratch[HISTOGRAM_SUM as usize] as f64;
            if counts.iter().any(|count| *count != 0) {
                // The smallest is kept as its complement, so that fresh zeroes are the largest.
                merged.min = Some(!scratch[HISTOGRAM_NEGATED_MIN as usize] as f64);
                merged.max = Some(scratch[HISTOGRAM_MAX as usize] as f64);
            }
            Value::Histogram(merged)
        }
    }
}

fn merge_gauge<'a, C: Cells + 'a>(
    definition: &Definition,
    position: u32,
    lanes: impl Iterator<Item = &'a C>,
    scratch: &mut [u64],
) -> f64 {
    let aggregate = definition.aggregate.unwrap_or(Aggregate::Sum);
    let mut merged: Option<(f64, f64)> = None;
    for lane in lanes {
        if !lane.load(position, scratch) {
            continue;
        }
        let value = f64::from_bits(scratch[GAUGE_VALUE as usize]);
        let stamp = f64::from_bits(scratch[GAUGE_STAMP as usize]);
        let reading = stamp != 0.0;
        // What a thread set was a reading of that thread, and goes with it.
        if reading && !lane.is_live() || !reading && aggregate != Aggregate::Sum {
            continue;
        }
        merged = Some(match (aggregate, merged) {
            (_, None) => (value, stamp),
            (Aggregate::Sum, Some((sum, _))) => (sum + value, 0.0),
            (Aggregate::Max, Some((max, _))) => (max.max(value), 0.0),
            (Aggregate::Min, Some((min, _))) => (min.min(value), 0.0),
            (Aggregate::Last, Some(earlier)) if earlier.1 > stamp => earlier,
            (Aggregate::Last, Some(_)) => (value, stamp),
        });
    }
    merged.map_or(0.0, |(value, _)| value)
}

fn empty(definition: &Definition) -> Distribution {
    let buckets = definition.cells() - HISTOGRAM_HEAD_CELLS;
    Distribution { counts: vec![0; buckets as usize], sum: 0.0, min: None, max: None }
}

fn add_float_histogram(merged: &mut Distribution, cells: &[u64]) {
    let (head, buckets) = cells.split_at(HISTOGRAM_HEAD_CELLS as usize);
    let mut any = false;
    for (count, bits) in merged.counts.iter_mut().zip(buckets) {
        // Counts are whole and not negative; the cast saturates on anything else.
        let more = f64::from_bits(*bits) as u64;
        any |= more != 0;
        *count = count.saturating_add(more);
    }
    merged.sum += f64::from_bits(head[HISTOGRAM_SUM as usize]);
    let negated_min = head[HISTOGRAM_NEGATED_MIN as usize];
    if any && negated_min != 0 {
        let min = -f64::from_bits(negated_min);
        let max = f64::from_bits(head[HISTOGRAM_MAX as usize]);
        merged.min = Some(merged.min.map_or(min, |before| before.min(min)));
        merged.max = Some(merged.max.map_or(max, |before| before.max(max)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(bool, Vec<f64>);

    impl Cells for Fixed {
        fn is_live(&self) -> bool {
            self.0
        }

        fn load(&self, _position: u32, cells: &mut [u64]) -> bool {
            for (cell, value) in cells.iter_mut().zip(&self.1) {
                *cell = value.to_bits();
            }
            true
        }
    }

    fn gauge(aggregate: Aggregate, lanes: &[Fixed]) -> Value {
        let mut definition = Definition::new("g", Kind::Gauge, "", "");
        definition.aggregate = Some(aggregate);
        merge_lanes(&definition, 8, lanes.iter(), &mut Vec::new())
    }

    #[test]
    fn a_sum_keeps_what_the_dead_counted_and_drops_what_they_set() {
        let lanes = [
            Fixed(true, vec![4.0, 1.0]),
            Fixed(true, vec![2.0, 0.0]),
            Fixed(false, vec![-1.0, 0.0]),
            Fixed(false, vec![100.0, 1.0]),
        ];
        assert_eq!(gauge(Aggregate::Sum, &lanes), Value::Number(5.0));
    }

    #[test]
    fn the_other_aggregates_look_at_readings_of_live_threads() {
        let lanes = || {
            [
                Fixed(true, vec![4.0, 30.0]),
                Fixed(true, vec![-3.0, 10.0]),
                Fixed(true, vec![99.0, 0.0]),
                Fixed(false, vec![500.0, 90.0]),
            ]
        };
        assert_eq!(gauge(Aggregate::Max, &lanes()), Value::Number(4.0));
        assert_eq!(gauge(Aggregate::Min, &lanes()), Value::Number(-3.0));
        assert_eq!(gauge(Aggregate::Last, &lanes()), Value::Number(4.0));
        assert_eq!(gauge(Aggregate::Last, &[]), Value::Number(0.0));
    }

    #[test]
    fn a_smallest_value_of_zero_is_told_from_none() {
        let mut definition = Definition::new("h", Kind::Histogram, "", "");
        definition.buckets = Some(crate::definition::Buckets { bounds: vec![1.0], scale: None });
        let none = Fixed(true, vec![0.0, 0.0, 0.0, 0.0, 0.0]);
        let zero = Fixed(true, vec![7.0, -0.0, 7.0, 1.0, 1.0]);
        let merge = |lanes: &[Fixed]| merge_lanes(&definition, 8, lanes.iter(), &mut Vec::new());
        assert_eq!(
            merge(&[none]),
            Value::Histogram(Distribution { counts: vec![0, 0], sum: 0.0, min: None, max: None })
        );
        assert_eq!(
            merge(&[zero]),
            Value::Histogram(Distribution {
                counts: vec![1, 1],
                sum: 7.0,
                min: Some(0.0),
                max: Some(7.0)
            })
        );
    }
}
