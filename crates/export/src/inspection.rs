//! Opening and closing a meter's way out: what the addon calls.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nanometer_core::{Meter, Warning};

use crate::keeper;
use crate::push::Exporters;
use crate::self_stats::SelfStats;
use crate::server::limits::Limits;
use crate::server::{Listener, Site, Token, bind_tcp, bind_unix, url_of};

/// How long `stop` waits for the native thread to let go of ports and files: far more than a turn
/// of it takes.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// Where a meter answers, and to whom.
#[derive(Clone, Debug, Default)]
pub struct InspectionOptions {
    /// The name or address to listen on: `127.0.0.1`, `localhost`, `::`.
    pub host: String,
    /// The TCP port; 0 picks one; `None`: no TCP.
    pub port: Option<u16>,
    /// The path of the Unix socket, in a directory that exists; `None`: no socket.
    pub socket: Option<PathBuf>,
    /// The bearer token that guards every route; `None` (or empty): none.
    pub token: Option<String>,
    /// What is allowed.
    pub limits: Limits,
    /// The meter's exporters, so that it is seen how they fare.
    pub exporters: Option<Arc<Exporters>>,
}

/// A meter that the native thread looks after: its clock and its leases always, its inspection
/// server where it has a port or a socket. Dropping it stops that.
#[derive(Debug)]
pub struct Inspection {
    /// `http://host:port`, or `None` where no port could be bound.
    pub url: Option<String>,
    /// The TCP port, or `None`.
    pub port: Option<u16>,
    /// The path of the Unix socket, absolute, or `None`.
    pub socket_path: Option<PathBuf>,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    site: Arc<Site>,
    /// Disconnected when nobody holds the site any more.
    gone: Receiver<()>,
}

impl Inspection {
    /// Binds what is asked for, on the calling thread, and hands it to the native one, which is
    /// started if this is the first meter. With neither port nor socket, the meter is only looked
    /// after.
    ///
    /// Nothing that fails here stops anything: it is among the warnings, and what could be bound is
    /// served. Costs some 100 µs; a host that is a name may have to be looked up.
    pub fn start(meter: Arc<Meter>, options: InspectionOptions) -> (Inspection, Vec<Warning>) {
        let InspectionOptions { host, port, socket, token, limits, exporters } = options;
        let (stats, mut warnings) = SelfStats::define(&meter);
        let mut inspection =
            Inspection { url: None, port: None, socket_path: None, running: Mutex::new(None) };
        let mut listeners = Vec::new();
        if let Some(port) = port {
            match bind_tcp(&host, port) {
                Ok(listener) => {
                    let bound = listener.local_addr().map_or(port, |address| address.port());
                    inspection.port = Some(bound);
                    inspection.url = Some(url_of(&host, bound));
                    listeners.push(Listener::Tcp(listener));
                }
                Err(warning) => warnings.push(warning),
            }
        }
        if let Some(path) = socket {
            match bind_unix(&path) {
                Ok(socket) => {
                    inspection.socket_path = Some(socket.path.clone());
                    listeners.push(Listener::Unix(socket));
                }
                Err(warning) => warnings.push(warning),
            }
        }
        meter.on_stir(keeper::stir);
        let (holds, gone) = channel();
        let token = token.and_then(Token::new);
        let site = Arc::new(Site::new(meter, stats, token, limits, exporters, listeners, holds));
        match keeper::add(Arc::clone(&site)) {
            Ok(()) => inspection.running = Mutex::new(Some(Running { site, gone })),
            Err(error) => {
                warnings.push(Warning {
                    code: "NANOMETER_THREAD",
                    message: format!(
                        "the native thread could not be started: {error}; metrics are recorded, and are \
                         not served"
                    ),
                });
                (inspection.url, inspection.port, inspection.socket_path) = (None, None, None);
            }
        }
        (inspection, warnings)
    }

    /// Stops serving: connections are closed, the port is free and the socket's file is gone when
    /// this returns. A second call does nothing.
    pub fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Running { site, gone }) = running {
            keeper::remove(&site);
            drop(site);
            // Nothing is ever sent: this ends when the last holder is gone, or patience is.
            let _ = gone.recv_timeout(STOP_PATIENCE);
        }
    }
}

impl Drop for Inspection {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What a site holds for as long as anybody holds the site.
pub(crate) type Holds = Sender<()>;
