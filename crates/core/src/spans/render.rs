//! Spans made readable: their names, their attributes, their times.

use std::borrow::Cow;

use serde_json::Number;

use super::data::{SpanData, TraceQuery};
use super::record::Record;
use super::text::{Text, TextEvent};
use super::texts::TextList;
use super::view::{EventView, Said, Scalar, SpanView};
use crate::layout::spans::{FORM_BACKPRESSURE, FORM_COPY, FORM_FLOW, FORM_INVOKE, FORM_TRANSFER};

/// What stands for a text that had no number any more.
pub(crate) const UNNAMED: &str = "?";

/// Reads numbers as what they stand for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Renderer<'a> {
    pub texts: &'a TextList,
}

impl<'a> Renderer<'a> {
    /// A span, whose clock was 0 at that Unix time, milliseconds.
    pub(crate) fn span(self, record: &Record, wall_ms: f64) -> SpanData {
        self.view(record, wall_ms).into()
    }

    /// The same where it is.
    pub(crate) fn view<'r>(self, record: &'r Record, wall_ms: f64) -> SpanView<'r>
    where
        'a: 'r,
    {
        let mut text = Text::of(record);
        let name = text.take_name();
        let message = text.take_message();
        let mut attributes = self.attributes(record);
        attributes.append(text.attributes);
        let unix_ms = |ns: f64| wall_ms + ns / 1e6;
        let event = |mut event: TextEvent<'r>| EventView {
            name: event.take_name(),
            at_ms: unix_ms(event.at_ns),
            attributes: event.attributes,
            dropped_attributes: event.dropped,
        };
        SpanView {
            trace_id: record.trace_id(),
            span_id: record.span_id(),
            parent_span_id: record.parent_id(),
            is_parent_remote: record.is_parent_remote(),
            trace_flags: record.trace_flags(),
            name: name.unwrap_or_else(|| self.name(record)),
            kind: record.kind(),
            start_ms: unix_ms(record.start_ns()),
            duration_ns: record.duration_ns(),
            status: record.status(),
            message,
            attributes,
            events: text.events.into_iter().map(event).collect(),
            dropped_attributes: text.dropped.0,
            dropped_events: text.dropped.1,
        }
    }

    /// The name that the numbers give it.
    fn name(self, record: &Record) -> Cow<'a, str> {
        let sequence = record.sequence();
        Cow::Owned(match record.form() {
            FORM_FLOW => format!("flow:{}", self.text(record.flow())),
            FORM_INVOKE => format!("component:{}:invoke:{sequence}", self.text(record.component())),
            FORM_TRANSFER => format!("resource:transfer:{sequence}"),
            FORM_COPY => format!("resource:copy:{sequence}"),
            FORM_BACKPRESSURE => format!("backpressure:{}", self.text(record.component())),
            _ => return Cow::Borrowed(self.text(record.name())),
        })
    }

    /// What its numbers say beside its name.
    fn attributes(self, record: &Record) -> Said<'a> {
        let mut said = Said::default();
        let mut say = |name: &'static str, value| said.set(Cow::Borrowed(name), value);
        let text = |text: &'a str| Scalar::Text(Cow::Borrowed(text));
        if let Some(flow) = self.texts.get(record.flow()) {
            say("flow.id", text(flow));
        }
        if let Some(component) = self.texts.get(record.component()) {
            let name = match record.form() {
                FORM_BACKPRESSURE => "stream.id",
                _ => "component.id",
            };
            say(name, text(component));
        }
        if record.form() == FORM_COPY {
            say("copy.reason", text(self.text(record.name())));
            if let Some(bytes) = Number::from_f64(record.amount()) {
                say("copy.bytes", Scalar::Number(bytes));
            }
        }
        said
    }

    /// Whether a span has all that a query names.
    pub(crate) fn matches(self, query: &TraceQuery, record: &Record) -> bool {
        let is = |wanted: &Option<String>, number: u32| {
            let is = |wanted: &str| self.texts.get(number).is_some_and(|text| **text == *wanted);
            wanted.as_deref().is_none_or(is)
        };
        let component = match record.form() {
            FORM_BACKPRESSURE => 0,
            _ => record.component(),
        };
        is(&query.flow, record.flow())
            && is(&query.component, component)
            && query.status.is_none_or(|status| record.status() == status)
            && query.min_duration_ms.is_none_or(|ms| record.duration_ns() >= ms * 1e6)
            && query.name.as_ref().is_none_or(|name| self.is_named(name, record))
    }

    fn is_named(self, name: &str, record: &Record) -> bool {
        Text::of(record).take_name().unwrap_or_else(|| self.name(record)) == *name
    }

    /// The text of a number.
    pub(crate) fn text(self, number: u32) -> &'a str {
        self.texts.get(number).map_or(UNNAMED, |text| text)
    }
}
