//! What is asked of a request that sets something, whatever it sets.

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::StatusCode;

use super::Peer;
use super::ask::Ask;
use super::reply::Refusal;

/// The body of a request that may set `what`.
///
/// # Errors
///
/// 403 over TCP where no token is configured, 413.
pub async fn body(ask: Ask, what: &str) -> Result<Bytes, Refusal> {
    let Ask { request, site, peer, .. } = ask;
    if peer == Peer::Tcp && site.token.is_none() {
        let message = format!(
            "setting {what} over TCP needs the option inspection.token; the Unix socket needs none"
        );
        return Err(Refusal::new(StatusCode::FORBIDDEN, "FORBIDDEN", message).closing());
    }
    let body = Limited::new(request.into_body(), site.limits.body_bytes).collect().await;
    let Ok(body) = body else {
        let message = format!("the body has at most {} bytes", site.limits.body_bytes);
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        return Err(Refusal::new(status, "BODY_TOO_LARGE", message).closing());
    };
    Ok(body.to_bytes())
}
