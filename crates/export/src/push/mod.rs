//! What leaves the process by itself: collected, queued, sent, tried again, accounted for.
//!
//! ```text
//! meter ─▶ collect ─▶ queue ─┐
//!      ─▶ feed of spans ─────┴─▶ deliver ─▶ transport ─▶ send
//!                                   │ what became of it
//!                 backoff ◀─────────┼─▶ ledger ─▶ status, self_metrics, flush
//!                                   └─▶ health ─▶ tell
//! ```
//!
//! All of it is done on one native thread; what it works with outlives it and is asked about from
//! any thread: `pipe` is one signal of one exporter, `exporter` one exporter, `exporters` all of a
//! meter. The invariant: of each signal, `recorded = exported + queued + dropped` at every moment.

mod backoff;
mod cause;
mod collect;
mod deliver;
mod exporter;
mod exporters;
mod flush;
mod health;
mod ledger;
mod options;
mod pipe;
mod queue;
mod self_metrics;
mod status;
mod tell;
mod thread;
mod transport;

#[cfg(test)]
mod accounting_tests;
#[cfg(test)]
mod backoff_tests;
#[cfg(test)]
mod delivery_tests;
#[cfg(test)]
mod flush_tests;
#[cfg(test)]
mod outage_tests;
#[cfg(test)]
mod script;
#[cfg(test)]
mod simulation;

pub use exporters::{Exporters, ExportersStatus};
pub use flush::{FlushOutcome, FlushReport, SignalFlush};
pub use health::{LastError, Standing};
pub use options::{
    ExporterKind, ExporterOptions, MetricsOptions, QueueOptions, RetryOptions, TracesOptions,
};
pub use status::{ExporterStatus, SignalStatus, Signals};
