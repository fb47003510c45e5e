//! Why something is never exported: values of the label `reason`, few and stable. Each of an
//! exporter's has a series from its start, so that a first loss is seen to rise from 0.

use crate::send::Destination;

/// There was no room in the queue.
pub(crate) const QUEUE_FULL: &str = "queue_full";
/// Alone it is larger than a request may be.
pub(crate) const TOO_LARGE: &str = "too_large";
/// The receiver took the request and not this part of it.
pub(crate) const PARTIAL: &str = "partial";
/// The exporter was stopped before it could be delivered.
pub(crate) const SHUTDOWN: &str = "shutdown";
/// An option is wrong: nothing can be sent.
pub(crate) const OPTION: &str = "option";
/// It made nanometer panic, several times.
pub(crate) const PANIC: &str = "panic";

/// Of what runs in JavaScript. `src/export/runner.ts` and `src/javascript/exporters.ts` have them.
pub(crate) const CHANNEL: [&str; 3] = ["exporter_error", QUEUE_FULL, SHUTDOWN];

/// All that there can be on the way to a destination.
pub(crate) fn all(destination: &Destination) -> Vec<&'static str> {
    let ours = [QUEUE_FULL, TOO_LARGE, SHUTDOWN, OPTION, PANIC];
    let told = destination.refusals().iter().map(|reason| reason.label());
    let told = told.filter(|label| !ours.contains(label));
    ours.into_iter().chain(told).collect()
}
