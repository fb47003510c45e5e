//! Putting answers together: JSON, plain text, errors.

use std::rc::Rc;

use hyper::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};
use nanometer_core::json::to_string;
use serde::Serialize;

use super::body::Answer;
use super::watch::Watch;

/// An answer that is an error: its status, and what the body says.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The status.
    pub status: StatusCode,
    /// A stable code.
    pub code: &'static str,
    /// What is wrong and what is accepted.
    pub message: String,
    /// A header that belongs to it.
    pub header: Option<(HeaderName, HeaderValue)>,
    /// Whether the connection is closed after it.
    pub closes: bool,
}

impl Refusal {
    /// A refusal that leaves the connection open.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status, code, message: message.into(), header: None, closes: false }
    }

    /// 503, to be tried again.
    pub fn busy(why: &str) -> Refusal {
        let message = format!("{why}; try again in a second");
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "BUSY", message).with(RETRY_AFTER, "1")
    }

    /// With that header.
    pub fn with(self, name: HeaderName, value: &'static str) -> Refusal {
        Refusal { header: Some((name, HeaderValue::from_static(value))), ..self }
    }

    /// With the connection closed after it.
    pub fn closing(self) -> Refusal {
        Refusal { closes: true, ..self }
    }

    /// The answer: `{"error":{"code":…,"message":…}}`.
    pub fn into_response(self, watch: &Rc<Watch>) -> Response<Answer> {
        #[derive(Serialize)]
        struct Body<'a> {
            error: Error<'a>,
        }
        #[derive(Serialize)]
        struct Error<'a> {
            code: &'a str,
            message: &'a str,
        }
        let body = Body { error: Error { code: self.code, message: &self.message } };
        let mut response = json(&body, watch);
        *response.status_mut() = self.status;
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        if self.closes {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// The media type of JSON.
pub const JSON: &str = "application/json";

/// 200 with that value as JSON.
pub fn json(value: &impl Serialize, watch: &Rc<Watch>) -> Response<Answer> {
    ok(JSON, Answer::whole(to_string(value), watch))
}

/// 200 with that text.
pub fn text(text: String, watch: &Rc<Watch>) -> Response<Answer> {
    ok("text/plain; charset=utf-8", Answer::whole(text, watch))
}

/// 200 with that body.
pub fn ok(content_type: &'static str, body: Answer) -> Response<Answer> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
