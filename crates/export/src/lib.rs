//! The way out of nanometer: encoders and the inspection server.
//!
//! ```text
//! meter ──▶ snapshot ──▶ encode ──▶ server ──▶ a scraper
//!      │              │              ▲
//!      │              │  inspection ──▶ keeper (a native thread)
//!      └──▶ spans ────┴──▶ otlp ──▶ push (another) ──▶ send ──▶ a collector, a file
//! ```
//!
//! | module | what it does |
//! | --- | --- |
//! | [`encode`] | a snapshot to Prometheus text, OpenMetrics and JSON; what a request wants of it |
//! | [`flows`] | what the metrics of a pipeline say of it |
//! | [`inspection`] | opens and closes a meter's server: the public interface |
//! | `keeper` | the native thread: serves, corrects the clock, ends leases on levels |
//! | [`server`] | HTTP over TCP and a Unix socket |
//! | [`otlp`] | snapshots and spans as OpenTelemetry's own types, in protobuf and JSON |
//! | [`push`] | collects, queues, tries again, and accounts for what leaves the process |
//! | [`send`] | requests over gRPC and HTTP, to files, to standard output |
//! | [`self_stats`] | what the server counts about itself |
//! | `thread` | a native thread that works through a list, and survives panics |

pub mod encode;
#[doc(hidden)]
pub mod fault;
pub mod flows;
pub mod inspection;
mod keeper;
pub mod otlp;
pub mod push;
pub mod self_stats;
pub mod send;
pub mod server;
mod thread;

pub use inspection::{Inspection, InspectionOptions};
pub use server::limits::Limits;
