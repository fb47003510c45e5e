//! `/metrics` and `/snapshot`, and how large answers are made while they are sent.

use std::sync::Arc;

use hyper::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, HeaderName, HeaderValue, VARY};
use hyper::{Method, Response};
use nanometer_core::Exemplars;

use super::ask::Ask;
use super::body::{Answer, Streamed, Tally};
use super::reply::{JSON, Refusal, ok};
use crate::encode::json::JsonEncoder;
use crate::encode::negotiate::{Coding, coding_for, format_for};
use crate::encode::prometheus::{Encoder, Format};

/// All metrics in the format that the client likes best.
///
/// # Errors
///
/// 503 where too many such answers are under way.
pub fn metrics(ask: &Ask) -> Result<Response<Answer>, Refusal> {
    let chosen = format_for(&header(ask, ACCEPT));
    let chunks = |ask: &Ask| {
        // Text 0.0.4 has no exemplars.
        let exemplars = match chosen.format {
            Format::OpenMetrics => Exemplars::Published,
            Format::Text => Exemplars::Left,
        };
        let encoder = Encoder::new(ask.site.meter.snapshot_with(exemplars), chosen.format);
        ask.site.report(encoder.collisions());
        Box::new(encoder) as Box<dyn Iterator<Item = Vec<u8>>>
    };
    let tally = Tally { stats: Arc::clone(&ask.site.stats), began: ask.began };
    let mut response = stream(ask, chosen.content_type(), chunks, Some(tally))?;
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
    Ok(response)
}

/// All metrics as JSON.
///
/// # Errors
///
/// As [`metrics`].
pub fn snapshot(ask: &Ask) -> Result<Response<Answer>, Refusal> {
    let chunks = |ask: &Ask| {
        Box::new(JsonEncoder::new(ask.site.meter.snapshot_with(Exemplars::Shown)))
            as Box<dyn Iterator<Item = Vec<u8>>>
    };
    let mut response = stream(ask, JSON, chunks, None)?;
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    Ok(response)
}

/// An answer that is made while it is sent, one of a few at a time.
///
/// # Errors
///
/// As [`metrics`].
pub fn stream(
    ask: &Ask,
    content_type: &'static str,
    chunks: impl FnOnce(&Ask) -> Box<dyn Iterator<Item = Vec<u8>>>,
    tally: Option<Tally>,
) -> Result<Response<Answer>, Refusal> {
    let coding = coding_for(&header(ask, ACCEPT_ENCODING));
    let body = if ask.request.method() == Method::HEAD {
        Answer::headers_only(&ask.watch)
    } else {
        let Ok(permit) = Arc::clone(&ask.site.scrapes).try_acquire_owned() else {
            return Err(Refusal::busy("as many scrapes as are allowed are under way"));
        };
        Answer::streamed(Streamed { chunks: chunks(ask), coding, tally, permit }, &ask.watch)
    };
    let mut response = ok(content_type, body);
    if coding == Coding::Gzip {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

/// The value of a header; of several, joined as a list. What is not text is left out.
fn header(ask: &Ask, name: HeaderName) -> String {
    let values = ask.request.headers().get_all(name).iter();
    values.filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",")
}
