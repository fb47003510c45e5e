//! Many lanes, one value: how the cells of a series add up.
//!
//! The same arithmetic serves the lanes of this process and the copied lanes of another's segment.

use crate::cells::Cells;
use crate::definition::{Definition, Kind};
use crate::layout::{
    GAUGE_VALUE, HISTOGRAM_HEAD_CELLS, HISTOGRAM_MAX, HISTOGRAM_NEGATED_MIN, HISTOGRAM_SUM,
};
use crate::readings::merge_readings;
use crate::snapshot::{Distribution, Value};

/// The value of a series, and whether anything was recorded into it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Merged {
    pub value: Value,
    pub recorded: bool,
}

/// Merges many series as they are at one time.
#[derive(Debug)]
pub(crate) struct Merger {
    now_ns: f64,
    /// Made once for all series.
    scratch: Vec<u64>,
}

impl Merger {
    /// `now_ns`: the time on the clock of [`crate::clock`].
    pub(crate) fn at(now_ns: f64) -> Merger {
        Merger { now_ns, scratch: Vec::new() }
    }

    /// A series of JavaScript lanes, whose cells are float64.
    pub(crate) fn lanes<'a, C: Cells + 'a>(
        &mut self,
        definition: &Definition,
        position: u32,
        lanes: impl Iterator<Item = &'a C>,
    ) -> Merged {
        match definition.kind {
            Kind::Counter => {
                let sum = sum(position, lanes);
                Merged { value: Value::Number(sum), recorded: sum != 0.0 }
            }
            Kind::Gauge | Kind::State => {
                let reading = merge_readings(definition, position, lanes, self.now_ns);
                let value = match definition.kind {
                    Kind::State => Value::State(definition.state_of(reading.value)),
                    _ => Value::Number(reading.value),
                };
                Merged { value, recorded: reading.recorded }
            }
            Kind::Histogram => {
                let mut merged = empty(definition);
                let cells = self.cells(definition);
                for lane in lanes {
                    if lane.load(position, cells) {
                        add_float_histogram(&mut merged, cells);
                    }
                }
                Merged { recorded: merged.count() != 0, value: Value::Histogram(merged) }
            }
            Kind::Derived => Merged { value: Value::Number(0.0), recorded: false },
        }
    }

    /// A series of the native lane, whose cells are u64; gauges hold a float64's bits.
    pub(crate) fn native(
        &mut self,
        definition: &Definition,
        position: u32,
        lane: &impl Cells,
    ) -> Merged {
        let cells = self.cells(definition);
        lane.load(position, cells);
        let number = |offset: u32| f64::from_bits(cells[offset as usize]);
        let value = match definition.kind {
            Kind::Counter => Value::Integer(cells[0]),
            Kind::Gauge => Value::Number(number(GAUGE_VALUE)),
            Kind::State => Value::State(definition.state_of(number(GAUGE_VALUE))),
            Kind::Derived => Value::Number(0.0),
            Kind::Histogram => {
                let mut merged = empty(definition);
                let counts = &cells[HISTOGRAM_HEAD_CELLS as usize..];
                merged.counts.copy_from_slice(counts);
                merged.sum = cells[HISTOGRAM_SUM as usize] as f64;
                if counts.iter().any(|count| *count != 0) {
                    // The smallest is kept as its complement, so that fresh zeroes are the largest.
                    merged.min = Some(!cells[HISTOGRAM_NEGATED_MIN as usize] as f64);
                    merged.max = Some(cells[HISTOGRAM_MAX as usize] as f64);
                }
                Value::Histogram(merged)
            }
        };
        Merged { recorded: cells.iter().any(|cell| *cell != 0), value }
    }

    fn cells(&mut self, definition: &Definition) -> &mut [u64] {
        self.scratch.clear();
        self.scratch.resize(definition.value_cells() as usize, 0);
        &mut self.scratch
    }
}

/// The value of a series of JavaScript lanes that is one number: a counter, a gauge, the index of a
/// state. Allocates nothing. `None` for any other kind.
pub(crate) fn number<'a, C: Cells + 'a>(
    definition: &Definition,
    position: u32,
    lanes: impl Iterator<Item = &'a C>,
    now_ns: f64,
) -> Option<f64> {
    match definition.kind {
        Kind::Counter => Some(sum(position, lanes)),
        Kind::Gauge => Some(merge_readings(definition, position, lanes, now_ns).value),
        Kind::State => {
            let cell = merge_readings(definition, position, lanes, now_ns).value;
            Some(definition.state_of(cell).into())
        }
        Kind::Histogram | Kind::Derived => None,
    }
}

/// Folded from plus zero: the empty sum of floats is minus zero.
fn sum<'a, C: Cells + 'a>(position: u32, lanes: impl Iterator<Item = &'a C>) -> f64 {
    let mut cell = [0];
    lanes.fold(0.0, |sum, lane| match lane.load(position, &mut cell) {
        true => sum + f64::from_bits(cell[0]),
        false => sum,
    })
}

fn empty(definition: &Definition) -> Distribution {
    let buckets = definition.bucket_count() as usize;
    Distribution { counts: vec![0; buckets], sum: 0.0, min: None, max: None }
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

    #[test]
    fn a_smallest_value_of_zero_is_told_from_none() {
        let mut definition = Definition::new("h", Kind::Histogram, "", "");
        definition.buckets = Some(crate::definition::Buckets { bounds: vec![1.0], scale: None });
        let none = Fixed(true, vec![0.0, 0.0, 0.0, 0.0, 0.0]);
        let zero = Fixed(true, vec![7.0, -0.0, 7.0, 1.0, 1.0]);
        let merge = |lanes: &[Fixed]| Merger::at(0.0).lanes(&definition, 8, lanes.iter()).value;
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
