//! Encoded requests to somewhere: OTLP over gRPC and HTTP, files, standard output.
//!
//! A [`Sender`] sends one request at a time and says what became of it. It never queues, tries
//! again or counts: that is [`push`](crate::push)'s. To be used on a thread with a tokio runtime.

mod destination;
mod endpoint;
mod outcome;

use std::fmt;

use bytes::Bytes;

pub use destination::{
    Compression, Destination, FileDestination, OtlpDestination, Protocol, Signal, StdoutDestination,
};
pub use outcome::{Outcome, Problem, Reason};

/// Sends requests of one signal to one destination.
#[derive(Debug)]
pub enum Sender {
    /// Not there yet.
    #[doc(hidden)]
    Placeholder,
}

/// Why nothing can be sent to a destination: an option is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSenderError {
    /// The option, as in JavaScript: `endpoint`, `certificate`, `headers`, `path` and so on.
    pub option: &'static str,
    /// What was given, and what is accepted.
    pub what: String,
}

impl fmt::Display for OpenSenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.option, self.what)
    }
}

impl std::error::Error for OpenSenderError {}

impl Sender {
    /// Checks a destination's values and reads its certificates. Connects to nothing.
    ///
    /// # Errors
    ///
    /// Where a value can never work. What may come right by itself, such as a missing directory or
    /// a name that is not found, is told by [`send`](Self::send).
    pub fn open(_destination: &Destination, _signal: Signal) -> Result<Sender, OpenSenderError> {
        Ok(Sender::Placeholder)
    }

    /// Sends one request: OTLP in the encoding that the destination takes, not compressed; for
    /// files and standard output one line of JSON without its end. One at a time. Safe to drop at
    /// any point: what the receiver got by then is unknown.
    pub async fn send(&self, _body: &Bytes) -> Outcome {
        Outcome::Delivered { rejected: 0, warning: None }
    }
}
