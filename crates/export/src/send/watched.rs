//! The HTTP client as tonic sees it, with an eye on what the server itself says: tonic makes a
//! status of its own for whatever goes wrong, and whether to try again depends on whose it is.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http_body_util::BodyExt;
use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper::{Request, Response, StatusCode};
use tonic::Code;
use tonic::body::Body;
use tower_service::Service;

use super::client::HttpClient;

type BoxError = Box<dyn Error + Send + Sync>;

/// The header with the details of a status, in base64.
const DETAILS: &str = "grpc-status-details-bin";

/// Base64 as tonic reads it.
const ANY_PADDING: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Sends a call's request, and keeps the status that the server gives.
#[derive(Clone)]
pub(super) struct Watched {
    client: HttpClient,
    headers: HeaderMap,
    told: Told,
}

/// The status that the server gave, if any: in the headers, or in the trailers.
#[derive(Clone, Default)]
pub(super) struct Told(Arc<Mutex<Option<Code>>>);

impl Told {
    pub(super) fn code(&self) -> Option<Code> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads headers or trailers, and takes out of them what tonic would panic at.
    fn read(&self, headers: &mut HeaderMap) {
        if let Some(status) = headers.get("grpc-status") {
            let code = Code::from_bytes(status.as_bytes());
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(code);
        }
        if let Some(details) = headers.get(DETAILS)
            && ANY_PADDING.decode(details.as_bytes()).is_err()
        {
            headers.remove(DETAILS);
        }
    }
}

impl Watched {
    pub(super) fn new(client: HttpClient, headers: HeaderMap) -> (Self, Told) {
        let told = Told::default();
        (Watched { client, headers, told: told.clone() }, told)
    }
}

impl Service<Request<Body>> for Watched {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.client.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        request.headers_mut().extend(self.headers.clone());
        let told = self.told.clone();
        let asking = self.client.request(request);
        Box::pin(async move {
            let mut response = asking.await?;
            told.read(response.headers_mut());
            if told.code().is_none() && !speaks_grpc(response.headers()) {
                let (parts, _) = response.into_parts();
                return Err(NotGrpc { status: parts.status, headers: parts.headers }.into());
            }
            Ok(response.map(|body| {
                Body::new(body.map_frame(move |mut frame| {
                    if let Some(trailers) = frame.trailers_mut() {
                        told.read(trailers);
                    }
                    frame
                }))
            }))
        })
    }
}

fn speaks_grpc(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"))
}

/// An HTTP/2 server that answered something else than gRPC.
#[derive(Debug)]
pub(super) struct NotGrpc {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
}

impl fmt::Display for NotGrpc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an answer of HTTP that is not gRPC: {}", self.status)
    }
}

impl Error for NotGrpc {}
