//! One destination for the requests of one signal.

use std::fmt;

use bytes::Bytes;

use super::destination::{Destination, Protocol, Signal};
use super::file::FileSender;
use super::grpc::GrpcSender;
use super::http::HttpSender;
use super::limits::MAX_REQUEST_BYTES;
use super::open_error::OpenSenderError;
use super::outcome::{Outcome, Problem, Reason};
use super::stdout::StdoutSender;

/// Sends requests of one signal to one destination, one at a time.
pub struct Sender(Way);

enum Way {
    Http(Box<HttpSender>),
    Grpc(Box<GrpcSender>),
    File(FileSender),
    Stdout(StdoutSender),
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match &self.0 {
            Way::Http(_) => "Http",
            Way::Grpc(_) => "Grpc",
            Way::File(_) => "File",
            Way::Stdout(_) => "Stdout",
        };
        f.debug_tuple("Sender").field(&way).finish()
    }
}

impl Sender {
    /// Checks a destination's values and reads its certificates. Connects to nothing.
    ///
    /// # Errors
    ///
    /// Where a value can never work. What may come right by itself, such as a missing directory or
    /// a name that is not found, is told by [`send`](Self::send).
    pub fn open(destination: &Destination, signal: Signal) -> Result<Sender, OpenSenderError> {
        let way = match destination {
            Destination::Otlp(otlp) => match otlp.protocol {
                Protocol::Grpc => Way::Grpc(Box::new(GrpcSender::open(otlp, signal)?)),
                Protocol::HttpProtobuf | Protocol::HttpJson => {
                    Way::Http(Box::new(HttpSender::open(otlp, signal)?))
                }
            },
            Destination::File(file) => Way::File(FileSender::open(file)?),
            Destination::Stdout(_) => Way::Stdout(StdoutSender::open()?),
        };
        Ok(Sender(way))
    }

    /// Sends one request: OTLP in the encoding that the destination takes, not compressed; for
    /// files and standard output one line of JSON without its end. One at a time. Safe to drop at
    /// any point: what the receiver got by then is unknown.
    pub async fn send(&self, body: &Bytes) -> Outcome {
        match &self.0 {
            Way::Http(_) | Way::Grpc(_) if body.len() > MAX_REQUEST_BYTES => {
                let message = format!(
                    "a request of {} bytes is not sent, since OTLP allows {MAX_REQUEST_BYTES}",
                    body.len()
                );
                Outcome::Refused(Problem::new(Reason::TooLarge, message))
            }
            Way::Http(http) => http.send(body).await,
            Way::Grpc(grpc) => grpc.send(body).await,
            Way::File(file) => file.send(body).await,
            Way::Stdout(stdout) => stdout.send(body).await,
        }
    }
}
