//! The body of an answer, as far as it is bounded.
//!
//! It comes from outside: no more than OTLP allows is read or unpacked, however much is announced
//! or comes.

use std::io::Read;

use bytes::{Bytes, BytesMut};
use flate2::read::GzDecoder;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::limits::MAX_RESPONSE_BYTES;

/// What could be read of a response's body.
pub(super) enum Reading {
    Whole(Bytes),
    /// The connection broke, or time ran out.
    Cut(&'static str),
    /// Larger than anything that is taken, compressed or not.
    TooLarge,
    /// Compressed in a way that is not known, or damaged.
    Unreadable,
}

/// Reads a body, as far as it is bounded, and undoes its compression.
pub(super) async fn read(mut body: Incoming, encoded: Option<&[u8]>) -> Reading {
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Reading::Cut("broke the connection off in its answer");
        };
        let Ok(data) = frame.into_data() else { continue };
        if read.len() + data.len() > MAX_RESPONSE_BYTES {
            return Reading::TooLarge;
        }
        read.extend_from_slice(&data);
    }
    match encoded {
        None | Some(b"identity") => Reading::Whole(read.freeze()),
        Some(b"gzip") if read.is_empty() => Reading::Whole(Bytes::new()),
        Some(b"gzip") => decompress(&read),
        Some(_) => Reading::Unreadable,
    }
}

fn decompress(compressed: &[u8]) -> Reading {
    let mut plain = Vec::new();
    let bound = MAX_RESPONSE_BYTES as u64 + 1;
    match GzDecoder::new(compressed).take(bound).read_to_end(&mut plain) {
        Ok(_) if plain.len() > MAX_RESPONSE_BYTES => Reading::TooLarge,
        Ok(_) => Reading::Whole(plain.into()),
        Err(_) => Reading::Unreadable,
    }
}
