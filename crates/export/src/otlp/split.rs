//! Requests in JSON: read as a receiver reads them, by the official types, and written anew, each no
//! larger than it may be.

use bytes::Bytes;

use super::json::to_json;
use super::request::Request;
use super::requests::Part;

/// Writes requests in JSON of at most `max_bytes` each, in order; and says how many items are in
/// none, because each alone is larger.
pub(super) fn as_json<R: Request + Default>(
    parts: Vec<Part>,
    max_bytes: usize,
) -> (Vec<Part>, u64) {
    let mut written = Vec::new();
    let mut too_large = 0;
    for Part { body, items } in parts {
        match R::decode(body) {
            Ok(request) => too_large += split(items.start, request, max_bytes, &mut written),
            // What is no request is in none.
            Err(_) => too_large += items.len() as u64,
        }
    }
    (written, too_large)
}

/// How many of its items are in no part.
///
/// `first`: the place of its first item
fn split<R: Request>(first: usize, request: R, max_bytes: usize, parts: &mut Vec<Part>) -> u64 {
    let mut too_large = 0;
    // The next one is the last.
    let mut left = vec![(first, request)];
    while let Some((first, mut request)) = left.pop() {
        let items = request.items();
        if items == 0 {
            continue;
        }
        let bytes = match encode(&request, max_bytes) {
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
    too_large
}

/// # Errors
///
/// About how many bytes it would have, where those are too many.
fn encode(request: &impl Request, max_bytes: usize) -> Result<Bytes, usize> {
    let fits = |bytes: usize| if bytes <= max_bytes { Ok(()) } else { Err(bytes) };
    let bytes = request.encoded_len();
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
