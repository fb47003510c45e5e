//! Spans: what took how long for whom, in rings of each lane, and the traces that they make up.
//!
//! JavaScript threads write them (`src/trace/*`, and [`Scribe`] where they read the clock), Rust
//! reads them; [`crate::layout::spans`] has the drawing.
//!
//! ```text
//! slot ──▶ flight ring, of a lane ───────────────────────────────▶ search ──▶ traces
//!            │ promoted                                              ▲
//!            ▼                                                       │
//!          export ring ──drain──▶ store, of the newest traces ───────┘
//!                                   └──▶ feed, of each exporter
//! ```

mod blocks;
mod buckets;
mod cells;
mod copied;
mod data;
mod desk;
mod entry;
mod export;
mod feed;
mod flight;
mod ids;
mod open;
mod record;
mod render;
mod ring;
mod scribe;
mod search;
mod settings;
mod shared;
mod slot;
mod slot_block;
mod store;
mod tallies;
mod tally;
mod text;
mod texts;
mod view;

#[cfg(all(test, not(loom)))]
mod feed_tests;
#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(all(test, not(loom)))]
mod mapped_tests;
#[cfg(all(test, not(loom)))]
mod open_tests;
#[cfg(all(test, not(loom)))]
mod race_tests;
#[cfg(all(test, not(loom)))]
mod scribe_tests;
#[cfg(all(test, not(loom)))]
mod store_tests;
#[cfg(all(test, not(loom)))]
mod tally_tests;
#[cfg(all(test, not(loom)))]
pub(crate) mod test_meter;
#[cfg(test)]
mod test_ring;
#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(test)]
mod writer;

pub(crate) use blocks::SpanBlocks;
pub(crate) use copied::{last_end_ns, open_entries, settle_open};
pub use data::{
    OpenSpanData, PromotedSpan, PromotedSpans, PromotionReason, SpanData, SpanEventData, SpanKind,
    SpanStatus, TraceData, TraceQuery,
};
pub use desk::Desk;
pub(crate) use export::drain;
pub use feed::{FeedCounts, SpanFeed};
pub use ids::{SpanId, TraceId};
pub(crate) use open::{Entry, entry, oldest};
pub(crate) use record::Record;
pub(crate) use render::Renderer;
pub(crate) use ring::{MappedRing, MappedSlot};
pub use scribe::Scribe;
pub(crate) use search::Search;
pub use settings::{TracingOptions, TracingSettings};
pub(crate) use shared::SharedTracing;
pub(crate) use slot::{Ring, Word, copy, word};
pub(crate) use store::Store;
pub use tally::Part as TallyPart;
pub(crate) use texts::{TextList, Texts};
pub use view::{EventView, FedSpans, Said, Scalar, SpanView};
