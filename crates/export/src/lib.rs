//! The way out of nanometer: encoders and the inspection server.
//!
//! ```text
//! meter ──▶ snapshot ──▶ encode ──▶ server ──▶ a scraper
//!                                     ▲
//!                 inspection ──▶ keeper (the one native thread)
//! ```
//!
//! | module | what it does |
//! | --- | --- |
//! | [`encode`] | a snapshot to Prometheus text, OpenMetrics and JSON; what a request wants of it |
//! | [`flows`] | what the metrics of a pipeline say of it |
//! | [`inspection`] | opens and closes a meter's server: the public interface |
//! | `keeper` | the native thread: serves, corrects the clock, ends leases on levels |
//! | [`server`] | HTTP over TCP and a Unix socket |
//! | [`self_stats`] | what the server counts about itself |

pub mod encode;
#[doc(hidden)]
pub mod fault;
pub mod flows;
pub mod inspection;
mod keeper;
pub mod self_stats;
pub mod server;

pub use inspection::{Inspection, InspectionOptions};
pub use server::limits::Limits;
