//! What has come since a value was acknowledged.
//!
//! A series never begins anew: one that was removed and added again is another one. A sum over
//! threads may come out lower by its last digits when one of them has ended: then nothing is told
//! until it is higher again.

use nanometer_core::snapshot::{Distribution, Value};
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;

/// A counter's increments. `None` where there are none.
pub(super) fn added(now: &Value, before: Option<&Value>) -> Option<Number> {
    let before = before.unwrap_or(&Value::Integer(0));
    if let (Value::Integer(now), Value::Integer(before)) = (now, before) {
        return Some(now.saturating_sub(*before)).filter(|more| *more != 0).map(whole);
    }
    let more = now.number()? - before.number()?;
    (more > 0.0).then_some(Number::AsDouble(more))
}

/// The values of a histogram. `None` where there are none. Of smallest and largest nothing is known.
pub(super) fn recorded(now: &Distribution, before: Option<&Value>) -> Option<Distribution> {
    let (counts, sum) = match before {
        Some(Value::Histogram(before)) => {
            let counts = now.counts.iter().zip(&before.counts);
            let counts = counts.map(|(now, before)| now.checked_sub(*before));
            // No value is below 0: only rounding lets a sum fall.
            (counts.collect::<Option<_>>()?, (now.sum - before.sum).max(0.0))
        }
        _ => (now.counts.clone(), now.sum),
    };
    let more = Distribution { counts, sum, min: None, max: None };
    (more.count() != 0).then_some(more)
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
    fn of_what_has_fallen_nothing_is_told() {
        let (before, rounded) = (0.1 + 0.2, 0.3);
        assert!(rounded < before);
        assert_eq!(added(&Value::Number(rounded), Some(&Value::Number(before))), None);
        assert_eq!(added(&Value::Integer(2), Some(&Value::Integer(3))), None);
        let before = Value::Histogram(distribution(&[3, 2], 1.0));
        assert_eq!(recorded(&distribution(&[4, 1], 9.0), Some(&before)), None);
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
