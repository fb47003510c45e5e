//! OTLP over gRPC: one unary call a request.
//!
//! The status in the trailers is the answer. Where there is none, what happened to the stream or
//! the connection has a status by gRPC's own rules, and OTLP says which of them may be tried again.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use h2::Reason as Reset;
use hyper::http::uri::PathAndQuery;
use hyper::{StatusCode, Uri};
use tokio::time::timeout;
use tonic::client::Grpc;
use tonic::codec::CompressionEncoding;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::client::Line;
use super::destination::{Compression, OtlpDestination, Signal};
use super::endpoint::Endpoint;
use super::failure::causes;
use super::limits::MAX_RESPONSE_BYTES;
use super::open_error::OpenSenderError;
use super::outcome::{Outcome, Problem, Reason};
use super::raw_codec::RawCodec;
use super::response::{Format, parse_receipt, quoted};
use super::retry_after::{LONGEST, retry_after};
use super::watched::{NotGrpc, Told, Watched};

/// Sends requests of one signal over gRPC.
pub(super) struct GrpcSender {
    line: Line,
    signal: Signal,
    gzip: bool,
    origin: Uri,
    method: PathAndQuery,
}

impl GrpcSender {
    pub(super) fn open(
        destination: &OtlpDestination,
        signal: Signal,
    ) -> Result<Self, OpenSenderError> {
        let endpoint = Endpoint::parse(destination, signal)?;
        let mut parts = endpoint.uri.clone().into_parts();
        let method = parts.path_and_query.replace(PathAndQuery::from_static("/"));
        let method = method.unwrap_or_else(|| PathAndQuery::from_static("/"));
        let origin = Uri::from_parts(parts).unwrap_or_default();
        let line = Line::open(destination, endpoint)?;
        let gzip = destination.compression == Compression::Gzip;
        Ok(GrpcSender { line, signal, gzip, origin, method })
    }

    pub(super) async fn send(&self, body: &Bytes) -> Outcome {
        let asking = self.line.begin();
        let (service, told) = Watched::new(asking.client.clone(), self.line.headers.clone());
        let mut grpc = Grpc::with_origin(service, self.origin.clone())
            .max_encoding_message_size(usize::MAX)
            .max_decoding_message_size(MAX_RESPONSE_BYTES)
            .accept_compressed(CompressionEncoding::Gzip);
        if self.gzip {
            grpc = grpc.send_compressed(CompressionEncoding::Gzip);
        }
        let mut request = tonic::Request::new(body.clone());
        let answered = match self.line.limit {
            Some(limit) => {
                request.set_timeout(limit);
                match timeout(limit, grpc.unary(request, self.method.clone(), RawCodec)).await {
                    Ok(answered) => answered,
                    Err(_) => return retry(None, self.line.attempt.timeout(limit)),
                }
            }
            None => grpc.unary(request, self.method.clone(), RawCodec).await,
        };
        asking.end();
        match answered {
            Ok(response) if told.code() == Some(Code::Ok) => self.success(response.get_ref()),
            Ok(_) => self.bad_response("an answer without a status"),
            Err(status) => self.failure(&status, &told),
        }
    }

    fn success(&self, body: &[u8]) -> Outcome {
        let shown = &self.line.endpoint.shown;
        match parse_receipt(body, Format::Protobuf, self.signal) {
            Ok(receipt) => receipt.outcome(shown),
            Err(error) => self.bad_response(&error),
        }
    }

    fn failure(&self, status: &Status, told: &Told) -> Outcome {
        let shown = &self.line.endpoint.shown;
        match told.code() {
            Some(Code::Ok) => {
                let warning = format!(
                    "{shown} took a request, but its answer is cut: whether it rejected a part is \
                     not known"
                );
                return Outcome::Delivered { rejected: 0, warning: Some(warning) };
            }
            Some(_) => return answered(shown, self.signal, status),
            None => {}
        }
        let Some(error) = std::error::Error::source(status) else {
            return self.bad_response(status.message());
        };
        for cause in causes(error) {
            if let Some(answer) = cause.downcast_ref::<NotGrpc>() {
                return self.not_grpc(answer);
            }
            if let Some(error) = cause.downcast_ref::<h2::Error>()
                && error.is_reset()
                && error.is_remote()
                && let Some(reason) = error.reason()
            {
                return reset(shown, reason);
            }
        }
        retry(None, self.line.attempt.failure(error))
    }

