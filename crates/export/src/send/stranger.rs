//! Who answers instead of a receiver: told by the first bytes that come over a connection.

use super::attempt::Attempt;
use super::outcome::{Problem, Reason};
use super::response::quoted;

/// What answers in another protocol than is spoken to it; `None` where that is not sure.
pub(super) fn stranger(attempt: &Attempt, greeting: &[u8]) -> Option<Problem> {
    let Attempt { shown, speaks_grpc, encrypted, .. } = attempt;
    let message = if *speaks_grpc && greeting.starts_with(b"HTTP/1") {
        format!(
            "an HTTP/1.1 server answers at {shown}, where gRPC was expected: set the protocol to \
             http/protobuf, or the endpoint to the collector's port for gRPC (4317)"
        )
    } else if !speaks_grpc && is_settings_frame(greeting) {
        format!(
            "an HTTP/2 server answers at {shown}, most likely gRPC: set the protocol to grpc, or \
             the endpoint to the collector's port for HTTP (4318)"
        )
    } else if !encrypted && matches!(greeting, [21, 3, ..]) {
        format!("{shown} speaks TLS: begin the endpoint with https://")
    } else if greeting.starts_with(b"<") {
        format!(
            "{shown} answers with a page, and that is not HTTP: is the endpoint the collector's?"
        )
    } else if is_text(greeting) {
        let said = quoted(&String::from_utf8_lossy(greeting));
        format!("what {shown} answers is not HTTP, it begins with {said}{}", attempt.port_hint())
    } else {
        return None;
    };
    Some(Problem::new(Reason::Protocol, message))
}

/// How HTTP/2 begins: a frame of SETTINGS (type 4), whole settings of 6 bytes, on stream 0.
fn is_settings_frame(greeting: &[u8]) -> bool {
    match *greeting {
        [high, middle, low, 4, _, 0, 0, 0, 0, ..] => {
            u32::from_be_bytes([0, high, middle, low]).is_multiple_of(6)
        }
        _ => false,
    }
}

/// A line of some other protocol, and not the beginning of an answer of HTTP.
fn is_text(greeting: &[u8]) -> bool {
    let is_http = greeting.iter().zip(b"HTTP/").all(|(heard, http)| heard == http);
    !is_http && greeting[0].is_ascii_graphic()
}
