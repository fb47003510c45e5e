//! Spans and traces as they are read: plain data, the shapes of `src/trace/data.ts`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::{SpanId, TraceId};

/// Defines what a byte of a slot stands for: names in the order of the byte's values, from some on.
macro_rules! named {
    ($(#[$doc:meta])+ $name:ident from $first:literal, $($(#[$each:meta])+ $case:ident,)+) => {
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name {
            $($(#[$each])+ $case,)+
        }

        impl $name {
            fn numbered(byte: u8) -> Option<$name> {
                let all = [$($name::$case),+];
                all.get(usize::from(byte.checked_sub($first)?)).copied()
            }
        }
    };
}

named! {
    /// Why a trace was promoted.
    PromotionReason from 1,
    /// Sampled when it began, here or by who called.
    Head,
    /// Something failed.
    Error,
    /// It took long.
    Latency,
    /// Somebody asked for it.
    Manual,
    /// An exemplar names it.
    Exemplar,
}

named! {
    /// What a span is in the conversation of two services, in OpenTelemetry's words and numbers.
    SpanKind from 0,
    /// Of this service only.
    Internal,
    /// Answers a request.
    Server,
    /// Makes one.
    Client,
    /// Sends a message.
    Producer,
    /// Takes one.
    Consumer,
}

named! {
    /// How a span ended, in OpenTelemetry's words and numbers.
    SpanStatus from 0,
    /// Nobody said.
    Unset,
    /// Well, somebody said.
    Ok,
    /// It failed.
    Error,
}

impl PromotionReason {
    pub(super) fn of(byte: u8) -> Option<PromotionReason> {
        PromotionReason::numbered(byte)
    }
}

impl SpanKind {
    pub(super) fn of(byte: u8) -> SpanKind {
        SpanKind::numbered(byte).unwrap_or(SpanKind::Internal)
    }
}

impl SpanStatus {
    pub(super) fn of(byte: u8) -> SpanStatus {
        SpanStatus::numbered(byte).unwrap_or(SpanStatus::Unset)
    }
}

/// Something that happened during a span.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpanEventData {
    /// What.
    pub name: String,
    /// Unix milliseconds.
    pub at_ms: f64,
    /// Strings, numbers and booleans by their names.
    pub attributes: Map<String, Value>,
    /// How many attributes did not fit.
    #[serde(skip_serializing_if = "is_none")]
    pub dropped_attributes: u32,
}

/// A finished span.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpanData {
    /// The trace that it is of.
    pub trace_id: TraceId,
    /// Its own id.
    pub span_id: SpanId,
    /// `None` for the root of the trace.
    pub parent_span_id: Option<SpanId>,
    /// Whether the parent came from another process, by a header.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_parent_remote: bool,
    /// The trace's flags, by W3C: 1 where it was sampled when it began, 2 where its id is random.
    pub trace_flags: u8,
    /// Its name.
    pub name: String,
    /// What it is in the conversation of two services.
    pub kind: SpanKind,
    /// When it started, Unix milliseconds.
    pub start_ms: f64,
    /// How long it took.
    pub duration_ns: f64,
    /// How it ended.
    pub status: SpanStatus,
    /// What the status says, where it says something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Strings, numbers and booleans by their names.
    pub attributes: Map<String, Value>,
    /// What happened meanwhile.
    pub events: Vec<SpanEventData>,
    /// How many attributes did not fit.
    #[serde(skip_serializing_if = "is_none")]
    pub dropped_attributes: u32,
    /// How many events did not fit.
    #[serde(skip_serializing_if = "is_none")]
    pub dropped_events: u32,
}

fn is_none(count: &u32) -> bool {
    *count == 0
}

/// A promoted span, numbered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PromotedSpan {
    /// Its number: promoted spans of all threads are numbered from 1, as they are drained.
    pub seq: u64,
    /// Why it was promoted.
    pub reason: PromotionReason,
    /// The span.
    #[serde(flatten)]
    pub span: SpanData,
}

/// Some promoted spans, and what became of those that are not there.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PromotedSpans {
    /// In the order of their numbers.
    pub spans: Vec<PromotedSpan>,
    /// How many between the number that was asked for and `last` are not kept any more.
    pub lost: u64,
    /// What to ask for next. Below what was asked for only where that was never reached.
    pub last: u64,
}

/// The spans that are known of one trace.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TraceData {
    /// Its id.
    pub trace_id: TraceId,
    /// The name of its first span: the root, where that is here.
    pub name: String,
    /// When its first span started, Unix milliseconds.
    pub start_ms: f64,
    /// From the start of its first span to the end of its last.
    pub duration_ns: f64,
    /// Error where a span has it, else that of the first span.
    pub status: SpanStatus,
    /// `None` where it was found in a flight ring: not promoted, or so long ago that it is not kept.
    pub reason: Option<PromotionReason>,
    /// In the order of their starts.
    pub spans: Vec<SpanData>,
}

/// Which traces are asked for. A trace is answered whole where one span of it has all of these.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TraceQuery {
    /// The flow's id.
    pub flow: Option<String>,
    /// The component's id.
    pub component: Option<String>,
    /// The span's name.
    pub name: Option<String>,
    /// How it ended.
    pub status: Option<SpanStatus>,
    /// The least duration, milliseconds.
    pub min_duration_ms: Option<f64>,
    /// The most traces, 1 to 1,000; 100 when left out.
    pub limit: Option<u32>,
}

impl TraceQuery {
    /// Whether it names anything that a span must have.
    pub(crate) fn is_filter(&self) -> bool {
        TraceQuery { limit: None, ..self.clone() } != TraceQuery::default()
    }
}

/// Something that has begun and not ended: an element of a flow, or a span that is the first here.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenSpanData {
    /// The trace that it is of.
    pub trace_id: TraceId,
    /// Its own id.
    pub span_id: SpanId,
    /// Its name.
    pub name: String,
    /// The flow's id; `None` where it is of none.
    pub flow: Option<String>,
    /// The component that is at work on it; `None` where none is.
    pub component: Option<String>,
    /// How long that has been; `None` where none is.
    pub component_age_ns: Option<f64>,
    /// When it began, Unix milliseconds.
    pub start_ms: f64,
    /// How long it has been open.
    pub age_ns: f64,
    /// The number of the thread's lane.
    pub lane: u32,
}
