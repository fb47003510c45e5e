//! Attributes: of the resource, by the official types, and of what there is much of, written.

use nanometer_core::{Said, Scalar};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use serde_json::Number;

use super::backwards::Backwards;

// The fields of an attribute, and of its value.
pub(super) const KEY: u32 = 1;
pub(super) const VALUE: u32 = 2;
pub(super) const STRING: u32 = 1;
const BOOL: u32 = 2;
const INTEGER: u32 = 3;
const DOUBLE: u32 = 4;

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

/// A text, in that field.
pub(super) fn write_text(out: &mut Backwards, field: u32, key: &str, text: &str) {
    write(out, field, key, |out| out.bytes(STRING, text.as_bytes()));
}

/// A boolean, in that field.
pub(super) fn write_bool(out: &mut Backwards, field: u32, key: &str, is: bool) {
    write(out, field, key, |out| out.integer(BOOL, is.into()));
}

fn write(out: &mut Backwards, field: u32, key: &str, value: impl FnOnce(&mut Backwards)) {
    out.message(field, |out| {
        out.message(VALUE, value);
        out.text_unless_empty(KEY, key);
    });
}

/// What was said of a span, in that field.
pub(super) fn write_said(out: &mut Backwards, field: u32, said: &Said<'_>) {
    for (key, value) in said.iter().rev() {
        match value {
            Scalar::Text(text) => write_text(out, field, key, text),
            Scalar::Bool(is) => write_bool(out, field, key, *is),
            Scalar::Number(number) => write_number(out, field, key, number),
        }
    }
}

/// JavaScript has one kind of number: what has no fraction is an integer, as OpenTelemetry's SDK
/// for it has it.
fn write_number(out: &mut Backwards, field: u32, key: &str, number: &Number) {
    let float = number.as_f64().unwrap_or_default();
    let is_whole = float.fract() == 0.0 && float.abs() <= EXACT_INTEGERS;
    let whole = number.as_i64().or_else(|| is_whole.then_some(float as i64));
    write(out, field, key, |out| match whole {
        Some(whole) => out.integer(INTEGER, whole as u64),
        None => out.double(DOUBLE, float),
    });
}

#[cfg(test)]
mod tests {
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
}
