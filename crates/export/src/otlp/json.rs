//! OTLP's JSON: the mapping of the official types, on one line.

use serde::Serialize;

/// A message of the official types.
pub(super) fn to_json(message: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(message).unwrap_or_default()
}
