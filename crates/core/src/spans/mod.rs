//! Spans: what took how long for whom, in rings of each lane, and the traces that they make up.
//!
//! JavaScript threads write them (`src/trace/*`), Rust reads them; [`crate::layout::spans`] has the
//! drawing.

mod blocks;
mod ids;
mod settings;
mod shared;
mod texts;

pub(crate) use blocks::SpanBlocks;
pub use ids::TraceId;
pub use settings::{TracingOptions, TracingSettings};
pub(crate) use shared::SharedTracing;
pub(crate) use texts::{TextList, Texts};
