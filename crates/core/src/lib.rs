//! The memory of nanometer: where metrics are recorded, and how they are read.
//!
//! Data goes one way:
//!
//! ```text
//! definition ─▶ schema ─▶ segment ─▶ lane ─▶ cells ─▶ merge ─▶ snapshot
//! ```
//!
//! A [`Meter`] owns one service's memory in this process. JavaScript threads attach lanes and
//! write float64 cells with plain stores; Rust code writes u64 cells of the native lane through
//! [`Counter`], [`Gauge`] and [`Histogram`]. [`Meter::snapshot`] reads it all without disturbing
//! anybody, and [`reader`] reads the segment of another process, dead or alive.
//!
//! ```
//! use nanometer_core::{Definition, Kind, Level, Meter, Options};
//!
//! let meter = Meter::new(&Options {
//!     service: "orders".into(),
//!     level: Level::Production,
//!     state_dir: None,
//!     max_lane_bytes: 16 << 20,
//!     resource: Default::default(),
//!     tracing: None,
//! })?;
//! let accepted = Definition::new("orders.accepted", Kind::Counter, "{order}", "Orders accepted.");
//! let accepted = meter.counter(&accepted)?;
//! accepted.add(3);
//! let snapshot = meter.snapshot();
//! assert_eq!(accepted.value(), 3);
//! assert!(snapshot.metrics.iter().any(|metric| metric.definition.name == "orders.accepted"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod atomic;
mod block;
mod cells;
mod definition;
mod derive;
mod directory;
mod error;
mod events;
mod exemplars;
mod family;
mod lane;
mod level;
mod merge;
mod meter;
mod native;
mod positions;
mod process;
mod readings;
mod schema;
mod segment;
mod spans;
mod warning;

pub mod clock;
pub mod json;
pub mod layout;
pub mod reader;
pub mod registry;
pub mod snapshot;

pub use definition::{Aggregate, Buckets, Definition, Derive, Kind, States};
pub use error::{AttachError, DefineError, FileError, OpenError, ReadError};
pub use events::{Event, EventContent, EventKind, Events};
pub use level::Level;
pub use meter::events::EventMemory;
pub use meter::exemplars::Exemplars;
pub use meter::take::{Cardinality, FamilyCardinality};
pub use meter::tracing::SpanMemory;
pub use meter::{LaneGuard, Meter, Options, Placement};
pub use native::{Counter, Gauge, Histogram};
pub use snapshot::Snapshot;
pub use spans::{
    Desk, EventView, FedSpans, FeedCounts, OpenSpanData, PromotedSpan, PromotedSpans,
    PromotionReason, Said, Scalar, Scribe, SpanData, SpanEventData, SpanFeed, SpanId, SpanKind,
    SpanStatus, SpanView, TallyPart, TraceData, TraceId, TraceQuery, TracingOptions,
    TracingSettings,
};
pub use warning::Warning;
