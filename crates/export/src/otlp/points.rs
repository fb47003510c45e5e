//! Data points, each written from its last field to its first.

use nanometer_core::Buckets;
use nanometer_core::snapshot::{Distribution, Series};
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;

use super::attributes::write_text;
use super::backwards::Backwards;
use super::exemplars::write_exemplars;
use super::exponential::Exponential;
use super::frame::{Recorded, Told};
use super::labels::LabelKeys;

/// The data points of a metric's data, whatever its kind.
const DATA_POINT: u32 = 1;

// Of all kinds of data points.
const START: u32 = 2;
const TIME: u32 = 3;
// Of those that are a number.
const AS_DOUBLE: u32 = 4;
const NUMBER_EXEMPLARS: u32 = 5;
const AS_INT: u32 = 6;
const NUMBER_ATTRIBUTES: u32 = 7;
// Of both kinds of histograms.
const COUNT: u32 = 4;
const SUM: u32 = 5;

/// A series that is written, whatever its value is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point<'a> {
    pub keys: &'a LabelKeys,
    pub series: &'a Series,
    /// Unix nanoseconds.
    pub end_ns: u64,
}

impl Point<'_> {
    /// Of a counter.
    pub(super) fn counter(&self, out: &mut Backwards, told: &Told<Number>) {
        out.message(DATA_POINT, |out| {
            self.keys.write(out, NUMBER_ATTRIBUTES, self.series);
            write_exemplars(out, NUMBER_EXEMPLARS, self.series, told.told_ns);
            self.number(out, told.value, told.start_ns);
        });
    }

    /// Of a gauge: of what is, and not of what happened.
    ///
    /// `start_ns`: since when it has been added up; 0 where it is not
    pub(super) fn gauge(&self, out: &mut Backwards, value: Number, start_ns: u64) {
        out.message(DATA_POINT, |out| {
            self.keys.write(out, NUMBER_ATTRIBUTES, self.series);
            self.number(out, value, start_ns);
        });
    }

    /// Of one of the states of a metric of that name: 1 where the series is in it.
    pub(super) fn state(&self, out: &mut Backwards, name: &str, state: &str, is_in: bool) {
        out.message(DATA_POINT, |out| {
            write_text(out, NUMBER_ATTRIBUTES, name, state);
            self.keys.write(out, NUMBER_ATTRIBUTES, self.series);
            self.number(out, Number::AsInt(is_in.into()), 0);
        });
    }

    /// Of a histogram with explicit bounds.
    ///
    /// `bounds`: the field that all of its data points have, encoded
    pub(super) fn histogram(&self, out: &mut Backwards, told: &Recorded<'_>, bounds: &[u8]) {
        out.message(DATA_POINT, |out| {
            ends(out, 11, &told.value);
            self.keys.write(out, 9, self.series);
            write_exemplars(out, 8, self.series, told.told_ns);
            out.raw(bounds);
            out.fixed64s(6, &told.value.counts);
            self.distribution(out, told);
        });
    }

    /// As [`Point::histogram`], with exponential buckets of that scale.
    pub(super) fn exponential(
        &self,
        out: &mut Backwards,
        told: &Recorded<'_>,
        buckets: &Buckets,
        scale: i32,
    ) {
        let exponential = Exponential::of(buckets, scale, &told.value.counts);
        let Exponential { scale, zero_count, zero_threshold, positive } = exponential;
        out.message(DATA_POINT, |out| {
            out.double(14, zero_threshold);
            ends(out, 12, &told.value);
            write_exemplars(out, 11, self.series, told.told_ns);
            out.message(8, |out| {
                out.integers(2, &positive.bucket_counts);
                out.signed_unless_0(1, positive.offset);
            });
            out.fixed64_unless_0(7, zero_count);
            out.signed_unless_0(6, scale);
            self.distribution(out, told);
            self.keys.write(out, 1, self.series);
        });
    }

    fn number(&self, out: &mut Backwards, value: Number, start_ns: u64) {
        match value {
            Number::AsDouble(value) => out.double(AS_DOUBLE, value),
            Number::AsInt(value) => out.fixed64(AS_INT, value as u64),
        }
        self.times(out, start_ns);
    }

    fn distribution(&self, out: &mut Backwards, Told { start_ns, value, .. }: &Recorded<'_>) {
        out.double(SUM, value.sum);
        out.fixed64_unless_0(COUNT, value.count());
        self.times(out, *start_ns);
    }

    fn times(&self, out: &mut Backwards, start_ns: u64) {
        out.fixed64_unless_0(TIME, self.end_ns);
        out.fixed64_unless_0(START, start_ns);
    }
}

/// The smallest and the largest value, in that field and the next, where they are known.
fn ends(out: &mut Backwards, field: u32, value: &Distribution) {
    if let Some(max) = value.max {
        out.double(field + 1, max);
    }
    if let Some(min) = value.min {
        out.double(field, min);
    }
}
