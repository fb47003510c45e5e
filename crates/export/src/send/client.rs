//! The HTTP client under both protocols: hyper's pooled one over our connections, with the headers
//! that every request has.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tonic::body::Body;

use super::attempt::Attempt;
use super::connector::Connector;
use super::destination::{OtlpDestination, Protocol};
use super::endpoint::Endpoint;
use super::open_error::OpenSenderError;
use super::tls::client_config;
use super::trail::Trail;

/// How we name ourselves, as OTLP asks.
const OUR_NAME: &str = concat!("OTel-OTLP-Exporter-nanometer/", env!("CARGO_PKG_VERSION"));

/// What frames a request or belongs to its connection: a header of the user's could only break it.
const OURS: [&str; 14] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "grpc-accept-encoding",
    "grpc-encoding",
    "grpc-timeout",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
];

/// After how long an unused connection is closed, like most servers do.
const IDLE: Duration = Duration::from_secs(90);

pub(super) type HttpClient = Client<Connector, Body>;

/// What both protocols need to send requests to an endpoint.
pub(super) struct Line {
    connector: Connector,
    client: Mutex<HttpClient>,
    pub(super) endpoint: Endpoint,
    /// The user's headers, and our name.
    pub(super) headers: HeaderMap,
    /// How long a request may take.
    pub(super) limit: Option<Duration>,
    pub(super) attempt: Attempt,
}

impl Line {
    pub(super) fn open(
        destination: &OtlpDestination,
        endpoint: Endpoint,
    ) -> Result<Self, OpenSenderError> {
        let grpc = destination.protocol == Protocol::Grpc;
        let application: &[u8] = if grpc { b"h2" } else { b"http/1.1" };
        let limit =
            (destination.timeout_ms > 0).then(|| Duration::from_millis(destination.timeout_ms));
        let trail = Trail::new();
        let connector = match &endpoint.socket {
            Some(path) => Connector::to_socket(path.clone(), trail.clone()),
            None => {
                let tls = client_config(destination, endpoint.is_https(), application)?;
                Connector::to_host(tls, limit, trail.clone())
            }
        };
        let client = Mutex::new(client(connector.clone(), grpc));
        let attempt = Attempt {
            shown: endpoint.shown.clone(),
            host: match &endpoint.socket {
                Some(path) => path.display().to_string(),
                None => endpoint.uri.host().unwrap_or_default().to_owned(),
            },
            port: endpoint.uri.port_u16(),
            speaks_grpc: grpc,
            encrypted: endpoint.is_https(),
            trail,
        };
        let headers = headers(destination, &endpoint)?;
        Ok(Line { connector, client, endpoint, headers, limit, attempt })
    }

    /// Begins a request.
    pub(super) fn begin(&self) -> Asking<'_> {
        self.attempt.trail.begin();
        let client = self.client.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Asking { line: self, client, answered: false }
    }
}

/// A request on its way. When it is given up without an answer, its connection is cut, and the next
/// makes one of its own: the one at hand may be dead without anybody having said so.
pub(super) struct Asking<'a> {
    line: &'a Line,
    pub(super) client: HttpClient,
    answered: bool,
}

impl Asking<'_> {
    /// There is an answer, or an error, either of which the client knows of.
    pub(super) fn end(mut self) {
        self.answered = true;
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.line.attempt.trail.cut();
            let fresh = client(self.line.connector.clone(), self.line.attempt.speaks_grpc);
            *self.line.client.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }
}

/// A client without connections yet.
fn client(connector: Connector, speaks_grpc: bool) -> HttpClient {
    Client::builder(TokioExecutor::new())
        .http2_only(speaks_grpc)
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(1)
        .build(connector)
}

/// The user's headers, our name, and the authentication that stood in the URL. An error names the
/// header, never its value.
fn headers(
    destination: &OtlpDestination,
    endpoint: &Endpoint,
) -> Result<HeaderMap, OpenSenderError> {
    let wrong = |what| OpenSenderError { option: "headers", what };
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(OUR_NAME));
    if let Some(authorization) = &endpoint.authorization {
        headers.insert(AUTHORIZATION, authorization.clone());
    }
    for (name, value) in &destination.headers {
        let key: HeaderName = name.trim().parse().map_err(|_| {
            wrong(format!(
                "{name:?} is no name of a header; letters, digits and !#$%&'*+-.^_`|~ are accepted"
            ))
        })?;
        if OURS.contains(&key.as_str()) {
            return Err(wrong(format!(
                "{name:?} is set by the exporter itself; any other header is accepted"
            )));
        }
        let mut value = HeaderValue::from_str(value).map_err(|_| {
            wrong(format!("the value of {name:?} has a character in it that no header may have"))
        })?;
        value.set_sensitive(true);
        headers.insert(key, value);
    }
    Ok(headers)
}
