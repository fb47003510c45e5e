//! Families and their series: who is where, who holds it, and what is full. No cell is read here.

use std::collections::HashMap;
use std::sync::Arc;

use crate::definition::{Definition, Kind};
use crate::positions::Range;
use crate::schema::Record;

/// Label values of a series, in the order of the definition's labels.
pub(crate) type Values = Arc<[Arc<str>]>;

/// One series and the cells that are its own while anybody, a snapshot included, knows it.
#[derive(Debug)]
pub(crate) struct SeriesPlace {
    pub values: Values,
    pub range: Range,
}

/// A family with all that changes about it.
#[derive(Debug)]
pub(crate) struct Family {
    pub definition: Arc<Definition>,
    pub native: bool,
    pub enabled: bool,
    /// Series in the order of first use; shared with the snapshots that are being taken.
    pub series: Arc<Vec<Arc<SeriesPlace>>>,
    pub overflow: Option<Arc<SeriesPlace>>,
    /// How many times the overflow series was given out for want of room.
    pub overflowed: u64,
    index: HashMap<Values, Held>,
}

/// A series with the threads that hold a handle to it.
#[derive(Debug)]
struct Held {
    place: Arc<SeriesPlace>,
    tenancies: Vec<u64>,
    /// Somebody has asked for its removal; it goes when the last holder does.
    unwanted: bool,
}

/// What a snapshot needs of a family.
#[derive(Debug)]
pub(crate) struct FamilyView {
    pub definition: Arc<Definition>,
    pub native: bool,
    pub series: Arc<Vec<Arc<SeriesPlace>>>,
    pub overflow: Option<Arc<SeriesPlace>>,
}

impl FamilyView {
    /// Whether its series have cells for exemplars.
    pub(crate) fn has_exemplars(&self) -> bool {
        self.definition.exemplars && !self.native
    }

    /// Where its series are, the overflow series last.
    pub(crate) fn places(&self) -> impl Iterator<Item = u32> {
        self.series.iter().chain(&self.overflow).map(|place| place.range.position)
    }
}

impl Family {
    pub(crate) fn new(definition: Definition, native: bool) -> Family {
        Family {
            enabled: !definition.reserved,
            definition: Arc::new(definition),
            native,
            series: Arc::default(),
            overflow: None,
            overflowed: 0,
            index: HashMap::new(),
        }
    }

    /// Whether values may become a series: the right number, and for a closed family accepted.
    /// Never of a derived metric, which has those of its operands.
    pub(crate) fn accepts(&self, values: &[String]) -> bool {
        let accepted = |lists: &Vec<Vec<String>>| {
            lists.iter().zip(values).all(|(list, value)| list.contains(value))
        };
        self.definition.kind != Kind::Derived
            && values.len() == self.definition.labels.len()
            && self.definition.values.as_ref().is_none_or(accepted)
    }

    /// Whether it has as many series as it may have.
    pub(crate) fn is_full(&self) -> bool {
        self.definition.max_series.is_some_and(|most| self.series.len() >= most as usize)
    }

    /// The position of a known series, from now on held by that thread too.
    pub(crate) fn hold(&mut self, tenancy: u64, values: &Values) -> Option<u32> {
        let held = self.index.get_mut(values)?;
        held.unwanted = false;
        if !held.tenancies.contains(&tenancy) {
            held.tenancies.push(tenancy);
        }
        Some(held.place.range.position)
    }

    /// The position of a known series.
    pub(crate) fn position(&self, values: &Values) -> Option<u32> {
        self.index.get(values).map(|held| held.place.range.position)
    }

    /// A new series.
    pub(crate) fn insert(&mut self, values: Values, range: Range) -> u32 {
        let position = range.position;
        let place = Arc::new(SeriesPlace { values: Arc::clone(&values), range });
        Arc::make_mut(&mut self.series).push(Arc::clone(&place));
        self.index.insert(values, Held { place, tenancies: Vec::new(), unwanted: false });
        position
    }

    /// Ends a thread's hold. The position of the series when that was the last of the `live`
    /// threads to hold it, and it has been taken out.
    pub(crate) fn release(
        &mut self,
        values: &Values,
        tenancy: u64,
        live: impl Fn(u64) -> bool,
    ) -> Released {
        let Some(held) = self.index.get_mut(values) else {
            return Released::Unknown;
        };
        held.unwanted = true;
        held.tenancies.retain(|holder| *holder != tenancy && live(*holder));
        if !held.tenancies.is_empty() {
            return Released::StillHeld;
        }
        let position = held.place.range.position;
        self.index.remove(values);
        Arc::make_mut(&mut self.series).retain(|place| place.range.position != position);
        Released::Gone { position }
    }

    /// Whether removal of that series waits for its last holder.
    pub(crate) fn is_unwanted(&self, values: &Values) -> bool {
        self.index.get(values).is_some_and(|held| held.unwanted)
    }

    /// What the schema says of it, its series apart.
    pub(crate) fn record(&self) -> Record {
        Record::Family {
            definition: Arc::clone(&self.definition),
            native: self.native,
            overflow: self.overflow.as_ref().map(|place| place.range.position),
        }
    }

    pub(crate) fn view(&self) -> FamilyView {
        FamilyView {
            definition: Arc::clone(&self.definition),
            native: self.native,
            series: Arc::clone(&self.series),
            overflow: self.overflow.clone(),
        }
    }
}

/// What became of a series that a thread gave up.
#[derive(Debug, PartialEq)]
pub(crate) enum Released {
    /// There was no such series.
    Unknown,
    /// Another thread holds it.
    StillHeld,
    /// It is out of the output.
    Gone { position: u32 },
}

/// Every combination of a closed family's values, the last label varying fastest.
pub(crate) fn combinations(lists: &[Vec<String>]) -> Vec<Values> {
    let start: Vec<Vec<Arc<str>>> = vec![Vec::new()];
    let all = lists.iter().fold(start, |prefixes, list| {
        let extend = |prefix: &Vec<Arc<str>>, value: &String| {
            prefix.iter().cloned().chain([Arc::from(&value[..])]).collect()
        };
        prefixes
            .iter()
            .flat_map(|prefix| list.iter().map(move |value| extend(prefix, value)))
            .collect()
    });
    all.into_iter().map(Values::from).collect()
}

/// Label values as a key.
pub(crate) fn key(values: &[String]) -> Values {
    values.iter().map(|value| Arc::from(&value[..])).collect()
}
