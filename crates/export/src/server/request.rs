//! What is asked of every request before it is looked at: size, form, token.

use hyper::body::Incoming;
use hyper::header::{HOST, TRANSFER_ENCODING, WWW_AUTHENTICATE};
use hyper::{Request, StatusCode, Version};

use super::Site;
use super::reply::Refusal;

/// Bytes between the name and the value of a header, and after it: `: ` and CRLF.
const HEADER_LINE_EXTRA: usize = 4;

/// Refuses a request that is too large, ambiguous, or not allowed.
///
/// # Errors
///
/// 414, 431, 400, 401.
pub fn check(site: &Site, request: &Request<Incoming>) -> Result<(), Refusal> {
    let limits = &site.limits;
    let target = request.uri().to_string().len();
    if target > limits.uri_bytes {
        let message = format!(
            "the request's target has {target} bytes, at most {} are read",
            limits.uri_bytes
        );
        return Err(Refusal::new(StatusCode::URI_TOO_LONG, "URI_TOO_LONG", message).closing());
    }
    let headers = request.headers();
    let line = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        name.as_str().len() + value.len() + HEADER_LINE_EXTRA
    };
    let bytes: usize = headers.iter().map(line).sum();
    if bytes > limits.header_bytes {
        let message = format!(
            "the request's headers have {bytes} bytes, at most {} are read",
            limits.header_bytes
        );
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        return Err(Refusal::new(status, "HEADERS_TOO_LARGE", message).closing());
    }
    // With a length beside it (which the parser hides) the two could be read differently by a proxy
    // and by us; no client of ours has a body whose length it does not know.
    if headers.contains_key(TRANSFER_ENCODING) {
        return Err(malformed("a Transfer-Encoding is not accepted, send a Content-Length"));
    }
    let hosts = headers.get_all(HOST).iter().count();
    if hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11) {
        return Err(malformed("a request of HTTP/1.1 has one Host header"));
    }
    match &site.token {
        Some(token) if !token.is_in(headers) => Err(unauthorized()),
        _ => Ok(()),
    }
}

fn malformed(message: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message).closing()
}

/// The same bytes whatever was wrong with the token.
fn unauthorized() -> Refusal {
    let message = "this server wants its token: Authorization: Bearer TOKEN";
    Refusal::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message)
        .with(WWW_AUTHENTICATE, "Bearer realm=\"nanometer\"")
}
