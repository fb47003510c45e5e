//! Endpoints of OTLP as people write them, and as requests are addressed.
//!
//! What is shown of one never has a user's name or password in it.

use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hyper::Uri;
use hyper::header::HeaderValue;
use hyper::http::uri::{Authority, PathAndQuery, Scheme};
use percent_encoding::percent_decode_str;

use super::destination::{OtlpDestination, Protocol, Signal};
use super::open_error::OpenSenderError;
use super::secrets::without_secrets;

/// The longest path of a Unix socket, bytes: `sun_path` of Linux less its final NUL.
const MAX_SOCKET_PATH_BYTES: usize = 107;

/// Where a request goes.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    /// Scheme, host and port, and the path. Over a socket the host is `localhost`.
    pub(super) uri: Uri,
    /// The Unix socket in place of the host.
    pub(super) socket: Option<PathBuf>,
    /// Basic authentication, where a name and a password stood in the URL.
    pub(super) authorization: Option<HeaderValue>,
    /// The endpoint as written, without what may be secret in it.
    pub(super) shown: String,
}

impl Endpoint {
    /// Reads an endpoint. For gRPC a path is left out, as the other SDKs do, since the service's
    /// own is used; a scheme may be missing.
    pub(super) fn parse(
        destination: &OtlpDestination,
        signal: Signal,
    ) -> Result<Self, OpenSenderError> {
        let written = destination.endpoint.trim();
        let shown = without_secrets(written);
        let wrong = |why: String| OpenSenderError {
            option: "endpoint",
            what: format!(
                "{shown:?} {why}; accepted are a URL such as {}, and unix: with the path of a socket",
                example(destination.protocol)
            ),
        };
        let path = match destination.protocol {
            Protocol::Grpc => grpc_path(signal),
            Protocol::HttpProtobuf | Protocol::HttpJson => http_path(signal),
        };
        if let Some(socket) = written.strip_prefix("unix:") {
            let socket = socket_path(socket).map_err(wrong)?;
            let uri = assemble(Scheme::HTTP, Authority::from_static("localhost"), path);
            return Ok(Endpoint { uri, socket: Some(socket), authorization: None, shown });
        }

        let uri: Uri = written.parse().map_err(|error| wrong(format!("is no URL ({error})")))?;
        let parts = uri.into_parts();
        let scheme = match (parts.scheme, destination.protocol) {
            (Some(scheme), _) if scheme == Scheme::HTTP || scheme == Scheme::HTTPS => scheme,
            (Some(scheme), _) => return Err(wrong(format!("has the scheme {scheme}"))),
            (None, Protocol::Grpc) if destination.insecure => Scheme::HTTP,
            (None, Protocol::Grpc) => Scheme::HTTPS,
            (None, _) => return Err(wrong("begins neither with http:// nor https://".to_owned())),
        };
        let authority = parts.authority.ok_or_else(|| wrong("names no host".to_owned()))?;
        let (authority, authorization) = split_userinfo(&authority).map_err(wrong)?;
        let path = match destination.protocol {
            Protocol::Grpc => path,
            _ => parts.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/")),
        };
        Ok(Endpoint { uri: assemble(scheme, authority, path), socket: None, authorization, shown })
    }

    /// Whether the connection is to be encrypted.
    pub(super) fn is_https(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTPS)
    }
}

fn example(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Grpc => "http://localhost:4317",
        Protocol::HttpProtobuf | Protocol::HttpJson => "http://localhost:4318/v1/metrics",
    }
}

/// The method that takes a signal, as a path.
fn grpc_path(signal: Signal) -> PathAndQuery {
    PathAndQuery::from_static(match signal {
        Signal::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
        Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    })
}

fn http_path(signal: Signal) -> PathAndQuery {
    PathAndQuery::from_static(match signal {
        Signal::Metrics => "/v1/metrics",
        Signal::Traces => "/v1/traces",
    })
}

fn assemble(scheme: Scheme, authority: Authority, path: PathAndQuery) -> Uri {
    let mut parts = hyper::http::uri::Parts::default();
    parts.scheme = Some(scheme);
    parts.authority = Some(authority);
    parts.path_and_query = Some(path);
    Uri::from_parts(parts).expect("a scheme, an authority and a path make a URI")
}

/// `unix:/run/x.sock`, `unix:///run/x.sock` and `unix:relative.sock`.
fn socket_path(written: &str) -> Result<PathBuf, String> {
    let path = written.strip_prefix("//").unwrap_or(written);
    match path.len() {
        0 => Err("names no socket".to_owned()),
        length if length > MAX_SOCKET_PATH_BYTES => {
            Err(format!("has a path of {length} bytes, at most {MAX_SOCKET_PATH_BYTES} fit"))
        }
        _ => Ok(PathBuf::from(path)),
    }
}

