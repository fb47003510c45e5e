//! One metric's series, found by flow, and by part of a flow.

use std::collections::HashMap;

use nanometer_core::snapshot::{Labels, Metric, Snapshot, Value};

/// The label that every metric of a flow has.
const FLOW: &str = "flow_id";

/// What a table holds.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The name of the label that tells parts of a flow from one another; `None`: the metric has
    /// one series for each flow.
    pub part: Option<&'a str>,
    /// Only this flow; `None`: all.
    pub flow: Option<&'a str>,
}

/// The series of one metric by the ids of flow and part. Overflow series are not in it.
#[derive(Debug)]
pub struct Table<'a> {
    /// In the order of first use.
    keys: Vec<Key<'a>>,
    values: HashMap<Key<'a>, &'a Value>,
    bounds: &'a [f64],
}

/// Flow and part; the part is empty where there are none.
type Key<'a> = (&'a str, &'a str);

impl<'a> Table<'a> {
    /// The table of the metric of that name; empty where there is none with these labels.
    pub fn of(snapshot: &'a Snapshot, name: &str, wanted: Wanted<'_>) -> Table<'a> {
        let mut table = Table { keys: Vec::new(), values: HashMap::new(), bounds: &[] };
        let metric = snapshot.metrics.iter().find(|metric| metric.definition.name == name);
        if let Some(metric) = metric {
            let buckets = metric.definition.buckets.as_ref();
            table.bounds = buckets.map_or(&[], |buckets| &buckets.bounds);
            table.fill(metric, wanted);
        }
        table
    }

    fn fill(&mut self, metric: &'a Metric, wanted: Wanted<'_>) {
        let column = |label: &str| metric.definition.labels.iter().position(|name| name == label);
        let Some(flow) = column(FLOW) else { return };
        let part = wanted.part.map(column);
        if part == Some(None) {
            return;
        }
        for series in &metric.series {
            let Labels::Values(values) = &series.labels else { continue };
            let value = |column: usize| values.get(column).map_or("", |value| &**value);
            let key = (value(flow), part.flatten().map_or("", value));
            if wanted.flow.is_none_or(|flow| flow == key.0) && !self.values.contains_key(&key) {
                self.keys.push(key);
                self.values.insert(key, &series.value);
            }
        }
    }

    /// Flows and their parts, in the order of first use.
    pub fn keys(&self) -> impl Iterator<Item = Key<'a>> {
        self.keys.iter().copied()
    }

    /// The value of that flow and part.
    pub fn value(&self, key: Key<'_>) -> Option<&'a Value> {
        self.values.get(&key).copied()
    }

    /// The number of that flow and part; 0 where there is none.
    pub fn number(&self, key: Key<'_>) -> f64 {
        self.value(key).and_then(Value::number).unwrap_or(0.0)
    }

    /// The bounds of a histogram's buckets.
    pub fn bounds(&self) -> &'a [f64] {
        self.bounds
    }
}
