//! The bounds that OTLP sets.

/// The largest request that is sent, bytes before compression.
pub(super) const MAX_REQUEST_BYTES: usize = 64 << 20;

/// The largest answer that is read, bytes, before and after decompression.
pub(super) const MAX_RESPONSE_BYTES: usize = 4 << 20;
