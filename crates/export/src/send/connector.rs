//! Connections: a name to an address, TCP, TLS, or a Unix socket.
//!
//! No proxy is asked, whatever the environment says. Each step is noted in the [`Trail`], so that
//! a failure can say where it happened.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::Uri;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::UnixStream;
use tower_service::Service;

use super::trail::{Phase, Trail};
use super::wire::Wire;

/// After how long without traffic the kernel asks whether the other side still lives.
const TCP_KEEPALIVE: Duration = Duration::from_secs(60);

type BoxError = Box<dyn Error + Send + Sync>;
type BoxFuture<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// Makes connections to one endpoint.
#[derive(Clone)]
pub(super) struct Connector {
    way: Way,
    trail: Trail,
}

#[derive(Clone)]
enum Way {
    Host(HttpsConnector<Dialler>),
    Socket(PathBuf),
}

impl Connector {
    /// To the host that a request names. `limit` is how long connecting may take, shared by the
    /// host's addresses.
    pub(super) fn to_host(tls: ClientConfig, limit: Option<Duration>, trail: Trail) -> Self {
        let resolver = Resolver { system: GaiResolver::new(), trail: trail.clone() };
        let mut tcp = HttpConnector::new_with_resolver(resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(limit);
        tcp.set_keepalive(Some(TCP_KEEPALIVE));
        let dialler = Dialler { tcp, trail: trail.clone() };
        Connector { way: Way::Host(HttpsConnector::from((dialler, tls))), trail }
    }

    /// To a Unix socket, whatever host a request names.
    pub(super) fn to_socket(path: PathBuf, trail: Trail) -> Self {
        Connector { way: Way::Socket(path), trail }
    }
}

impl Service<Uri> for Connector {
    type Response = Wire;
    type Error = BoxError;
    type Future = BoxFuture<Wire>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match &mut self.way {
            Way::Host(host) => host.poll_ready(context),
            Way::Socket(_) => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, target: Uri) -> BoxFuture<Wire> {
        let trail = self.trail.clone();
        match &mut self.way {
            Way::Host(host) => {
                let connecting = host.call(target);
                Box::pin(async move { Ok(Wire::new(connecting.await?, trail)) })
            }
            Way::Socket(path) => {
                let path = path.clone();
                Box::pin(async move {
                    trail.reach(Phase::Connecting);
                    let stream = UnixStream::connect(path).await?;
                    Ok(Wire::new(TokioIo::new(stream), trail))
                })
            }
        }
    }
}

/// TCP, before TLS.
#[derive(Clone)]
struct Dialler {
    tcp: HttpConnector<Resolver>,
    trail: Trail,
}

impl Service<Uri> for Dialler {
    type Response = <HttpConnector<Resolver> as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = BoxFuture<Self::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        self.trail.reach(Phase::Connecting);
        let trail = self.trail.clone();
        let connecting = self.tcp.call(target);
        Box::pin(async move {
            let stream = connecting.await?;
            trail.reach(Phase::Securing);
            Ok(stream)
        })
    }
}

/// The system's own look-up, on a thread of tokio's.
#[derive(Clone)]
struct Resolver {
    system: GaiResolver,
    trail: Trail,
}

impl Service<Name> for Resolver {
    type Response = <GaiResolver as Service<Name>>::Response;
    type Error = NotFound;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NotFound>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), NotFound>> {
        Poll::Ready(ready!(self.system.poll_ready(context)).map_err(NotFound))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        self.trail.reach(Phase::Resolving);
        let trail = self.trail.clone();
        let looking_up = self.system.call(name);
        Box::pin(async move {
            let addresses = looking_up.await.map_err(NotFound)?;
            trail.reach(Phase::Connecting);
            Ok(addresses)
        })
    }
}

/// A host's name was not found, as the system puts it.
#[derive(Debug)]
pub(super) struct NotFound(pub(super) io::Error);

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for NotFound {}
