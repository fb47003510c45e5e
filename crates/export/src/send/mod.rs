//! Encoded requests to somewhere: OTLP over gRPC and HTTP, files, standard output.
//!
//! A [`Sender`] sends one request at a time and says what became of it. It never queues, tries
//! again or counts: that is [`push`](crate::push)'s. To be used on a thread with a tokio runtime.
//!
//! ```text
//! Sender ─┬─ http ─┬─ client ── connector ── wire (TCP, TLS, Unix socket)
//!         ├─ grpc ─┘     trail ◀─ how far it came, what was heard first ─▶ failure
//!         ├─ file ── rotation
//!         └─ stdout (a thread)
//! ```

mod attempt;
mod certificate;
mod client;
mod connector;
mod destination;
mod endpoint;
mod failure;
mod file;
mod grpc;
mod http;
mod limits;
mod open_error;
mod outcome;
mod raw_codec;
mod reading;
mod response;
mod retry_after;
mod rotation;
mod secrets;
mod sender;
mod stdout;
mod stranger;
mod tls;
mod trail;
mod watched;
mod wire;

pub use destination::{
    Compression, Destination, FileDestination, OtlpDestination, Protocol, Signal, StdoutDestination,
};
pub use open_error::OpenSenderError;
pub use outcome::{Outcome, Problem, Reason};
pub use sender::Sender;
