//! What the tests share: meters to try things on, and a hand that writes like JavaScript.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;
use std::sync::Arc;

use nanometer_core::layout::{CELLS_PER_BLOCK, GATE};
use nanometer_core::snapshot::Value;
use nanometer_core::{Definition, Kind, LaneGuard, Level, Meter, Options, Snapshot};

pub fn options(state_dir: Option<&Path>) -> Options {
    Options {
        service: "test".to_owned(),
        level: Level::Production,
        state_dir: state_dir.map(Path::to_owned),
        max_lane_bytes: 16 << 20,
        resource: serde_json::Map::new(),
        tracing: None,
    }
}

pub fn meter() -> Arc<Meter> {
    Meter::new(&options(None)).expect("a meter in memory")
}

pub fn counter(name: &str) -> Definition {
    Definition::new(name, Kind::Counter, "", "A counter.")
}

pub fn open_family(name: &str, max_series: u32) -> Definition {
    Definition { labels: vec!["key".to_owned()], max_series: Some(max_series), ..counter(name) }
}

/// A cell as the JavaScript thread of a lane sees it: plain loads and stores, behind the gate.
pub struct Cell {
    block: *mut f64,
    index: usize,
}

impl Cell {
    pub fn of(lane: &LaneGuard, position: u32) -> Cell {
        let block = lane.block(position / CELLS_PER_BLOCK).expect("a block").as_ptr().cast();
        Cell { block, index: (position % CELLS_PER_BLOCK) as usize }
    }

    /// Stores past the gate, as what is set or settled at every level.
    pub fn set(&self, value: f64) {
        // SAFETY: as in `add`.
        unsafe { self.block.add(self.index).write_volatile(value) };
    }

    pub fn get(&self) -> f64 {
        // SAFETY: as in `add`.
        unsafe { self.block.add(self.index).read_volatile() }
    }

    pub fn add(&self, more: f64) {
        // SAFETY: the test's lane outlives its cells, and one thread writes them.
        unsafe {
            if self.block.add(GATE as usize).read_volatile() > 0.0 {
                let cell = self.block.add(self.index);
                cell.write_volatile(cell.read_volatile() + more);
            }
        }
    }
}

/// The value with these label values; of a histogram its count, of a state its index.
pub fn value(snapshot: &Snapshot, name: &str, labels: &[&str]) -> Option<f64> {
    let metric = snapshot.metrics.iter().find(|metric| metric.definition.name == name)?;
    let series = metric.series.iter().find(|series| {
        let pairs = series.label_pairs(&metric.definition);
        pairs.map(|(_, value)| value).eq(labels.iter().copied())
    })?;
    match &series.value {
        Value::Histogram(distribution) => Some(distribution.count() as f64),
        value => value.number(),
    }
}

pub fn strings(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}
