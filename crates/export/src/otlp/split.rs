//! Requests that are no larger than they may be.

use std::ops::Range;

use bytes::Bytes;

use super::Encoding;
use super::json::to_json;
use super::request::Request;

/// A request of its own, encoded.
#[derive(Debug)]
pub(super) struct Part {
    pub body: Bytes,
    /// Which items of the whole it has; never none.
    pub items: Range<usize>,
}

/// Encodes a request in parts of at most `max_bytes` each, in order; and says how many items are in
/// none, because each alone is larger.
pub(super) fn split<R: Request>(
    request: R,
    encoding: Encoding,
    max_bytes: usize,
) -> (Vec<Part>, u64) {
    let mut parts = Vec::new();
    let mut too_large = 0;
    // The next one is the last.
    let mut left = vec![(0, request)];
    while let Some((first, mut request)) = left.pop() {
        let items = request.items();
        if items == 0 {
            continue;
        }
        let bytes = match encode(&request, encoding, max_bytes) {
            Ok(body) => {
                parts.push(Part { body, items: first..first + items });
                continue;
            }
            Err(bytes) => bytes,
        };
        if items == 1 {
            too_large += 1;
            continue;
        }
        let pieces = bytes.div_ceil(max_bytes.max(1)).clamp(2, items);
        let each = items.div_ceil(pieces);
        for at in (1..items.div_ceil(each)).rev() {
            left.push((first + at * each, request.split_off(at * each)));
        }
        left.push((first, request));
    }
    (parts, too_large)
}

/// # Errors
///
/// About how many bytes it would have, where those are too many.
fn encode<R: Request>(request: &R, encoding: Encoding, max_bytes: usize) -> Result<Bytes, usize> {
    let fits = |bytes: usize| if bytes <= max_bytes { Ok(()) } else { Err(bytes) };
    let bytes = request.encoded_len();
    match encoding {
        Encoding::Protobuf => {
            fits(bytes)?;
            Ok(request.encode_to_vec().into())
        }
        Encoding::Json => {
            let about = bytes.saturating_add(bytes / 3);
            if request.items() > 1 {
                // What is too large is seldom written to find that out.
                fits(about)?;
            }
            // What cannot be written does not fit either.
            let json = to_json(request, about).map_err(|_| usize::MAX)?;
            fits(json.len())?;
            // The room that is left over would be in a queue, and not be counted there.
            Ok(json.into_boxed_slice().into())
        }
    }
}
