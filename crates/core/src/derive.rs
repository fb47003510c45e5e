//! Derived metrics: quotients of two others, computed from a snapshot when all else is read.

use std::collections::HashMap;

use crate::definition::{Definition, Derive, Kind};
use crate::snapshot::{Labels, Metric, Series, Value};

impl Derive {
    fn value(&self, numerator: f64, denominator: f64) -> f64 {
        if denominator == 0.0 { 0.0 } else { self.factor * numerator / denominator }
    }
}

/// Why `operand` cannot be one of `derived`, if it cannot.
pub(crate) fn refusal(derived: &Definition, operand: &Definition) -> Option<String> {
    if !matches!(operand.kind, Kind::Counter | Kind::Gauge) {
        return Some(format!(
            "'{}' cannot be derived from: only counters and gauges can",
            operand.name
        ));
    }
    (operand.labels != derived.labels).then(|| {
        format!(
            "'{}' has the labels {:?} and it has {:?}; they must be the same, in the same order",
            operand.name, operand.labels, derived.labels
        )
    })
}

/// Gives every derived metric its series: those of its numerator, each with the denominator's of
/// equal labels. None where one of the two is not among the metrics, or does not fit.
pub(crate) fn compute(metrics: &mut [Metric]) {
    for index in 0..metrics.len() {
        let series = match &metrics[index].definition.derive {
            Some(derive) => quotients(metrics, &metrics[index].definition, derive),
            None => continue,
        };
        metrics[index].series = series;
    }
}

fn quotients(metrics: &[Metric], definition: &Definition, derive: &Derive) -> Vec<Series> {
    let operand = |name: &str| {
        let named = metrics.iter().find(|metric| metric.definition.name == name);
        named.filter(|metric| refusal(definition, &metric.definition).is_none())
    };
    let (Some(numerator), Some(denominator)) =
        (operand(&derive.numerator), operand(&derive.denominator))
    else {
        return Vec::new();
    };
    let number = |series: &Series| series.value.number().unwrap_or(0.0);
    let below: HashMap<&Labels, f64> =
        denominator.series.iter().map(|series| (&series.labels, number(series))).collect();
    let quotient = |series: &Series| {
        let below = below.get(&series.labels).copied().unwrap_or(0.0);
        let value = Value::Number(derive.value(number(series), below));
        Series::new(series.labels.clone(), value)
    };
    numerator.series.iter().map(quotient).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn metric(name: &str, kind: Kind, series: &[(&str, Value)]) -> Metric {
        let mut definition = Definition::new(name, kind, "", "");
        definition.labels = vec!["id".to_owned()];
        let series = series.iter().map(|(id, value)| {
            let labels = match *id {
                "" => Labels::Overflow,
                id => Labels::Values([Arc::from(id)].into()),
            };
            Series::new(labels, value.clone())
        });
        Metric { series: series.collect(), definition: Arc::new(definition) }
    }

    fn derived(numerator: &str, denominator: &str, factor: f64) -> Metric {
        let mut metric = metric("d", Kind::Derived, &[]);
        let definition = Arc::make_mut(&mut metric.definition);
        let (numerator, denominator) = (numerator.to_owned(), denominator.to_owned());
        definition.derive = Some(Derive { numerator, denominator, factor });
        metric
    }

    fn values(metric: &Metric) -> Vec<(String, Option<f64>)> {
        let id = |series: &Series| match &series.labels {
            Labels::Values(values) => values[0].to_string(),
            Labels::Overflow => String::new(),
        };
        metric.series.iter().map(|series| (id(series), series.value.number())).collect()
    }

    #[test]
    fn series_are_joined_by_their_labels_wherever_they_stand() {
        let mut metrics = [
            derived("above", "below", 1e9),
            metric("below", Kind::Gauge, &[("b", Value::Number(4e9)), ("a", Value::Number(2e9))]),
            metric(
                "above",
                Kind::Counter,
                &[("a", Value::Integer(6)), ("b", Value::Number(6.0)), ("c", Value::Number(9.0))],
            ),
        ];
        compute(&mut metrics);
        let expected = [("a", 3.0), ("b", 1.5), ("c", 0.0)];
        let expected = expected.map(|(id, value)| (id.to_owned(), Some(value)));
        assert_eq!(values(&metrics[0]), expected);
    }

    #[test]
    fn nothing_is_divided_by_zero_and_overflow_meets_overflow() {
        let mut metrics = [
            metric("above", Kind::Counter, &[("a", Value::Number(6.0)), ("", Value::Number(5.0))]),
            metric("below", Kind::Counter, &[("a", Value::Number(0.0)), ("", Value::Number(2.0))]),
            derived("above", "below", 1.0),
        ];
        compute(&mut metrics);
        let expected = [("a".to_owned(), Some(0.0)), (String::new(), Some(2.5))];
        assert_eq!(values(&metrics[2]), expected);
    }

    #[test]
    fn without_both_operands_there_are_no_series() {
        let above = metric("above", Kind::Counter, &[("a", Value::Number(6.0))]);
        for (numerator, denominator) in [("above", "none"), ("none", "above")] {
            let mut metrics = [above.clone(), derived(numerator, denominator, 1.0)];
            compute(&mut metrics);
            assert_eq!(metrics[1].series.len(), 0);
        }
        let mut other = metric("below", Kind::Counter, &[("a", Value::Number(6.0))]);
        Arc::make_mut(&mut other.definition).labels = vec!["key".to_owned()];
        let mut metrics = [above, other, derived("above", "below", 1.0)];
        compute(&mut metrics);
        assert_eq!(metrics[2].series.len(), 0, "its labels have other names");
    }
}
