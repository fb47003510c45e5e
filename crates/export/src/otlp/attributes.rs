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
