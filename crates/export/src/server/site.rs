//! What is served for one meter, and the loops that accept connections to it.

use std::collections::HashSet;
use std::io;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nanometer_core::Meter;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Peer;
use super::connection::serve;
use super::crowd::{Admission, Crowd, Place};
use super::limits::Limits;
use super::socket::UnixSocket;
use super::token::Token;
use super::watch::Stream;
use crate::encode::families::Collision;
use crate::inspection::Holds;
use crate::push::Exporters;
use crate::self_stats::SelfStats;
use crate::thread::resume_panic;

/// How long accepting pauses after an error: it is nearly always the process being out of file
/// descriptors, and trying again at once would take a whole processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// One meter with its listeners. Made by the thread that opens the meter, served by the native one.
pub(crate) struct Site {
    /// Whose metrics are shown.
    pub meter: Arc<Meter>,
    /// Where the server counts about itself.
    pub stats: Arc<SelfStats>,
    /// What requests have to carry.
    pub token: Option<Token>,
    /// What is allowed.
    pub limits: Limits,
    /// The right to answer with all metrics.
    pub scrapes: Arc<Semaphore>,
    /// What exports the same metrics; `None` where nothing can.
    pub exporters: Option<Arc<Exporters>>,
    /// Bound already; empty where the meter is only looked after.
    pub listeners: Vec<Listener>,
    /// Metrics whose collisions have been reported.
    reported: Mutex<HashSet<String>>,
    /// Last, so that listeners are closed when it goes.
    _holds: Holds,
}

impl std::fmt::Debug for Site {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Site").field("service", &self.meter.service()).finish_non_exhaustive()
    }
}

/// A bound socket.
#[derive(Debug)]
pub(crate) enum Listener {
    /// On TCP.
    Tcp(std::net::TcpListener),
    /// On a Unix socket.
    Unix(UnixSocket),
}

impl Site {
    pub(crate) fn new(
        meter: Arc<Meter>,
        stats: SelfStats,
        token: Option<Token>,
        limits: Limits,
        exporters: Option<Arc<Exporters>>,
        listeners: Vec<Listener>,
        holds: Holds,
    ) -> Site {
        Site {
            meter,
            stats: Arc::new(stats),
            token,
            scrapes: Arc::new(Semaphore::new(limits.scrapes)),
            limits,
            exporters,
            listeners,
            reported: Mutex::default(),
            _holds: holds,
        }
    }

    /// Reports collisions, each metric's once.
    pub(crate) fn report(&self, collisions: &[Collision]) {
        if collisions.is_empty() {
            return;
        }
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        for collision in collisions {
            if reported.insert(collision.metric.clone()) {
                self.stats.collided();
                self.meter.warn("NANOMETER_PROMETHEUS_COLLISION", &collision.to_string());
            }
        }
    }
}

/// A listener on the runtime of the native thread.
enum Accepting {
    Tcp(tokio::net::TcpListener),
    Unix(tokio::net::UnixListener),
}

impl Accepting {
    fn of(listener: &Listener) -> io::Result<Accepting> {
        // A duplicate: the original outlives a panic of the thread.
        Ok(match listener {
            Listener::Tcp(listener) => {
                Accepting::Tcp(tokio::net::TcpListener::from_std(listener.try_clone()?)?)
            }
            Listener::Unix(UnixSocket { listener, .. }) => {
                Accepting::Unix(tokio::net::UnixListener::from_std(listener.try_clone()?)?)
            }
        })
    }

    fn peer(&self) -> Peer {
        match self {
            Accepting::Tcp(_) => Peer::Tcp,
            Accepting::Unix(_) => Peer::Unix,
        }
    }

    async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        match self {
            Accepting::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                // Answers are written in large pieces; the last must not wait for an acknowledgement.
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            Accepting::Unix(listener) => Ok(Box::new(listener.accept().await?.0)),
        }
    }
}

/// Accepts and serves connections to a site until it is dropped.
pub(crate) async fn accept_forever(site: Arc<Site>) {
    let crowd = Rc::new(Crowd::default());
    let mut loops = JoinSet::new();
    for index in 0..site.listeners.len() {
        loops.spawn_local(accept_on(Arc::clone(&site), index, Rc::clone(&crowd)));
    }
    drop(site);
    while let Some(ended) = loops.join_next().await {
        resume_panic(ended);
    }
}

async fn accept_on(site: Arc<Site>, index: usize, crowd: Rc<Crowd>) {
    let listener = loop {
        match Accepting::of(&site.listeners[index]) {
            Ok(listener) => break listener,
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    };
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(stream) => {
                    let (place, busy) = admit(&site, &crowd).await;
                    let peer = listener.peer();
                    connections.spawn_local(serve(stream, Arc::clone(&site), place, peer, busy));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            Some(ended) = connections.join_next() => {
                if ended.is_err_and(|error| error.is_panic()) {
                    site.stats.panicked();
                }
            }
        }
    }
}

/// A place for a new connection, as soon as there is one; true where it is only to be told that all
/// others are busy.
async fn admit(site: &Site, crowd: &Rc<Crowd>) -> (Place, bool) {
    loop {
        match crowd.admit(site.limits.connections, Instant::now()) {
            Admission::Served(place) => return (place, false),
            Admission::Replacing(place) => {
                site.stats.refused();
                return (place, false);
            }
            Admission::ToldBusy(place) => {
                site.stats.refused();
                return (place, true);
            }
            Admission::NotNow => crowd.room().await,
        }
    }
}
