//! The way to the native lane: handles for Rust code.

use super::Meter;
use crate::definition::{Aggregate, Definition, Kind};
use crate::error::DefineError;
use crate::family::key;
use crate::native::{Counter, Gauge, Histogram, Place};

impl Meter {
    /// A counter in the native lane, unlabelled.
    ///
    /// # Errors
    ///
    /// See [`DefineError`]; the kind of the definition must be counter.
    pub fn counter(&self, definition: &Definition) -> Result<Counter, DefineError> {
        self.native_place(definition, Kind::Counter).map(Counter)
    }

    /// A gauge in the native lane, unlabelled. How lanes are merged does not matter: it has one.
    ///
    /// # Errors
    ///
    /// See [`DefineError`]; the kind of the definition must be gauge.
    pub fn gauge(&self, definition: &Definition) -> Result<Gauge, DefineError> {
        self.native_place(definition, Kind::Gauge).map(Gauge)
    }

    /// A histogram in the native lane, unlabelled.
    ///
    /// # Errors
    ///
    /// See [`DefineError`]; the kind of the definition must be histogram.
    pub fn histogram(&self, definition: &Definition) -> Result<Histogram, DefineError> {
        let place = self.native_place(definition, Kind::Histogram)?;
        let bounds = definition.buckets.as_ref().map(|buckets| &buckets.bounds[..]);
        Ok(Histogram { place, bounds: bounds.unwrap_or_default().into() })
    }

    /// A counter in the native lane with one label, one handle for each of its values.
    pub(crate) fn counters<const N: usize>(
        &self,
        definition: Definition,
        values: [&str; N],
    ) -> Result<[Counter; N], DefineError> {
        let values = values.map(str::to_owned);
        let definition = Definition { values: Some(vec![values.to_vec()]), ..definition };
        let name = definition.name.clone();
        let family = self.define_in(definition, true)?.family;
        let state = self.lock();
        let places = values.map(|value| {
            let position = state.families[family as usize].position(&key(&[value]))?;
            Place::new(&self.native_lane, position)
        });
        let counters: Vec<Counter> = places.into_iter().flatten().map(Counter).collect();
        let missing = |_| DefineError::Invalid { name, what: "a series is missing".to_owned() };
        counters.try_into().map_err(missing)
    }

    fn native_place(&self, definition: &Definition, kind: Kind) -> Result<Place, DefineError> {
        let refuse = |what: &str| {
            Err(DefineError::Invalid { name: definition.name.clone(), what: what.to_owned() })
        };
        if definition.kind != kind {
            return refuse("its kind is not that of the handle asked for");
        }
        if definition.aggregate == Some(Aggregate::Elapsed) {
            return refuse("native metrics do not run");
        }
        if !definition.labels.is_empty() {
            return refuse("native metrics have no labels");
        }
        let position = self.define_in(definition.clone(), true)?.position;
        Place::new(&self.native_lane, position).map_or_else(|| refuse("its block is missing"), Ok)
    }
}
