//! Bounds of the server, each with its reason.

use std::time::Duration;

/// What one meter's server allows.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections open at once. Each costs a file descriptor of the host, which has uses for them.
    pub connections: usize,
    /// `/metrics`, `/snapshot` and `/traces` answers under way at once. Each holds a snapshot, some
    /// 4 MB for 10,000 histogram series, or copies of as many spans as there are.
    pub scrapes: usize,
    /// How long a connection may be idle or take to send a request's head. Below ten seconds by
    /// enough that a client which counts to ten sees it closed.
    pub waiting: Duration,
    /// How long the whole answer to a request may take to be read by the client.
    pub answering: Duration,
    /// The longest target of a request line, bytes.
    pub uri_bytes: usize,
    /// The most bytes of header lines.
    pub header_bytes: usize,
    /// The longest body of `PUT /level` and `PUT /tracing`, bytes.
    pub body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 256,
            scrapes: 8,
            waiting: Duration::from_secs(8),
            answering: Duration::from_secs(9),
            uri_bytes: 8 * 1024,
            header_bytes: 8 * 1024,
            body_bytes: 1024,
        }
    }
}

/// Past `Limits::connections` when all are busy answering: so many more are let in to be told 503.
pub const PORCH: usize = 32;

/// Connections past `Limits::connections` that have had to make room and are told so. While there
/// are so many, new ones wait in the system's queue.
pub const MAX_LEAVING: usize = 256;

/// How long a connection that is at its end may take to go.
pub const LEAVING: Duration = Duration::from_millis(500);

/// The most that a request's head may fill of the read buffer. Larger than the limits above, so
/// that a head past them is read to its end and answered 414 or 431, whichever it is.
pub const READ_BUFFER_BYTES: usize = 128 * 1024;
