//! OTLP over HTTP/1.1: one POST a request, no redirects, no proxy.
//!
//! The status is the answer. A body can add to it how much was rejected, or show that whoever
//! answers is no receiver of OTLP; where it breaks off after a success, the request was taken.

use std::io::Write;
use std::time::SystemTime;

use bytes::Bytes;
use flate2::Compression as Level;
use flate2::write::GzEncoder;
use http_body_util::Full;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use hyper::http::response::Parts;
use hyper::{Method, Request, StatusCode};
use tokio::time::{Instant, timeout_at};
use tonic::body::Body;

use super::client::Line;
use super::destination::{Compression, OtlpDestination, Protocol, Signal};
use super::endpoint::Endpoint;
use super::limits::MAX_RESPONSE_BYTES;
use super::open_error::OpenSenderError;
use super::outcome::{Outcome, Problem, Reason};
use super::reading::{Reading, read};
use super::response::{Format, parse_receipt, quoted, status_message};
use super::retry_after::retry_after;
use super::secrets::without_secrets;

/// Sends requests of one signal over HTTP.
pub(super) struct HttpSender {
    line: Line,
    signal: Signal,
    format: Format,
    gzip: bool,
}

impl HttpSender {
    pub(super) fn open(
        destination: &OtlpDestination,
        signal: Signal,
    ) -> Result<Self, OpenSenderError> {
        let endpoint = Endpoint::parse(destination, signal)?;
        let mut line = Line::open(destination, endpoint)?;
        let (format, media_type) = match destination.protocol {
            Protocol::HttpJson => (Format::Json, "application/json"),
            _ => (Format::Protobuf, "application/x-protobuf"),
        };
        line.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        let gzip = destination.compression == Compression::Gzip;
        if gzip {
            line.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        Ok(HttpSender { line, signal, format, gzip })
    }

    pub(super) async fn send(&self, body: &Bytes) -> Outcome {
        let body = if self.gzip { compress(body) } else { body.clone() };
        let mut request = Request::new(Body::new(Full::new(body)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.line.endpoint.uri.clone();
        *request.headers_mut() = self.line.headers.clone();

        let deadline = self.line.limit.map(|limit| (limit, Instant::now() + limit));
        let asking = self.line.begin();
        let answered = match deadline {
            Some((limit, deadline)) => {
                match timeout_at(deadline, asking.client.request(request)).await {
                    Ok(answered) => answered,
                    Err(_) => return retry(self.line.attempt.timeout(limit)),
                }
            }
            None => asking.client.request(request).await,
        };
        let (parts, body) = match answered {
            Ok(response) => response.into_parts(),
            Err(error) => {
                asking.end();
                return retry(self.line.attempt.failure(&error));
            }
        };
        let encoded = parts.headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes);
        let reading = match deadline {
            Some((_, deadline)) => timeout_at(deadline, read(body, encoded))
                .await
                .unwrap_or(Reading::Cut("did not finish its answer in time")),
            None => read(body, encoded).await,
        };
        if matches!(reading, Reading::Whole(_)) {
            asking.end();
        }
        self.judge(&parts, reading)
    }

    fn judge(&self, parts: &Parts, reading: Reading) -> Outcome {
        if parts.status.is_success() {
            return self.success(&parts.headers, parts.status, reading);
        }
        let body = match &reading {
            Reading::Whole(body) => &body[..],
            _ => &[],
        };
        let problem = self.refusal(parts.status, &parts.headers, body);
        match parts.status {
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => {
                Outcome::Retry { after: retry_after(&parts.headers, SystemTime::now()), problem }
            }
            _ => Outcome::Refused(problem),
        }
    }

    fn success(&self, headers: &HeaderMap, status: StatusCode, reading: Reading) -> Outcome {
        let shown = &self.line.endpoint.shown;
        let bad = |why: String| {
            Outcome::Refused(Problem::new(
                Reason::BadResponse,
                format!(
                    "{shown} answered {}, but not as a receiver of OTLP does: {why}; is the \
                     endpoint the collector's?",
                    status.as_u16()
                ),
            ))
        };
        let body = match reading {
            Reading::Whole(body) => body,
            _ if is_html(headers, &[]) => return bad("with a page of HTML".to_owned()),
            Reading::Cut(how) => {
                let warning = format!(
                    "{shown} took a request, but {how}: whether it rejected a part is not known"
                );
                return Outcome::Delivered { rejected: 0, warning: Some(warning) };
            }
            Reading::TooLarge => {
                return bad(format!("its answer has more than {MAX_RESPONSE_BYTES} bytes"));
            }
            Reading::Unreadable => return bad("its compressed answer cannot be read".to_owned()),
        };
        if is_html(headers, &body) {
            return bad("with a page of HTML".to_owned());
        }
        match parse_receipt(&body, self.format_of(headers), self.signal) {
            Ok(receipt) => receipt.outcome(shown),
            Err(error) => {
                let kind =
                    media_type(headers).map_or_else(String::new, |kind| quoted(&kind) + ", ");
                bad(format!("{kind}{error}"))
            }
        }
    }

    fn refusal(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Problem {
        let shown = &self.line.endpoint.shown;
        let (reason, advice) = match status {
            StatusCode::TOO_MANY_REQUESTS => (Reason::Throttled, "it asks for fewer requests"),
            StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => (Reason::Unavailable, "it cannot take requests now"),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                (Reason::Unauthorized, "set its credentials by the option headers")
            }
            StatusCode::PAYLOAD_TOO_LARGE => {
                (Reason::TooLarge, "the request is larger than it accepts")
            }
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => (
                Reason::Rejected,
                "no receiver of OTLP is at that path, which mostly ends in /v1/metrics or /v1/traces",
            ),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                (Reason::Rejected, "it may know another protocol: http/protobuf, http/json or grpc")
            }
            _ if status.is_redirection() => {
                let to = headers.get(LOCATION).and_then(|to| to.to_str().ok());
                let to = to
                    .map_or_else(String::new, |to| format!(" to {}", quoted(&without_secrets(to))));
                let message = format!(
                    "{shown} redirects{to} ({}), which is not followed: set the endpoint to where \
                     the receiver is",
                    status.as_u16()
                );
                return Problem::new(Reason::Rejected, message);
            }
            _ => (Reason::Rejected, "it refuses the request"),
        };
        let words = if is_html(headers, body) {
            "; it says so in a page of HTML, so it may be no receiver of OTLP".to_owned()
        } else {
            let words = match media_type(headers).as_deref() {
                None | Some("text/plain") => std::str::from_utf8(body).ok().map(str::to_owned),
                _ => status_message(body, self.format_of(headers)),
            };
            words
                .filter(|words| !words.trim().is_empty())
                .map_or_else(String::new, |words| format!("; it says {}", quoted(&words)))
        };
        let message = format!("{shown} answered {status}: {advice}{words}");
        Problem::new(reason, message)
    }

    /// How the answer is encoded: as it says, or like the request.
    fn format_of(&self, headers: &HeaderMap) -> Format {
        match media_type(headers).as_deref() {
            Some("application/json") => Format::Json,
            Some("application/x-protobuf" | "application/protobuf") => Format::Protobuf,
            _ => self.format,
        }
    }
}

fn retry(problem: Problem) -> Outcome {
    Outcome::Retry { after: None, problem }
}

/// The type that an answer says it has, in lower case and without parameters.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or(value).trim().to_ascii_lowercase())
}

fn is_html(headers: &HeaderMap, body: &[u8]) -> bool {
    let body = body.trim_ascii_start();
    let begins = body[..body.len().min(14)].to_ascii_lowercase();
    media_type(headers).is_some_and(|kind| kind == "text/html")
        || begins.starts_with(b"<!doctype html")
        || begins.starts_with(b"<html")
}

fn compress(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Level::fast());
    encoder.write_all(body).and_then(|()| encoder.finish()).expect("memory takes all bytes").into()
}
