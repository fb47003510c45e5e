//! OTLP's JSON, of everything that can be in it: the mapping, and that it says what protobuf says.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest as Metrics;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::metrics::v1::exemplar::Value as ExemplarValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogramDataPoint, HistogramDataPoint,
};
use proptest::prelude::*;
use prost::Message;
use serde_json::Value as Json;

use nanometer_core::snapshot::Value;

use super::Encoding;
use super::attributes::attribute;
use super::json::to_json;
use super::test_snapshot::{any_snapshot, counter, encode, snapshot};

fn written(message: &impl serde::Serialize) -> String {
    String::from_utf8(to_json(message, 0).unwrap()).unwrap()
}

/// What is not OTLP's mapping.
fn faults(key: &str, value: &Json) -> Vec<String> {
    let is_hex = |text: &str| text.bytes().all(|byte| b"0123456789abcdef".contains(&byte));
    let is_id = |digits| value.as_str().is_some_and(|id| id.len() == digits && is_hex(id));
    let is_digits = |value: &Json| {
        let digits = value.as_str().unwrap_or_default().trim_start_matches('-');
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let special = ["NaN", "Infinity", "-Infinity"];
    let is_double = |value: &Json| {
        value.is_number() || value.as_str().is_some_and(|one| special.contains(&one))
    };
    let all = |is: &dyn Fn(&Json) -> bool| value.as_array().is_some_and(|all| all.iter().all(is));
    let is_right = match key {
        "traceId" => is_id(32),
        "spanId" => is_id(16),
        "parentSpanId" => value == "" || is_id(16),
        "count" | "zeroCount" | "asInt" | "intValue" => is_digits(value),
        key if key.ends_with("UnixNano") => is_digits(value),
        "bucketCounts" => all(&is_digits),
        "explicitBounds" => all(&is_double),
        "aggregationTemporality" | "kind" | "code" | "flags" | "scale" | "offset" => value.is_i64(),
        "asDouble" | "doubleValue" | "min" | "max" | "zeroThreshold" => is_double(value),
        // Of a metric, or of a histogram.
        "sum" => value.is_object() || is_double(value),
        "boolValue" | "isMonotonic" => value.is_boolean(),
        "stringValue" | "name" | "key" | "description" | "unit" | "schemaUrl" => value.is_string(),
        _ => !value.is_null() && key.bytes().all(|byte| byte.is_ascii_alphanumeric()),
    };
    let mut found = Vec::new();
    if !is_right {
        found.push(format!("{key}: {value}"));
    }
    match value {
        Json::Object(object) => found.extend(object.iter().flat_map(|(key, one)| faults(key, one))),
        Json::Array(array) => found.extend(array.iter().flat_map(|one| faults("", one))),
        _ => (),
    }
    found
}

proptest! {
    #[test]
    fn any_snapshot_is_the_same_in_json_and_in_protobuf(snapshot in any_snapshot()) {
        let json = encode(&snapshot, Encoding::Json);
        let proto = encode(&snapshot, Encoding::Protobuf);
        prop_assert_eq!(json.items(), proto.items());
        prop_assert_eq!(json.payloads.len(), proto.payloads.len());
        for (json, proto) in json.payloads.iter().zip(&proto.payloads) {
            let body = std::str::from_utf8(&json.body)?;
            prop_assert!(!body.contains('\n'));
            let tree: Json = serde_json::from_str(body)?;
            prop_assert_eq!(faults("", &tree), Vec::<String>::new());
            // The official types do not read the numbers that they do not write.
            if !body.contains("\"Infinity\"") && !body.contains("\"-Infinity\"") {
                let read: Metrics = serde_json::from_str(body)?;
                prop_assert_eq!(read, Metrics::decode(&proto.body[..])?);
            }
        }
    }
}

#[test]
fn a_request_reads_as_the_specification_shows_it() {
    let jobs = counter("jobs.done", Value::Integer(9_007_199_254_740_993));
    let encoded = encode(&snapshot(1.5, vec![jobs]), Encoding::Json);
    assert_eq!(encoded.payloads[0].items, 1);
    let version = env!("CARGO_PKG_VERSION");
    let expected = r#"{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"worker"}},{"key":"process.pid","value":{"intValue":"7"}}],"droppedAttributesCount":0,"entityRefs":[]},"scopeMetrics":[{"scope":{"name":"nanometer","version":"VERSION","attributes":[],"droppedAttributesCount":0},"metrics":[{"name":"jobs.done","description":"Jobs.","unit":"{job}","metadata":[],"sum":{"dataPoints":[{"attributes":[],"startTimeUnixNano":"1700000000000000000","timeUnixNano":"1700000001500000000","exemplars":[],"flags":0,"asInt":"9007199254740993"}],"aggregationTemporality":2,"isMonotonic":true}}],"schemaUrl":""}],"schemaUrl":""}]}"#;
    let body = std::str::from_utf8(&encoded.payloads[0].body).unwrap();
    assert_eq!(body, expected.replace("VERSION", version));
}

#[test]
fn what_is_not_there_is_left_out_and_not_null() {
    let json = written(&HistogramDataPoint::default());
    assert!(!json.contains("null"), "{json}");
    assert!(!json.contains("min") && !json.contains("sum"), "{json}");
    let json = written(&ExponentialHistogramDataPoint { min: Some(0.0), ..Default::default() });
    assert!(json.contains(r#","flags":0,"exemplars":[],"min":0.0,"zeroThreshold":0.0}"#), "{json}");
}

#[test]
fn numbers_that_are_not_finite_are_words() {
    let numbers = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e300, -0.5];
    let expected = ["\"Infinity\"", "\"-Infinity\"", "\"NaN\"", "1e+300", "-0.5"];
    for (number, expected) in numbers.into_iter().zip(expected) {
        let value = Some(ExemplarValue::AsDouble(number));
        let json = written(&Exemplar { value, ..Exemplar::default() });
        assert!(json.ends_with(&format!(r#""asDouble":{expected}}}"#)), "{json}");
        let json = written(&attribute("a", Any::DoubleValue(number)));
        assert_eq!(json, format!(r#"{{"key":"a","value":{{"doubleValue":{expected}}}}}"#));
    }
    let bounds = HistogramDataPoint { explicit_bounds: numbers.to_vec(), ..Default::default() };
    assert!(written(&bounds).contains(&format!("[{}]", expected.join(","))));
}

#[test]
fn texts_are_json_whatever_they_are() {
    let text = "\u{0}\"\\\n\u{2028}\u{1F980}é\u{7f}";
    let json = written(&attribute(text, Any::StringValue(text.to_owned())));
    let read: Json = serde_json::from_str(&json).unwrap();
    assert_eq!((&read["key"], &read["value"]["stringValue"]), (&text.into(), &text.into()));
    let none = Data::Gauge(Default::default());
    assert_eq!(written(&none), r#"{"gauge":{"dataPoints":[]}}"#);
}
