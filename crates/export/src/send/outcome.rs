//! What became of one request: delivered, to be tried again, or refused for good.
//!
//! Nothing else is decided here or by whoever sends: when to try again, and what is counted under
//! which name, is for the caller.

use std::time::Duration;

/// What became of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it. Never to be sent again, even where a part was rejected.
    Delivered {
        /// How many data points or spans the receiver says that it has thrown away.
        rejected: u64,
        /// What the receiver, or the way that it answered, gives cause to say.
        warning: Option<String>,
    },
    /// The receiver does not have it, as far as can be told, and may take it later.
    Retry {
        /// How long the receiver asks to wait at the least; not capped.
        after: Option<Duration>,
        /// Why.
        problem: Problem,
    },
    /// The receiver will never take it: to be dropped and counted.
    Refused(Problem),
}

/// Why a request was not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The kind, for counts.
    pub reason: Reason,
    /// What it seems to be and what to do, for a person. It names the endpoint, never a header, a
    /// password or what was sent.
    pub message: String,
}

impl Problem {
    pub(super) fn new(reason: Reason, message: impl Into<String>) -> Self {
        Problem { reason, message: message.into() }
    }
}

/// The kinds of problem. Few, since each is a value of the label `reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Nobody listens there, or the connection broke before there was an answer.
    Connection,
    /// The name of the host was not found.
    Dns,
    /// No trust: a certificate has expired, is unknown or for another host, or one of ours is
    /// missing or refused.
    Tls,
    /// No answer in time.
    Timeout,
    /// What listens there speaks something else, such as HTTP/1.1 where gRPC was expected.
    Protocol,
    /// The receiver asks for less: 429 or RESOURCE_EXHAUSTED.
    Throttled,
    /// The receiver cannot take it now: 502, 503, 504, UNAVAILABLE and the like.
    Unavailable,
    /// Credentials are missing or refused: 401, 403, UNAUTHENTICATED, PERMISSION_DENIED.
    Unauthorized,
    /// Any other answer that is not a success.
    Rejected,
    /// A success in words, with an answer that no receiver of OTLP gives.
    BadResponse,
    /// The request is larger than anything that may be sent.
    TooLarge,
    /// A part of a delivered request was thrown away by the receiver.
    Partial,
    /// The file system refused: full, read-only, no permission.
    Io,
    /// Nobody reads what is written to standard output.
    Blocked,
}

impl Reason {
    /// Whether it most likely is so a moment later, too: nobody is there, or not whom we trust. A
    /// receiver that is busy, or says nothing yet, may take what is sent next.
    pub fn lasts(&self) -> bool {
        use Reason::{Connection, Dns, Io, Protocol, Tls};
        matches!(self, Connection | Dns | Tls | Protocol | Io)
    }

    /// The value of the label `reason`: stable.
    pub fn label(&self) -> &'static str {
        match self {
            Reason::Connection => "connection",
            Reason::Dns => "dns",
            Reason::Tls => "tls",
            Reason::Timeout => "timeout",
            Reason::Protocol => "protocol",
            Reason::Throttled => "throttled",
            Reason::Unavailable => "unavailable",
            Reason::Unauthorized => "unauthorized",
            Reason::Rejected => "rejected",
            Reason::BadResponse => "bad_response",
            Reason::TooLarge => "too_large",
            Reason::Partial => "partial",
            Reason::Io => "io",
            Reason::Blocked => "blocked",
        }
    }
}
