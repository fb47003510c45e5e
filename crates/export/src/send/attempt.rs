//! What is attempted, and may have to be told of.

use super::trail::Trail;

/// What was being attempted.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    /// The endpoint, to be shown.
    pub(super) shown: String,
    /// The host's name or the path of the socket.
    pub(super) host: String,
    pub(super) port: Option<u16>,
    pub(super) speaks_grpc: bool,
    pub(super) encrypted: bool,
    pub(super) trail: Trail,
}

impl Attempt {
    /// A port that is customary for the other protocol is worth a word.
    pub(super) fn port_hint(&self) -> &'static str {
        match (self.speaks_grpc, self.port) {
            (false, Some(4317)) => {
                ": port 4317 is customary for gRPC, and this is HTTP, which is at 4318"
            }
            (true, Some(4318)) => {
                ": port 4318 is customary for HTTP, and this is gRPC, which is at 4317"
            }
            _ => "",
        }
    }
}
