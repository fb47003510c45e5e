//! Events: what happened, one by one, in a ring for each lane that the newest overwrite the oldest of.
//!
//! JavaScript threads write them (`src/events/ring.ts`), Rust reads them:
//!
//! ```text
//! slot ──▶ ring, of a lane ──▶ reading: all lanes, in order, with what is lost counted
//! ```

mod copied;
mod reading;
mod ring;
pub(crate) mod slot;
#[cfg(test)]
mod writer;

#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(all(test, not(loom)))]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::level::Level;

pub(crate) use copied::{CopiedRing, settle};
pub use reading::Events;
pub(crate) use reading::read;
pub(crate) use ring::{EventRing, LaneRing};

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// Something began, changed or ended.
    Lifecycle,
    /// Something was slow, or waited.
    Performance,
    /// Something failed.
    Error,
    /// Something was refused.
    Security,
    /// Something was used up, or copied.
    Resource,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Its number: events of all threads are numbered from 1, in the order in which they were
    /// published.
    pub seq: u64,
    /// When it happened, Unix milliseconds.
    pub at_ms: f64,
    /// What it says.
    #[serde(flatten)]
    pub content: EventContent,
}

/// What an event says: the text of its slot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventContent {
    /// Its name, dotted.
    pub name: String,
    /// What it is about.
    pub kind: EventKind,
    /// The lowest level at which it is recorded.
    pub level: Level,
    /// Strings, numbers and booleans by their names.
    pub attributes: Map<String, Value>,
}
