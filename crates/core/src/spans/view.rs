//! A span that is read where it is: for who writes it into something else at once.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Number, Value};

use super::data::{SpanData, SpanEventData, SpanKind, SpanStatus};
use super::ids::{SpanId, TraceId};
use super::render::Renderer;
use super::store::Stored;
use super::texts::TextList;

/// Spans of a feed; [`crate::Meter::fed_spans`] answers them.
#[derive(Debug)]
pub struct FedSpans {
    pub(crate) spans: Vec<Arc<Stored>>,
    pub(crate) texts: TextList,
}

impl FedSpans {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Each of them, read as it is asked for.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = SpanView<'_>> + ExactSizeIterator {
        let renderer = Renderer { texts: &self.texts };
        self.spans.iter().map(move |span| renderer.view(&span.record, span.wall_ms))
    }
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// A string.
    Text(Cow<'a, str>),
    /// A number.
    Number(Number),
    /// A boolean.
    Bool(bool),
}

/// What was said of a span or of an event: attributes, each name once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said<'a>(Vec<(Cow<'a, str>, Scalar<'a>)>);

impl<'a> Said<'a> {
    /// Says that; what was said by that name before is replaced.
    pub fn set(&mut self, name: Cow<'a, str>, value: Scalar<'a>) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    /// Says all of that.
    pub(super) fn append(&mut self, other: Said<'a>) {
        if self.0.is_empty() {
            *self = other;
            return;
        }
        other.0.into_iter().for_each(|(name, value)| self.set(name, value));
    }

    /// Names and values, in the order in which they were first said.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Scalar<'a>)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }
}

/// As [`SpanEventData`].
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "they are SpanEventData's")]
pub struct EventView<'a> {
    pub name: Cow<'a, str>,
    pub at_ms: f64,
    pub attributes: Said<'a>,
    pub dropped_attributes: u32,
}

/// As [`SpanData`].
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "they are SpanData's")]
pub struct SpanView<'a> {
    pub trace_id: TraceId,
    pub span_id: SpanId,
    pub parent_span_id: Option<SpanId>,
    pub is_parent_remote: bool,
    pub trace_flags: u8,
    pub name: Cow<'a, str>,
    pub kind: SpanKind,
    pub start_ms: f64,
    pub duration_ns: f64,
    pub status: SpanStatus,
    pub message: Option<Cow<'a, str>>,
    pub attributes: Said<'a>,
    pub events: Vec<EventView<'a>>,
    pub dropped_attributes: u32,
    pub dropped_events: u32,
}

impl From<Said<'_>> for Map<String, Value> {
    fn from(said: Said<'_>) -> Map<String, Value> {
        let value = |value| match value {
            Scalar::Text(text) => Value::String(text.into_owned()),
            Scalar::Number(number) => Value::Number(number),
            Scalar::Bool(is) => Value::Bool(is),
        };
        said.0.into_iter().map(|(name, one)| (name.into_owned(), value(one))).collect()
    }
}

impl From<EventView<'_>> for SpanEventData {
    fn from(event: EventView<'_>) -> SpanEventData {
        SpanEventData {
            name: event.name.into_owned(),
            at_ms: event.at_ms,
            attributes: event.attributes.into(),
            dropped_attributes: event.dropped_attributes,
        }
    }
}

impl From<SpanView<'_>> for SpanData {
    fn from(span: SpanView<'_>) -> SpanData {
        SpanData {
            trace_id: span.trace_id,
            span_id: span.span_id,
            parent_span_id: span.parent_span_id,
            is_parent_remote: span.is_parent_remote,
            trace_flags: span.trace_flags,
            name: span.name.into_owned(),
            kind: span.kind,
            start_ms: span.start_ms,
            duration_ns: span.duration_ns,
            status: span.status,
            message: span.message.map(Cow::into_owned),
            attributes: span.attributes.into(),
            events: span.events.into_iter().map(SpanEventData::from).collect(),
            dropped_attributes: span.dropped_attributes,
            dropped_events: span.dropped_events,
        }
    }
}
