//! What tests hold our writing of spans to: the same spans by the official types.

use nanometer_core::{SpanData, SpanEventData, SpanKind, SpanStatus};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::span::{Event, SpanKind as ProtoKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span, SpanFlags, Status};
use serde_json::{Map, Number, Value as Json};

use super::attributes::attribute;
use super::time::unix_ns;

/// Integers up to this are floats, and floats of that size without a fraction are meant as
/// integers: 2^53.
const EXACT_INTEGERS: f64 = 9_007_199_254_740_992.0;

/// A span.
pub(super) fn span_of(span: &SpanData) -> Span {
    let start_ns = unix_ns(span.start_ms);
    Span {
        trace_id: span.trace_id.to_bytes().to_vec(),
        span_id: span.span_id.to_bytes().to_vec(),
        trace_state: String::new(),
        parent_span_id: span.parent_span_id.map_or_else(Vec::new, |id| id.to_bytes().to_vec()),
        flags: flags_of(span),
        name: span.name.clone(),
        kind: kind_of(span.kind).into(),
        start_time_unix_nano: start_ns,
        end_time_unix_nano: start_ns.saturating_add(span.duration_ns.round() as u64),
        attributes: said_of(&span.attributes),
        dropped_attributes_count: span.dropped_attributes,
        events: span.events.iter().map(event_of).collect(),
        dropped_events_count: span.dropped_events,
        links: Vec::new(),
        dropped_links_count: 0,
        status: Some(Status {
            message: span.message.clone().unwrap_or_default(),
            code: status_of(span.status).into(),
        }),
    }
}

/// Those of the trace, and whether the parent is of elsewhere, which is always known.
fn flags_of(span: &SpanData) -> u32 {
    let remote = if span.is_parent_remote { SpanFlags::ContextIsRemoteMask as u32 } else { 0 };
    u32::from(span.trace_flags) | SpanFlags::ContextHasIsRemoteMask as u32 | remote
}

fn event_of(event: &SpanEventData) -> Event {
    Event {
        time_unix_nano: unix_ns(event.at_ms),
        name: event.name.clone(),
        attributes: said_of(&event.attributes),
        dropped_attributes_count: event.dropped_attributes,
    }
}

fn kind_of(kind: SpanKind) -> ProtoKind {
    match kind {
        SpanKind::Internal => ProtoKind::Internal,
        SpanKind::Server => ProtoKind::Server,
        SpanKind::Client => ProtoKind::Client,
        SpanKind::Producer => ProtoKind::Producer,
        SpanKind::Consumer => ProtoKind::Consumer,
    }
}

fn status_of(status: SpanStatus) -> StatusCode {
    match status {
        SpanStatus::Unset => StatusCode::Unset,
        SpanStatus::Ok => StatusCode::Ok,
        SpanStatus::Error => StatusCode::Error,
    }
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
