//! Spans as requests.

use nanometer_core::{EventView, SpanKind, SpanStatus, SpanView};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::SpanFlags;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind as ProtoKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;

use super::attributes::write_said;
use super::backwards::Backwards;
use super::requests::{IN_SCOPE, Requests};
use super::split::as_json;
use super::time::unix_ns;
use super::{Encoded, Encoding, Payload};

/// About as many bytes as a span with some attributes has.
const ABOUT: usize = 256;

/// The requests of some spans, none of them empty, of at most `max_bytes` each.
///
/// `resource`: a snapshot's
pub fn encode_spans<'a>(
    resource: &[(String, String)],
    spans: impl DoubleEndedIterator<Item = SpanView<'a>> + ExactSizeIterator,
    encoding: Encoding,
    max_bytes: usize,
) -> Encoded {
    let written_bytes = match encoding {
        Encoding::Protobuf => max_bytes,
        Encoding::Json => usize::MAX,
    };
    let mut requests = Requests::new(resource, written_bytes, spans.len() * ABOUT);
    for span in spans.rev() {
        requests.item(|out| write_span(out, &span));
    }
    let (parts, too_large) = requests.finish();
    let (parts, too_large) = match encoding {
        Encoding::Protobuf => (parts, too_large),
        Encoding::Json => as_json::<ExportTraceServiceRequest>(parts, max_bytes),
    };
    let payload = |body, items| Payload { body, items, ack: None };
    let payloads = parts.into_iter().map(|part| payload(part.body, part.items.len() as u64));
    Encoded { payloads: payloads.collect(), too_large }
}

fn write_span(out: &mut Backwards, span: &SpanView<'_>) {
    let start_ns = unix_ns(span.start_ms);
    out.message(IN_SCOPE, |out| {
        out.fixed32(16, flags_of(span));
        out.message(15, |out| {
            out.integer_unless_0(3, status_of(span.status) as u64);
            out.text_unless_empty(2, span.message.as_deref().unwrap_or_default());
        });
        out.integer_unless_0(12, span.dropped_events.into());
        span.events.iter().rev().for_each(|event| write_event(out, event));
        out.integer_unless_0(10, span.dropped_attributes.into());
        write_said(out, 9, &span.attributes);
        out.fixed64_unless_0(8, start_ns.saturating_add(span.duration_ns.round() as u64));
        out.fixed64_unless_0(7, start_ns);
        out.integer(6, kind_of(span.kind) as u64);
        out.text_unless_empty(5, &span.name);
        if let Some(parent) = span.parent_span_id {
            out.bytes(4, &parent.to_bytes());
        }
        out.bytes(2, &span.span_id.to_bytes());
        out.bytes(1, &span.trace_id.to_bytes());
    });
}

fn write_event(out: &mut Backwards, event: &EventView<'_>) {
    out.message(11, |out| {
        out.integer_unless_0(4, event.dropped_attributes.into());
        write_said(out, 3, &event.attributes);
        out.text_unless_empty(2, &event.name);
        out.fixed64_unless_0(1, unix_ns(event.at_ms));
    });
}

/// Those of the trace, and whether the parent is of elsewhere, which is always known.
fn flags_of(span: &SpanView<'_>) -> u32 {
    let remote = if span.is_parent_remote { SpanFlags::ContextIsRemoteMask as u32 } else { 0 };
    u32::from(span.trace_flags) | SpanFlags::ContextHasIsRemoteMask as u32 | remote
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
