//! Attributes: of the resource, of series, of spans.

use nanometer_core::Definition;
use nanometer_core::snapshot::{Labels, Series};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use serde_json::{Map, Number, Value as Json};

/// The attribute of a family's overflow series; it is true.
const OVERFLOW: &str = "otel.metric.overflow";

/// What a series' label is called where a metric has the name for itself: `exported_` before it.
const EXPORTED: &str = "exported_";

/// Resource attributes that are numbers by OpenTelemetry's conventions.
const WHOLE: [&str; 2] = ["process.pid", "process.parent_pid"];

/// Integers up to this are floats, and floats of that size without a fraction are meant as
/// integers: 2^53.
const EXACT_INTEGERS: f64 = 9_007_199_254_740_992.0;

pub(super) fn attribute(key: impl Into<String>, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), key_strindex: 0 }
}

fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.to_owned()))
}

/// Who speaks. Of two attributes of the same name the last one counts.
pub(super) fn resource_of(attributes: &[(String, String)]) -> Resource {
    let is_last = |at: usize, key: &str| attributes[at + 1..].iter().all(|(other, _)| other != key);
    let one = |(at, (key, value)): (usize, &(String, String))| {
        let whole = value.parse().ok().filter(|_| WHOLE.contains(&&key[..]));
        let one =
            whole.map_or_else(|| text(key, value), |n| attribute(&key[..], Value::IntValue(n)));
        is_last(at, key).then_some(one)
    };
    let attributes = attributes.iter().enumerate().filter_map(one).collect();
    Resource { attributes, ..Resource::default() }
}

/// The scope of all that nanometer records.
pub(super) fn scope() -> InstrumentationScope {
    InstrumentationScope {
        name: "nanometer".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    }
}

/// The labels of a series.
///
/// `taken`: an attribute that the metric has for itself.
pub(super) fn labels_of(
    definition: &Definition,
    series: &Series,
    taken: Option<&str>,
) -> Vec<KeyValue> {
    let Labels::Values(values) = &series.labels else {
        return vec![attribute(OVERFLOW, Value::BoolValue(true))];
    };
    let name = |label: &String| match taken {
        Some(taken) if taken == label => format!("{EXPORTED}{label}"),
        _ => label.clone(),
    };
    let labels = definition.labels.iter().zip(&**values);
    labels
        .map(|(label, value)| attribute(name(label), Value::StringValue((**value).into())))
        .collect()
}

/// The attribute that says which state a data point is about: called like the metric.
pub(super) fn state_of(name: &str, state: &str) -> KeyValue {
    text(name, state)
}

/// What was said of a span. JSON has no more than strings, numbers and booleans there.
pub(super) fn said_of(attributes: &Map<String, Json>) -> Vec<KeyValue> {
    attributes.iter().filter_map(|(key, value)| Some(attribute(&key[..], typed(value)?))).collect()
}

fn typed(value: &Json) -> Option<Value> {
    match value {
        Json::String(text) => Some(Value::StringValue(text.clone())),
        Json::Bool(is) => Some(Value::BoolValue(*is)),
        Json::Number(number) => Some(typed_number(number)),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// JavaScript has one kind of number: what has no fraction is an integer, as OpenTelemetry's SDK
/// for it has it.
fn typed_number(number: &Number) -> Value {
    let float = number.as_f64().unwrap_or_default();
    match number.as_i64() {
        Some(whole) => Value::IntValue(whole),
        None if float.fract() == 0.0 && float.abs() <= EXACT_INTEGERS => {
            Value::IntValue(float as i64)
        }
        None => Value::DoubleValue(float),
    }
}

#[cfg(test)]
mod tests {
    use nanometer_core::Kind;
    use nanometer_core::snapshot::Value as Recorded;
    use serde_json::json;

    use super::super::test_snapshot::labels;
    use super::*;

    fn plain(attributes: Vec<KeyValue>) -> Vec<(String, Value)> {
        let value = |one: KeyValue| (one.key, one.value.and_then(|any| any.value).unwrap());
        attributes.into_iter().map(value).collect()
    }

    fn text(key: &str, value: &str) -> (String, Value) {
        (key.to_owned(), Value::StringValue(value.to_owned()))
    }

    #[test]
    fn a_resource_says_each_attribute_once_and_numbers_as_numbers() {
        let given = [("a", "1"), ("process.pid", "42"), ("process.parent_pid", "x"), ("a", "2")];
        let given = given.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let pid = ("process.pid".to_owned(), Value::IntValue(42));
        let expected = [pid, text("process.parent_pid", "x"), text("a", "2")];
        assert_eq!(plain(resource_of(&given).attributes), expected);
    }

    #[test]
    fn a_series_has_its_labels_or_is_the_overflow() {
        let labelled = |name: &str| Definition {
            labels: vec!["a".to_owned(), "b".to_owned()],
            ..Definition::new(name, Kind::Counter, "", "")
        };
        let series = Series::new(labels(&["x", ""]), Recorded::Integer(1));
        let found = plain(labels_of(&labelled("n"), &series, None));
        assert_eq!(found, [text("a", "x"), text("b", "")]);
        let found = plain(labels_of(&labelled("b"), &series, Some("b")));
        assert_eq!(found, [text("a", "x"), text("exported_b", "")]);
        let overflow = Series::new(Labels::Overflow, Recorded::Integer(1));
        let expected = (OVERFLOW.to_owned(), Value::BoolValue(true));
        assert_eq!(plain(labels_of(&labelled("n"), &overflow, None)), [expected]);
    }

    #[test]
    fn what_is_said_of_a_span_keeps_its_type() {
        let said = json!({
            "text": "t", "flag": false, "whole": 4.0, "part": 0.5, "below": -3, "large": 1e300,
            "beyond": u64::MAX, "list": [1], "none": null,
        });
        let Json::Object(said) = said else { panic!("an object") };
        let of = |key: &str, value| (key.to_owned(), value);
        let expected = [
            text("text", "t"),
            of("flag", Value::BoolValue(false)),
            of("whole", Value::IntValue(4)),
            of("part", Value::DoubleValue(0.5)),
            of("below", Value::IntValue(-3)),
            of("large", Value::DoubleValue(1e300)),
            of("beyond", Value::DoubleValue(u64::MAX as f64)),
        ];
        assert_eq!(plain(said_of(&said)), expected);
    }
}
