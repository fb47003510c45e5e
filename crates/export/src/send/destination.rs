//! Where requests go, as the options say: resolved, but not yet checked.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

use super::outcome::Reason;
use super::secrets::without_secrets;

/// Where requests go. The three have no field in common, so none can be taken for another.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Destination {
    /// A receiver of OTLP.
    Otlp(OtlpDestination),
    /// A file of JSON lines.
    File(FileDestination),
    /// Standard output, in JSON lines.
    Stdout(StdoutDestination),
}

impl Destination {
    /// Where it goes, to be shown: an endpoint without what may be secret in it, a path, or
    /// `stdout`.
    pub fn display(&self) -> String {
        match self {
            Destination::Otlp(otlp) => without_secrets(&otlp.endpoint),
            Destination::File(file) => file.path.display().to_string(),
            Destination::Stdout(_) => "stdout".to_owned(),
        }
    }

    /// Why a request to it, or a part of one, may be refused for good.
    pub fn refusals(&self) -> &'static [Reason] {
        use Reason::{
            BadResponse, Blocked, Io, Partial, Protocol, Rejected, Throttled, TooLarge,
            Unauthorized,
        };
        match self {
            Destination::Otlp(_) => {
                &[BadResponse, Partial, Protocol, Rejected, Throttled, TooLarge, Unauthorized]
            }
            Destination::File(_) => &[],
            Destination::Stdout(_) => &[Blocked, Io],
        }
    }
}

/// A receiver of OTLP.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OtlpDestination {
    /// How to speak to it.
    pub protocol: Protocol,
    /// A complete URL, with `v1/metrics` or `v1/traces` for HTTP; or `unix:` and a path.
    pub endpoint: String,
    /// Sent with each request. Secret: never shown.
    pub headers: BTreeMap<String, String>,
    /// How requests are compressed.
    pub compression: Compression,
    /// How long a request may take, from the connection to the last byte of the answer,
    /// milliseconds. 0: for ever.
    pub timeout_ms: u64,
    /// A file of PEM certificates to trust in place of the system's.
    pub certificate: Option<PathBuf>,
    /// A file with the PEM key of `client_certificate`.
    pub client_key: Option<PathBuf>,
    /// A file with the PEM certificate that says who we are, and those that vouch for it.
    pub client_certificate: Option<PathBuf>,
    /// gRPC to an endpoint without a scheme: in the clear.
    pub insecure: bool,
}

impl fmt::Debug for OtlpDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtlpDestination")
            .field("protocol", &self.protocol)
            .field("endpoint", &without_secrets(&self.endpoint))
            .finish_non_exhaustive()
    }
}

/// A file of JSON lines.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileDestination {
    /// The file that is appended to.
    pub path: PathBuf,
    /// The size past which a new one is begun, bytes. A line that alone is larger is a file of its
    /// own.
    pub max_bytes: u64,
    /// How many files are kept, the current one included; at least 1.
    pub max_files: u32,
}

/// Standard output, in JSON lines.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StdoutDestination {}

/// How to speak to a receiver of OTLP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Protocol {
    /// gRPC.
    #[serde(rename = "grpc")]
    Grpc,
    /// HTTP/1.1 with protobuf.
    #[serde(rename = "http/protobuf")]
    HttpProtobuf,
    /// HTTP/1.1 with JSON.
    #[serde(rename = "http/json")]
    HttpJson,
}

/// How requests are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// By gzip.
    Gzip,
    /// Not at all.
    None,
}

/// What is sent: it decides the path, the service of gRPC and the answer's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Metrics.
    Metrics,
    /// Spans.
    Traces,
}

impl Signal {
    /// The word for it, in labels and status: `metrics` or `traces`.
    pub fn label(&self) -> &'static str {
        match self {
            Signal::Metrics => "metrics",
            Signal::Traces => "traces",
        }
    }
}
