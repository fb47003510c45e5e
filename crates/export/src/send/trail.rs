//! How far the latest attempt came, and what the other side said first: what a timeout or a broken
//! connection is explained by.
//!
//! Written by the connector, read by whoever has failed. A sender sends one request at a time, so
//! there is one attempt to tell of.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// How many bytes are kept of what the other side says first: enough to tell the protocol.
pub(super) const GREETING_BYTES: usize = 16;

/// How far an attempt came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The host's name is being looked up.
    Resolving,
    /// A connection is being made.
    Connecting,
    /// TLS is being agreed on.
    Securing,
    /// There is a connection: the request is being sent, or its answer awaited.
    Asking,
}

/// What is known of the latest attempt. Clones are of the same one.
#[derive(Clone, Debug)]
pub(super) struct Trail(Arc<Mutex<Known>>);

#[derive(Debug)]
struct Known {
    phase: Phase,
    greeting: [u8; GREETING_BYTES],
    greeting_length: usize,
    refusal: Option<rustls::Error>,
    cut: Option<oneshot::Sender<Cut>>,
}

/// Says to a connection that it is given up.
#[derive(Debug)]
pub(super) struct Cut;

impl Trail {
    pub(super) fn new() -> Self {
        Trail(Arc::new(Mutex::new(Known {
            phase: Phase::Asking,
            greeting: [0; GREETING_BYTES],
            greeting_length: 0,
            refusal: None,
            cut: None,
        })))
    }

    /// A request begins. It needs no new connection, as far as is known.
    pub(super) fn begin(&self) {
        let mut known = self.known();
        known.phase = Phase::Asking;
        known.refusal = None;
    }

    /// A new connection has come so far.
    pub(super) fn reach(&self, phase: Phase) {
        let mut known = self.known();
        known.phase = phase;
        known.greeting_length = 0;
    }

    pub(super) fn phase(&self) -> Phase {
        self.known().phase
    }

    /// There is a new connection, over which nothing has been said. What is given is told to it
    /// when it is to end.
    pub(super) fn connected(&self) -> oneshot::Receiver<Cut> {
        let (cut, is_cut) = oneshot::channel();
        let mut known = self.known();
        known.phase = Phase::Asking;
        known.greeting_length = 0;
        known.cut = Some(cut);
        is_cut
    }

    /// Has the newest connection end, whatever it is in the middle of.
    pub(super) fn cut(&self) {
        if let Some(cut) = self.known().cut.take() {
            // It may have ended already.
            let _ = cut.send(Cut);
        }
    }

    /// Keeps what was heard over the newest connection, as far as it fits.
    pub(super) fn hear(&self, bytes: &[u8]) {
        let mut known = self.known();
        let from = known.greeting_length;
        let to = (from + bytes.len()).min(GREETING_BYTES);
        known.greeting[from..to].copy_from_slice(&bytes[..to - from]);
        known.greeting_length = to;
    }

    /// The first bytes that came over the newest connection.
    pub(super) fn greeting(&self) -> Vec<u8> {
        let known = self.known();
        known.greeting[..known.greeting_length].to_vec()
    }

    /// Keeps what TLS ended the connection for. HTTP/2 passes on no more than the words of it.
    pub(super) fn end(&self, error: &io::Error) {
        let refusal = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if refusal.is_some() {
            self.known().refusal = refusal.cloned();
        }
    }

    /// What TLS ended the connection for.
    pub(super) fn refusal(&self) -> Option<rustls::Error> {
        self.known().refusal.clone()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
