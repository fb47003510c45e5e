//! Spans as requests.

use nanometer_core::{PromotedSpan, SpanData, SpanEventData, SpanKind, SpanStatus};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::span::{Event, SpanKind as ProtoKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, SpanFlags, Status};

use super::attributes::{resource_of, said_of, scope};
use super::split::split;
use super::time::unix_ns;
use super::{Encoded, Encoding, Payload};

/// The requests of some spans, none of them empty, of at most `max_bytes` each.
///
/// `resource`: a snapshot's
pub fn encode_spans(
    resource: &[(String, String)],
    spans: &[PromotedSpan],
    encoding: Encoding,
    max_bytes: usize,
) -> Encoded {
    let scope_spans = ScopeSpans {
        scope: Some(scope()),
        spans: spans.iter().map(|promoted| span_of(&promoted.span)).collect(),
        schema_url: String::new(),
    };
    let resource_spans = ResourceSpans {
        resource: Some(resource_of(resource)),
        scope_spans: vec![scope_spans],
        schema_url: String::new(),
    };
    let request = ExportTraceServiceRequest { resource_spans: vec![resource_spans] };
    let (parts, too_large) = split(request, encoding, max_bytes);
    let payload = |body, items| Payload { body, items, ack: None };
    let payloads = parts.into_iter().map(|part| payload(part.body, part.items.len() as u64));
    Encoded { payloads: payloads.collect(), too_large }
}

fn span_of(span: &SpanData) -> Span {
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
