//! Spans made readable: their names, their attributes, their times.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::data::{SpanData, SpanEventData, TraceQuery};
use super::record::Record;
use super::texts::TextList;
use crate::layout::spans::{FORM_BACKPRESSURE, FORM_COPY, FORM_FLOW, FORM_INVOKE, FORM_TRANSFER};

/// What stands for a text that had no number any more.
pub(crate) const UNNAMED: &str = "?";

/// What a thread wrote of a span beside its numbers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Text {
    name: Option<String>,
    message: Option<String>,
    attributes: Map<String, Value>,
    events: Vec<TextEvent>,
    /// Attributes and events that did not fit.
    dropped: (u32, u32),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TextEvent {
    name: String,
    /// By the thread's clock.
    at_ns: f64,
    #[serde(default)]
    attributes: Map<String, Value>,
    #[serde(default)]
    dropped: u32,
}

impl Text {
    fn of(record: &Record) -> Text {
        if record.text.is_empty() {
            return Text::default();
        }
        // What makes no sense was not written by this package's threads: the numbers still count.
        serde_json::from_slice(&record.text).unwrap_or_default()
    }
}

/// Reads numbers as what they stand for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Renderer<'a> {
    pub texts: &'a TextList,
}

impl Renderer<'_> {
    /// A span, whose clock was 0 at that Unix time, milliseconds.
    pub(crate) fn span(&self, record: &Record, wall_ms: f64) -> SpanData {
        let mut text = Text::of(record);
        let name = text.name.take();
        let mut attributes = self.attributes(record);
        attributes.append(&mut text.attributes);
        let unix_ms = |ns: f64| wall_ms + ns / 1e6;
        let event = |event: TextEvent| SpanEventData {
            name: event.name,
            at_ms: unix_ms(event.at_ns),
            attributes: event.attributes,
            dropped_attributes: event.dropped,
        };
        SpanData {
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
            message: text.message,
            attributes,
            events: text.events.into_iter().map(event).collect(),
            dropped_attributes: text.dropped.0,
            dropped_events: text.dropped.1,
        }
    }

    /// The name that the numbers give it.
    fn name(&self, record: &Record) -> String {
        let sequence = record.sequence();
        match record.form() {
            FORM_FLOW => format!("flow:{}", self.text(record.flow())),
            FORM_INVOKE => format!("component:{}:invoke:{sequence}", self.text(record.component())),
            FORM_TRANSFER => format!("resource:transfer:{sequence}"),
            FORM_COPY => format!("resource:copy:{sequence}"),
            FORM_BACKPRESSURE => format!("backpressure:{}", self.text(record.component())),
            _ => self.text(record.name()).to_owned(),
        }
    }

    /// What its numbers say beside its name.
    fn attributes(&self, record: &Record) -> Map<String, Value> {
        let mut attributes = Map::new();
        let mut add = |name: &str, value: Value| attributes.insert(name.to_owned(), value);
        if let Some(flow) = self.texts.get(record.flow()) {
            add("flow.id", (**flow).into());
        }
        if let Some(component) = self.texts.get(record.component()) {
            let name = match record.form() {
                FORM_BACKPRESSURE => "stream.id",
                _ => "component.id",
            };
            add(name, (**component).into());
        }
        if record.form() == FORM_COPY {
            add("copy.reason", self.text(record.name()).into());
            add("copy.bytes", record.amount().into());
        }
        attributes
    }

    /// Whether a span has all that a query names.
    pub(crate) fn matches(&self, query: &TraceQuery, record: &Record) -> bool {
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

    fn is_named(&self, name: &str, record: &Record) -> bool {
        Text::of(record).name.unwrap_or_else(|| self.name(record)) == name
    }

    /// The text of a number.
    pub(crate) fn text(&self, number: u32) -> &str {
        self.texts.get(number).map_or(UNNAMED, |text| text)
    }
}