    fn not_grpc(&self, answer: &NotGrpc) -> Outcome {
        let NotGrpc { status, headers } = answer;
        let shown = &self.line.endpoint.shown;
        let message = format!(
            "an HTTP server that is no gRPC server answered {status} at {shown}: set the protocol \
             to http/protobuf, or the endpoint to the collector's port for gRPC (4317)"
        );
        match *status {
            StatusCode::TOO_MANY_REQUESTS => retry(
                retry_after(headers, SystemTime::now()),
                Problem::new(Reason::Throttled, message),
            ),
            StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => retry(
                retry_after(headers, SystemTime::now()),
                Problem::new(
                    Reason::Unavailable,
                    format!(
                        "what stands before {shown} answered {status}: it cannot be reached now"
                    ),
                ),
            ),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Outcome::Refused(Problem::new(
                Reason::Unauthorized,
                format!("{shown} answered {status}: set its credentials by the option headers"),
            )),
            _ => Outcome::Refused(Problem::new(Reason::Protocol, message)),
        }
    }

    fn bad_response(&self, why: &str) -> Outcome {
        let message = format!(
            "{} answered, but not as a receiver of OTLP does: {}; is the endpoint the collector's?",
            self.line.endpoint.shown,
            quoted(why)
        );
        Outcome::Refused(Problem::new(Reason::BadResponse, message))
    }
}

/// The status that a server gave.
fn answered(shown: &str, signal: Signal, status: &Status) -> Outcome {
    let retry_info = status.get_details_retry_info();
    let after = retry_info.as_ref().and_then(|info| info.retry_delay).map(|wait| wait.min(LONGEST));
    let words = match status.message().trim() {
        "" => String::new(),
        words => format!("; it says {}", quoted(words)),
    };
    let told = |reason, advice: &str| {
        let name = name(status.code());
        Problem::new(reason, format!("{shown} answered {name}: {advice}{words}"))
    };
    match status.code() {
        Code::Cancelled | Code::Aborted | Code::OutOfRange | Code::Unavailable | Code::DataLoss => {
            retry(after, told(Reason::Unavailable, "it cannot take the request now"))
        }
        Code::DeadlineExceeded => retry(
            after,
            told(Reason::Timeout, "it was not done in time; the option timeoutMs says how long"),
        ),
        Code::ResourceExhausted if retry_info.is_some() => {
            retry(after, told(Reason::Throttled, "it asks for fewer requests"))
        }
        Code::ResourceExhausted => Outcome::Refused(told(
            Reason::Throttled,
            "the request is larger than it accepts, or it is out of room and does not say when to \
             come again",
        )),
        Code::Unauthenticated | Code::PermissionDenied => Outcome::Refused(told(
            Reason::Unauthorized,
            "set its credentials by the option headers",
        )),
        Code::Unimplemented => Outcome::Refused(told(
            Reason::Rejected,
            &format!("it is a gRPC server, but takes no {} of OTLP", signal.label()),
        )),
        _ => Outcome::Refused(told(Reason::Rejected, "it refuses the request")),
    }
}

/// The server reset the stream: gRPC gives each reason a status.
fn reset(shown: &str, reason: Reset) -> Outcome {
    let told = |kind| {
        let message = format!("{shown} reset the request's stream ({reason:?})");
        Problem::new(kind, message)
    };
    match reason {
        Reset::REFUSED_STREAM | Reset::CANCEL => retry(None, told(Reason::Unavailable)),
        Reset::ENHANCE_YOUR_CALM => Outcome::Refused(told(Reason::Throttled)),
        Reset::INADEQUATE_SECURITY => Outcome::Refused(told(Reason::Unauthorized)),
        Reset::HTTP_1_1_REQUIRED => Outcome::Refused(told(Reason::Protocol)),
        _ => Outcome::Refused(told(Reason::Rejected)),
    }
}

fn retry(after: Option<Duration>, problem: Problem) -> Outcome {
    Outcome::Retry { after, problem }
}

/// The names that the standard has.
fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
