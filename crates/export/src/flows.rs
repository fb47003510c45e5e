//! Flows: what a pipeline's metrics say of it, put together from a snapshot.
//!
//! The metrics are those of the torvyn catalog, found by name: `flow.*` with the label `flow_id`,
//! `component.*` with `component_id` beside it, `stream.*` with `stream_id`. Whoever records them
//! has a flow here.

mod figures;
mod spread;
mod table;

pub use figures::{FlowDetails, FlowList};
