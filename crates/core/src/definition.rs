//! What a metric is, before it has any memory: name, kind, unit, labels, buckets.
//!
//! A definition arrives from TypeScript, already checked there word by word for the user's sake,
//! and from Rust code. Here only what would break memory or output is checked again.

use serde::{Deserialize, Serialize};

use crate::layout::{
    COUNTER_CELLS, EXEMPLAR_CELLS, GAUGE_CELLS, HISTOGRAM_HEAD_CELLS, MAX_BUCKETS,
};

/// What a metric counts or measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A sum that only grows.
    Counter,
    /// A reading that goes up and down.
    Gauge,
    /// A distribution over fixed buckets.
    Histogram,
    /// One of a fixed list of names.
    State,
    /// A quotient of two other metrics, computed when it is read; it has no cells.
    Derived,
}

/// How the readings of one gauge in several lanes become one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aggregate {
    /// The readings added up: the depth of a queue that every thread has a part of.
    Sum,
    /// The largest reading.
    Max,
    /// The smallest reading.
    Min,
    /// The reading that was set most recently.
    Last,
    /// The cell holds a start on the clock of [`crate::clock`], and the reading is the time since,
    /// nanoseconds; settled, the cell holds the time itself. The longest counts.
    Elapsed,
}

/// The states of a metric that is in one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct States {
    /// All of them. The first is the one that it is in at the beginning.
    pub names: Vec<String>,
    /// Those that end something: one of them stays when the thread that set it has ended.
    #[serde(rename = "final")]
    pub last: Vec<String>,
}

/// How a derived metric is computed: `factor * numerator / denominator`, and 0 where that would
/// divide by 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Derive {
    /// The name of a counter or gauge with the same labels.
    pub numerator: String,
    /// The name of another.
    pub denominator: String,
    /// What brings the quotient into the metric's unit. Finite.
    pub factor: f64,
}

/// The buckets of a histogram.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Buckets {
    /// Upper bounds, inclusive, ascending, finite, in the metric's own unit. A last bucket, to
    /// `+Inf`, comes after them and is not listed.
    pub bounds: Vec<f64>,
    /// For base-2 exponential buckets, their scale: bounds are successive powers of
    /// `2^(2^-scale)`. `None` for explicit bounds.
    pub scale: Option<i32>,
}

/// The most states of one metric: each is a sample of its own in Prometheus output.
const MAX_STATES: usize = 64;

/// One metric: a name, and all that is fixed about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Definition {
    /// The name, in dotted form: `orders.accepted`.
    pub name: String,
    /// What it counts or measures.
    pub kind: Kind,
    /// The unit, in UCUM: `ns`, `By`, `{order}`, `1`, or empty.
    pub unit: String,
    /// One sentence for the reader of a dashboard.
    pub help: String,
    /// Label names, in the order that label values are given in; empty when unlabelled.
    pub labels: Vec<String>,
    /// For a closed family, the accepted values of each label; `None` when open or unlabelled.
    pub values: Option<Vec<Vec<String>>>,
    /// For an open family, the most series it may have, its overflow series not counted.
    pub max_series: Option<u32>,
    /// For a gauge, how lanes are merged.
    pub aggregate: Option<Aggregate>,
    /// For a histogram, its buckets.
    pub buckets: Option<Buckets>,
    /// For a state, its states.
    pub states: Option<States>,
    /// For a derived metric, how it is computed.
    pub derive: Option<Derive>,
    /// Recorded at the diagnostic level only.
    pub diagnostic: bool,
    /// Not exported until it is switched on.
    pub reserved: bool,
    /// Why it should no longer be used; it keeps its place.
    pub deprecated: Option<String>,
    /// Whether its series, of a counter or a histogram, have cells for exemplars.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exemplars: bool,
}

impl Definition {
    /// An unlabelled definition with nothing but a name, a kind, a unit and a help text.
    pub fn new(name: &str, kind: Kind, unit: &str, help: &str) -> Definition {
        Definition {
            name: name.to_owned(),
            kind,
            unit: unit.to_owned(),
            help: help.to_owned(),
            labels: Vec::new(),
            values: None,
            max_series: None,
            aggregate: (kind == Kind::Gauge).then_some(Aggregate::Sum),
            buckets: None,
            states: None,
            derive: None,
            diagnostic: false,
            reserved: false,
            deprecated: None,
            exemplars: false,
        }
    }

