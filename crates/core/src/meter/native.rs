//! The way to the native lane: handles for Rust code.

use super::Meter;
use crate::definition::{Aggregate, Definition, Kind};
use crate::error::DefineError;
use crate::native::{Counter, Gauge, Histogram, Place};

impl Meter {
    /// A counter in the native lane, unlabelled.
    ///
    /// # Errors
    ///
    /// See [`DefineError`]; the kind of the definition must be counter.
    pub fn counter(&self, definition: &Definition) -> Result<Counter, DefineError> {
        self.counter_of(definition, &[])
    }

    /// A gauge in the native lane, unlabelled. How lanes are merged does not matter: it has one.
    ///
    /// # Errors
    ///
    /// See [`DefineError`]; the kind of the definition must be gauge.
    pub fn gauge(&self, definition: &Definition) -> Result<Gauge, DefineError> {
        self.gauge_of(definition, &[])
    }

    /// A histogram in the native lane, unlabelled.
    ///
    /// # Errors
    ///
    /// See [`DefineError`]; the kind of the definition must be histogram.
    pub fn histogram(&self, definition: &Definition) -> Result<Histogram, DefineError> {
        self.histogram_of(definition, &[])
    }

    /// The series of a counter in the native lane that has these label values, made at first use;
    /// past the family's bound it is the overflow series.
    ///
    /// # Errors
    ///
    /// See [`DefineError`]; the kind of the definition must be counter, and there must be a value
    /// for each of its labels.
    pub fn counter_of(
        &self,
        definition: &Definition,
        values: &[&str],
    ) -> Result<Counter, DefineError> {
        self.native_place(definition, Kind::Counter, values).map(Counter)
    }

    /// As [`Meter::counter_of`], of a gauge.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn gauge_of(&self, definition: &Definition, values: &[&str]) -> Result<Gauge, DefineError> {
        self.native_place(definition, Kind::Gauge, values).map(Gauge)
    }

    /// As [`Meter::counter_of`], of a histogram.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn histogram_of(
        &self,
        definition: &Definition,
        values: &[&str],
    ) -> Result<Histogram, DefineError> {
        let place = self.native_place(definition, Kind::Histogram, values)?;
        let bounds = definition.buckets.as_ref().map(|buckets| &buckets.bounds[..]);
        Ok(Histogram { place, bounds: bounds.unwrap_or_default().into() })
    }

    fn native_place(
        &self,
        definition: &Definition,
        kind: Kind,
        values: &[&str],
    ) -> Result<Place, DefineError> {
        let refuse = |what: &str| {
            Err(DefineError::Invalid { name: definition.name.clone(), what: what.to_owned() })
        };
        if definition.kind != kind {
            return refuse("its kind is not that of the handle asked for");
        }
        if definition.aggregate == Some(Aggregate::Elapsed) {
            return refuse("native metrics do not run");
        }
        if definition.labels.len() != values.len() {
            return refuse("its labels are not those of the values given");
        }
        let placement = self.define_in(definition.clone(), true)?;
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        let position = match values.is_empty() {
            true => placement.position,
            false => self.series_of(placement.family, &values).unwrap_or(placement.position),
        };
        Place::new(&self.native_lane, position).map_or_else(|| refuse("its block is missing"), Ok)
    }
}
