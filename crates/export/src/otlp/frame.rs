//! From when to when a value is told, and what it counts from.

use std::borrow::Cow;
use std::sync::Arc;

use nanometer_core::Definition;
use nanometer_core::snapshot::{Distribution, Series, Value};
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;

use super::baseline::Baseline;
use super::delta::{added, recorded, whole};

/// What the values of counters and histograms are counted from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Since<'a> {
    /// The opening of the meter.
    Opened,
    /// What has been acknowledged.
    Acknowledged(&'a Baseline),
}

/// From when to when, Unix nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    pub since: Since<'a>,
    pub opened_ns: u64,
    pub end_ns: u64,
}

/// What came to a series in its window.
#[derive(Debug)]
pub(super) struct Told<T> {
    /// Where the window begins, Unix nanoseconds.
    pub start_ns: u64,
    /// Exemplars up to then are told already, Unix nanoseconds.
    pub told_ns: u64,
    pub value: T,
}

/// What was recorded into a histogram.
pub(super) type Recorded<'a> = Told<Cow<'a, Distribution>>;

/// What a value counts from.
enum Before<'a> {
    Opened,
    /// What has been acknowledged, where anything has.
    Acknowledged(Option<&'a Value>),
}

impl<'a> Frame<'a> {
    /// Of a counter; `None` where nothing has been added since the last window.
    pub(super) fn counter(
        &self,
        definition: &Arc<Definition>,
        series: &Series,
    ) -> Option<Told<Number>> {
        let Told { start_ns, told_ns, value: before } = self.beginning(definition, series);
        let value = match before {
            Before::Opened => number_of(&series.value)?,
            Before::Acknowledged(before) => added(&series.value, before)?,
        };
        Some(Told { start_ns, told_ns, value })
    }

    /// Of a histogram; `None` where nothing has been recorded since the last window.
    pub(super) fn histogram<'s>(
        &self,
        definition: &Arc<Definition>,
        series: &'s Series,
    ) -> Option<Recorded<'s>> {
        let Value::Histogram(now) = &series.value else { return None };
        let Told { start_ns, told_ns, value: before } = self.beginning(definition, series);
        let value = match before {
            Before::Opened => Cow::Borrowed(now),
            Before::Acknowledged(before) => Cow::Owned(recorded(now, before)?),
        };
        Some(Told { start_ns, told_ns, value })
    }

    fn beginning(&self, definition: &Arc<Definition>, series: &Series) -> Told<Before<'a>> {
        match self.since {
            Since::Opened => Told { start_ns: self.opened_ns, told_ns: 0, value: Before::Opened },
            Since::Acknowledged(baseline) => {
                let known = baseline.of(definition, &series.labels);
                let start_ns = baseline.start_ns(known, self.opened_ns);
                let value = Before::Acknowledged(known.map(|known| &known.value));
                Told { start_ns, told_ns: start_ns, value }
            }
        }
    }
}

/// What is no number is not told.
pub(super) fn number_of(value: &Value) -> Option<Number> {
    match value {
        Value::Integer(value) => Some(whole(*value)),
        value => value.number().filter(|value| !value.is_nan()).map(Number::AsDouble),
    }
}