fn split_userinfo(authority: &Authority) -> Result<(Authority, Option<HeaderValue>), String> {
    let Some((userinfo, host)) = authority.as_str().rsplit_once('@') else {
        return Ok((authority.clone(), None));
    };
    let host = host.parse().map_err(|_| "names no host".to_owned())?;
    let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    let mut plain: Vec<u8> = percent_decode_str(user).collect();
    plain.push(b':');
    plain.extend(percent_decode_str(password));
    let mut value = HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(plain)))
        .expect("base64 is fit for a header");
    value.set_sensitive(true);
    Ok((host, Some(value)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::send::Compression;

    fn destination(protocol: Protocol, endpoint: &str, insecure: bool) -> OtlpDestination {
        OtlpDestination {
            protocol,
            endpoint: endpoint.to_owned(),
            headers: BTreeMap::new(),
            compression: Compression::None,
            timeout_ms: 10_000,
            certificate: None,
            client_key: None,
            client_certificate: None,
            insecure,
        }
    }

    fn parse(protocol: Protocol, endpoint: &str) -> Result<Endpoint, OpenSenderError> {
        Endpoint::parse(&destination(protocol, endpoint, false), Signal::Metrics)
    }

    #[test]
    fn http_takes_the_url_as_it_is() {
        for (written, expected) in [
            ("http://localhost:4318/v1/metrics", "http://localhost:4318/v1/metrics"),
            ("https://otlp.example/api/v2/otlp?key=1", "https://otlp.example/api/v2/otlp?key=1"),
            ("http://[::1]:4318/", "http://[::1]:4318/"),
            ("http://collector", "http://collector/"),
            (" http://collector:4318/x ", "http://collector:4318/x"),
        ] {
            let endpoint = parse(Protocol::HttpProtobuf, written).unwrap();
            assert_eq!(endpoint.uri.to_string(), expected);
            assert!(endpoint.socket.is_none() && endpoint.authorization.is_none());
        }
    }

    #[test]
    fn grpc_takes_the_host_and_uses_the_path_of_its_service() {
        let path = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
        for (written, insecure, expected) in [
            ("http://localhost:4317", false, "http://localhost:4317"),
            ("http://localhost:4317/v1/metrics", false, "http://localhost:4317"),
            ("https://otlp.example", true, "https://otlp.example"),
            ("collector:4317", true, "http://collector:4317"),
            ("collector:4317", false, "https://collector:4317"),
            ("127.0.0.1:4317", true, "http://127.0.0.1:4317"),
        ] {
            let destination = destination(Protocol::Grpc, written, insecure);
            let endpoint = Endpoint::parse(&destination, Signal::Metrics).unwrap();
            assert_eq!(endpoint.uri.to_string(), format!("{expected}{path}"));
        }
    }

    #[test]
    fn sockets_are_addressed_by_their_path() {
        for (written, path) in [
            ("unix:/run/otel/otlp.sock", "/run/otel/otlp.sock"),
            ("unix:///run/otel/otlp.sock", "/run/otel/otlp.sock"),
            ("unix:otlp.sock", "otlp.sock"),
        ] {
            let endpoint = parse(Protocol::HttpJson, written).unwrap();
            assert_eq!(endpoint.socket.unwrap(), PathBuf::from(path));
            assert_eq!(endpoint.uri.to_string(), "http://localhost/v1/metrics");
        }
    }

    #[test]
    fn a_wrong_endpoint_is_named_with_what_is_accepted() {
        let long = format!("unix:/{}", "x".repeat(200));
        for written in
            ["", "localhost:4318", "ftp://host/", "http://", "http://a b/", "/v1", "unix:", &long]
        {
            let error = parse(Protocol::HttpProtobuf, written).unwrap_err();
            assert_eq!(error.option, "endpoint");
            assert!(error.what.contains(&format!("{written:?}")), "{}", error.what);
            assert!(error.what.contains("http://localhost:4318/v1/metrics"), "{}", error.what);
        }
    }

    #[test]
    fn a_password_becomes_a_header_and_is_never_shown() {
        let endpoint = parse(Protocol::HttpProtobuf, "https://me:p%40ss@host:1/x").unwrap();
        assert_eq!(endpoint.uri.to_string(), "https://host:1/x");
        assert_eq!(endpoint.shown, "https://host:1/x");
        let value = endpoint.authorization.clone().unwrap();
        assert_eq!(value.to_str().unwrap(), format!("Basic {}", BASE64_STANDARD.encode("me:p@ss")));
        assert!(!format!("{endpoint:?}").contains("Basic"));

        let error = parse(Protocol::HttpProtobuf, "ftp://me:secret@host/").unwrap_err();
        assert!(!error.what.contains("secret"), "{}", error.what);
    }
}
