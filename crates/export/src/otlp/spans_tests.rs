//! What a span is as OTLP.

use nanometer_core::{
    EventView, PromotedSpan, PromotionReason, Said, Scalar, SpanData, SpanEventData, SpanId,
    SpanKind, SpanStatus, SpanView, TraceId,
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest as Request;
use opentelemetry_proto::tonic::trace::v1::Span;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use prost::Message;
use serde_json::{Map, Value as Json, json};

use super::official_spans::{said_of, span_of};
use super::test_snapshot::{OPENED_MS, OPENED_NS};
use super::{Encoded, Encoding, encode_spans};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

fn said(attributes: Json) -> Map<String, Json> {
    let Json::Object(attributes) = attributes else { panic!("an object") };
    attributes
}

fn span() -> PromotedSpan {
    let span = SpanData {
        trace_id: TraceId::parse(TRACE).expect("an id"),
        span_id: SpanId::parse(SPAN).expect("an id"),
        parent_span_id: SpanId::parse("00000000000000ff"),
        is_parent_remote: true,
        trace_flags: 3,
        name: "GET /".to_owned(),
        kind: SpanKind::Server,
        start_ms: OPENED_MS + 0.25,
        duration_ns: 1_500_000_001.0,
        status: SpanStatus::Error,
        message: Some("no".to_owned()),
        attributes: said(json!({ "flow.id": "orders", "n": 2 })),
        events: vec![SpanEventData {
            name: "retry".to_owned(),
            at_ms: OPENED_MS + 1.0,
            attributes: said(json!({ "after": 0.5 })),
            dropped_attributes: 4,
        }],
        dropped_attributes: 5,
        dropped_events: 6,
    };
    PromotedSpan { seq: 1, reason: PromotionReason::Error, span }
}

fn resource() -> Vec<(String, String)> {
    vec![("service.name".to_owned(), "worker".to_owned())]
}

fn encode(spans: &[PromotedSpan], encoding: Encoding, max_bytes: usize) -> Encoded {
    let views = spans.iter().map(|promoted| view(&promoted.span));
    encode_spans(&resource(), views, encoding, max_bytes)
}

/// What a meter shows of a span.
fn view(span: &SpanData) -> SpanView<'_> {
    let event = |event: &'_ SpanEventData| EventView {
        name: event.name.clone().into(),
        at_ms: event.at_ms,
        attributes: scalars(&event.attributes),
        dropped_attributes: event.dropped_attributes,
    };
    SpanView {
        trace_id: span.trace_id,
        span_id: span.span_id,
        parent_span_id: span.parent_span_id,
        is_parent_remote: span.is_parent_remote,
        trace_flags: span.trace_flags,
        name: (&span.name).into(),
        kind: span.kind,
        start_ms: span.start_ms,
        duration_ns: span.duration_ns,
        status: span.status,
        message: span.message.as_ref().map(Into::into),
        attributes: scalars(&span.attributes),
        events: span.events.iter().map(event).collect(),
        dropped_attributes: span.dropped_attributes,
        dropped_events: span.dropped_events,
    }
}

fn scalars(attributes: &Map<String, Json>) -> Said<'static> {
    let mut said = Said::default();
    for (name, value) in attributes {
        let value = match value {
            Json::String(text) => Scalar::Text(text.clone().into()),
            Json::Number(number) => Scalar::Number(number.clone()),
            Json::Bool(is) => Scalar::Bool(*is),
            _ => continue,
        };
        said.set(name.clone().into(), value);
    }
    said
}

fn decode(body: &[u8]) -> Vec<Span> {
    let mut request = Request::decode(body).expect("a request");
    assert_eq!(request.resource_spans.len(), 1);
    let mut resource = request.resource_spans.remove(0);
    assert_eq!(resource.resource.expect("a resource").attributes[0].key, "service.name");
    let scope = resource.scope_spans.remove(0);
    assert_eq!(scope.scope.expect("a scope").name, "nanometer");
    scope.spans
}

fn told(span: PromotedSpan) -> Span {
    let encoded = encode(&[span], Encoding::Protobuf, usize::MAX);
    assert_eq!((encoded.items(), encoded.payloads.len()), (1, 1));
    decode(&encoded.payloads[0].body).remove(0)
}

#[test]
fn a_span_has_all_that_is_known_of_it() {
    let told = told(span());
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!([hex(&told.trace_id), hex(&told.span_id)], [TRACE, SPAN]);
    assert_eq!(hex(&told.parent_span_id), "00000000000000ff");
    assert_eq!((told.name.as_str(), told.kind), ("GET /", 2));
    assert_eq!(told.start_time_unix_nano, OPENED_NS + 250_000);
    assert_eq!(told.end_time_unix_nano - told.start_time_unix_nano, 1_500_000_001);
    let status = told.status.expect("a status");
    assert_eq!((status.code, status.message.as_str()), (2, "no"));
    assert_eq!(told.flags, 0x303);
    assert_eq!((told.dropped_attributes_count, told.dropped_events_count), (5, 6));
    assert_eq!(told.attributes, said_of(&said(json!({ "flow.id": "orders", "n": 2 }))));
    let event = &told.events[0];
    assert_eq!((event.name.as_str(), event.time_unix_nano), ("retry", OPENED_NS + 1_000_000));
    assert_eq!(event.dropped_attributes_count, 4);
    assert_eq!(event.attributes, said_of(&said(json!({ "after": 0.5 }))));
}