    /// How many cells one series of it takes; a derived metric takes none.
    pub fn cells(&self) -> u32 {
        self.value_cells() + EXEMPLAR_CELLS * self.exemplar_places()
    }

    /// How many buckets a histogram has, the last one to `+Inf` included.
    pub fn bucket_count(&self) -> u32 {
        self.buckets.as_ref().map_or(0, |buckets| buckets.bounds.len() as u32 + 1)
    }

    /// How many exemplars one series has room for: one for each bucket, or one of a counter.
    pub(crate) fn exemplar_places(&self) -> u32 {
        match self.kind {
            _ if !self.exemplars => 0,
            Kind::Histogram => self.bucket_count(),
            _ => 1,
        }
    }

    /// How many cells the value of one series takes; its exemplars come after them.
    pub(crate) fn value_cells(&self) -> u32 {
        match self.kind {
            Kind::Counter => COUNTER_CELLS,
            Kind::Gauge | Kind::State => GAUGE_CELLS,
            Kind::Derived => 0,
            Kind::Histogram => HISTOGRAM_HEAD_CELLS + self.bucket_count(),
        }
    }

    /// The state that a cell stands for, as an index into the names. What stands for none is the
    /// first.
    pub fn state_of(&self, cell: f64) -> u32 {
        let count = self.states.as_ref().map_or(0, |states| states.names.len());
        // The cast saturates, and takes NaN for 0.
        let index = cell as u32;
        if f64::from(index) == cell && (index as usize) < count { index } else { 0 }
    }

    /// The name of the state of that index; empty where there is none.
    pub fn state_name(&self, index: u32) -> &str {
        let states = self.states.as_ref();
        states.and_then(|states| states.names.get(index as usize)).map_or("", String::as_str)
    }

    /// Refuses what would break memory or output; the error says what is wrong, and what is
    /// accepted.
    pub(crate) fn check(&self) -> Result<(), String> {
        let refuse = |what: String| Err(what);
        if self.name.is_empty() {
            return refuse("a name must not be empty".to_owned());
        }
        if (self.kind == Kind::Histogram) != self.buckets.is_some() {
            return refuse("a histogram, and nothing else, has buckets".to_owned());
        }
        if let Some(Buckets { bounds, .. }) = &self.buckets {
            if bounds.len() >= MAX_BUCKETS {
                return refuse(format!("{} bounds; at most {} fit", bounds.len(), MAX_BUCKETS - 1));
            }
            if bounds.iter().any(|bound| !bound.is_finite() || *bound < 0.0)
                || bounds.windows(2).any(|pair| pair[0] >= pair[1])
            {
                return refuse(format!(
                    "bounds {bounds:?} are not finite, non-negative and ascending"
                ));
            }
        }
        if self.exemplars && !matches!(self.kind, Kind::Counter | Kind::Histogram) {
            return refuse("counters and histograms, and nothing else, have exemplars".to_owned());
        }
        if self.aggregate.is_some() && self.kind != Kind::Gauge {
            return refuse("a gauge, and nothing else, has an aggregate".to_owned());
        }
        if (self.kind == Kind::State) != self.states.is_some() {
            return refuse("a state, and nothing else, has states".to_owned());
        }
        if (self.kind == Kind::Derived) != self.derive.is_some() {
            return refuse("a derived metric, and nothing else, says what from".to_owned());
        }
        if let Some(States { names, last }) = &self.states {
            if names.is_empty() || names.len() > MAX_STATES {
                return refuse(format!("{} states; 1 to {MAX_STATES} are accepted", names.len()));
            }
            let twice = |(at, name): (usize, &String)| names[..at].contains(name);
            if names.iter().enumerate().any(twice) {
                return refuse(format!("one of the states {names:?} is there twice"));
            }
            if let Some(unknown) = last.iter().find(|name| !names.contains(name)) {
                return refuse(format!("the final state {unknown:?} is not one of {names:?}"));
            }
        }
        if let Some(Derive { factor, .. }) = &self.derive
            && !factor.is_finite()
        {
            return refuse(format!("the factor {factor} is not a finite number"));
        }
        if self.values.as_ref().is_some_and(|values| values.len() != self.labels.len()) {
            return refuse("a closed family lists the values of each of its labels".to_owned());
        }
        Ok(())
    }
}
