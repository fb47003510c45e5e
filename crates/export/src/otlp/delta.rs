//! What has come since a value was acknowledged.
//!
//! A sum over threads may come out lower by its last digits when one of them has ended: nothing has
//! been added then. One that is lower by more has begun anew, and counts whole.

use nanometer_core::snapshot::{Distribution, Value};
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;

/// By which part of itself a sum may seem to have fallen: many times what a hundred threads' rounding
/// can do.
const ROUNDING: f64 = 1e-9;

/// A counter's increments. `None` where there are none.
pub(super) fn added(now: &Value, before: Option<&Value>) -> Option<Number> {
    let before = before.unwrap_or(&Value::Integer(0));
    if let (Value::Integer(now), Value::Integer(before)) = (now, before) {
        let more = now.checked_sub(*before).unwrap_or(*now);
        return (more != 0).then(|| whole(more));
    }
    let (now, before) = (now.number()?, before.number()?);
    let more = if now < before * (1.0 - ROUNDING) { now } else { now - before };
    (more > 0.0).then_some(Number::AsDouble(more))
}

/// The values of a histogram. `None` where there are none. Of smallest and largest nothing is known.
pub(super) fn recorded(now: &Distribution, before: Option<&Value>) -> Option<Distribution> {
    let mut more = match before {
        Some(Value::Histogram(before)) => less(now, before).unwrap_or_else(|| now.clone()),
        _ => now.clone(),
    };
    (more.min, more.max) = (None, None);
    (more.count() != 0).then_some(more)
}

fn less(now: &Distribution, before: &Distribution) -> Option<Distribution> {
    if now.counts.len() != before.counts.len() {
        return None;
    }
    let counts = now.counts.iter().zip(&before.counts);
    let counts = counts.map(|(now, before)| now.checked_sub(*before)).collect::<Option<_>>()?;
    // No value is below 0, so that no sum falls but by rounding.
    Some(Distribution { counts, sum: (now.sum - before.sum).max(0.0), min: None, max: None })
}

/// A number that OTLP's integers may be too small for.
pub(super) fn whole(value: u64) -> Number {
    i64::try_from(value).map_or(Number::AsDouble(value as f64), Number::AsInt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distribution(counts: &[u64], sum: f64) -> Distribution {
        Distribution { counts: counts.to_vec(), sum, min: Some(1.0), max: Some(2.0) }
    }

    #[test]
    fn only_what_was_added_counts() {
        let number = Value::Number;
        assert_eq!(added(&number(5.5), Some(&number(5.0))), Some(Number::AsDouble(0.5)));
        assert_eq!(added(&number(5.5), None), Some(Number::AsDouble(5.5)));
        assert_eq!(added(&number(5.5), Some(&number(5.5))), None);
        assert_eq!(added(&number(0.0), None), None);
        let integer = Value::Integer;
        let large = u64::MAX - 1;
        assert_eq!(added(&integer(u64::MAX), Some(&integer(large))), Some(Number::AsInt(1)));
        assert_eq!(added(&integer(7), Some(&integer(7))), None);
        assert_eq!(added(&integer(large), None), Some(Number::AsDouble(large as f64)));
    }

    #[test]
    fn a_sum_that_has_fallen_has_begun_anew_unless_it_was_rounded() {
        let (before, rounded) = (0.1 + 0.2, 0.3);
        assert!(rounded < before);
        assert_eq!(added(&Value::Number(rounded), Some(&Value::Number(before))), None);
        let anew = added(&Value::Number(2.0), Some(&Value::Number(3.0)));
        assert_eq!(anew, Some(Number::AsDouble(2.0)));
        let anew = added(&Value::Integer(2), Some(&Value::Integer(3)));
        assert_eq!(anew, Some(Number::AsInt(2)));
        let (now, before) = (distribution(&[4, 1], 9.0), distribution(&[3, 2], 1.0));
        let more = recorded(&now, Some(&Value::Histogram(before))).unwrap();
        assert_eq!((more.counts, more.sum), (vec![4, 1], 9.0));
    }

    #[test]
    fn a_histogram_is_less_what_was_acknowledged() {
        let before = Value::Histogram(distribution(&[1, 2], 4.0));
        let more = recorded(&distribution(&[1, 5], 10.0), Some(&before)).unwrap();
        assert_eq!(more, Distribution { counts: vec![0, 3], sum: 6.0, min: None, max: None });
        assert_eq!(recorded(&distribution(&[1, 2], 4.0), Some(&before)), None);
        let rounded = recorded(&distribution(&[2, 2], 3.9), Some(&before)).unwrap();
        assert_eq!((rounded.count(), rounded.sum), (1, 0.0));
    }
}