#[test]
fn a_root_has_no_parent_and_none_that_is_remote() {
    let mut root = span();
    (root.span.parent_span_id, root.span.is_parent_remote) = (None, false);
    (root.span.status, root.span.message) = (SpanStatus::Unset, None);
    let told = told(root);
    assert!(told.parent_span_id.is_empty());
    assert_eq!(told.flags, 0x103);
    assert_eq!(told.status.map(|status| status.code), Some(0));
}

#[test]
fn each_kind_and_status_has_its_number() {
    let kinds = [
        (SpanKind::Internal, 1),
        (SpanKind::Server, 2),
        (SpanKind::Client, 3),
        (SpanKind::Producer, 4),
        (SpanKind::Consumer, 5),
    ];
    for (kind, number) in kinds {
        let mut span = span();
        span.span.kind = kind;
        assert_eq!(told(span).kind, number);
    }
    for (status, number) in [(SpanStatus::Unset, 0), (SpanStatus::Ok, 1), (SpanStatus::Error, 2)] {
        let mut span = span();
        span.span.status = status;
        assert_eq!(told(span).status.map(|status| status.code), Some(number));
    }
}

#[test]
fn json_has_hexadecimal_ids_and_numbers_for_names() {
    let encoded = encode(&[span()], Encoding::Json, usize::MAX);
    let json: Json = serde_json::from_slice(&encoded.payloads[0].body).expect("JSON");
    let span = &json["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    let expected = json!({
        "traceId": TRACE, "spanId": SPAN, "traceState": "", "parentSpanId": "00000000000000ff",
        "flags": 0x303, "name": "GET /", "kind": 2,
        "startTimeUnixNano": "1700000000000250000", "endTimeUnixNano": "1700000001500250001",
        "attributes": [
            { "key": "flow.id", "value": { "stringValue": "orders" } },
            { "key": "n", "value": { "intValue": "2" } },
        ],
        "droppedAttributesCount": 5,
        "events": [{
            "timeUnixNano": "1700000000001000000", "name": "retry",
            "attributes": [{ "key": "after", "value": { "doubleValue": 0.5 } }],
            "droppedAttributesCount": 4,
        }],
        "droppedEventsCount": 6, "links": [], "droppedLinksCount": 0,
        "status": { "message": "no", "code": 2 },
    });
    assert_eq!(*span, expected);
}

fn any_span() -> impl Strategy<Value = PromotedSpan> {
    let ids = (1..u128::MAX, 1..u64::MAX, option::of(1..u64::MAX));
    let value = prop_oneof![
        any::<f64>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<bool>().prop_map(Json::from),
        ".{0,8}".prop_map(Json::from),
    ];
    let said =
        vec((".{0,5}", value), 0..4).prop_map(|said| said.into_iter().collect::<Map<_, _>>());
    let events = vec((".{0,5}", 0.0..1e6, said.clone(), any::<u32>()), 0..3);
    let parts = (".{0,9}", 0.0..1e9, 0.0..1e12, any::<u8>(), any::<bool>());
    (ids, parts, said, events).prop_map(|((trace, id, parent), parts, attributes, events)| {
        let (name, after, duration_ns, trace_flags, is_parent_remote) = parts;
        let id_of = |id: u64| SpanId::parse(&format!("{id:016x}"));
        let event = |(name, after, attributes, dropped_attributes)| SpanEventData {
            name,
            at_ms: OPENED_MS + after,
            attributes,
            dropped_attributes,
        };
        let span = SpanData {
            trace_id: TraceId::parse(&format!("{trace:032x}")).expect("an id"),
            span_id: id_of(id).expect("an id"),
            parent_span_id: parent.and_then(id_of),
            is_parent_remote,
            trace_flags,
            name,
            start_ms: OPENED_MS + after,
            duration_ns,
            attributes,
            events: events.into_iter().map(event).collect(),
            ..span().span
        };
        PromotedSpan { seq: 1, reason: PromotionReason::Head, span }
    })
}

proptest! {
    #[test]
    fn any_spans_are_the_same_in_json_and_in_protobuf_and_in_parts(
        spans in vec(any_span(), 0..8),
        max_bytes in 600..3_000usize,
    ) {
        let read = |encoding, max_bytes| {
            let encoded = encode(&spans, encoding, max_bytes);
            let sizes = encoded.payloads.iter().map(|payload| payload.body.len());
            assert!(sizes.max().unwrap_or_default() <= max_bytes);
            let of = |body: &[u8]| match encoding {
                Encoding::Protobuf => decode(body),
                Encoding::Json => {
                    let read: Request = serde_json::from_slice(body).expect("a request");
                    decode(&read.encode_to_vec())
                }
            };
            let read: Vec<Span> = encoded.payloads.iter().flat_map(|one| of(&one.body)).collect();
            assert_eq!(read.len() as u64, encoded.items());
            assert_eq!(read.len() as u64 + encoded.too_large, spans.len() as u64);
            read
        };
        let whole = read(Encoding::Protobuf, usize::MAX);
        let expected: Vec<Span> = spans.iter().map(|promoted| span_of(&promoted.span)).collect();
        prop_assert_eq!(&whole, &expected);
        if let Some(payload) = encode(&spans, Encoding::Protobuf, usize::MAX).payloads.first() {
            let read = Request::decode(&payload.body[..])?;
            prop_assert_eq!(&read.encode_to_vec(), &payload.body);
        }
        prop_assert_eq!(&read(Encoding::Json, usize::MAX), &whole);
        for encoding in [Encoding::Protobuf, Encoding::Json] {
            let mut left = whole.iter();
            for span in read(encoding, max_bytes) {
                prop_assert!(left.any(|one| *one == span), "not in order");
            }
        }
    }
}
