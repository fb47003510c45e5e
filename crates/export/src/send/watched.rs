//! The HTTP client as tonic sees it, with an eye on what the server itself says: tonic makes a
//! status of its own for whatever goes wrong, and whether to try again depends on whose it is.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use http_body_util::BodyExt;
use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper::{Request, Response, StatusCode};
use tonic::Code;
use tonic::body::Body;
use tower_service::Service;

use super::client::HttpClient;

type BoxError = Box<dyn Error + Send + Sync>;

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

    fn read(&self, headers: &HeaderMap) {
        if let Some(status) = headers.get("grpc-status") {
            let code = Code::from_bytes(status.as_bytes());
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(code);
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
            let response = asking.await?;
            told.read(response.headers());
            if told.code().is_none() && !speaks_grpc(response.headers()) {
                let (parts, _) = response.into_parts();
                return Err(NotGrpc { status: parts.status, headers: parts.headers }.into());
            }
            Ok(response.map(|body| {
                Body::new(body.map_frame(move |frame| {
                    if let Some(trailers) = frame.trailers_ref() {
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
