//! What sends: a [`Sender`], or in tests a script.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

use crate::send::{Destination, OpenSenderError, Outcome, Sender, Signal};

/// Sends one request at a time, and says what became of it.
pub(crate) trait Transport {
    fn send<'a>(&'a self, body: &'a Bytes) -> Sending<'a>;
}

pub(crate) type Sending<'a> = Pin<Box<dyn Future<Output = Outcome> + 'a>>;

/// Opens what sends, on the thread that is to send.
pub(crate) type Opener =
    Arc<dyn Fn(&Destination, Signal) -> Result<Box<dyn Transport>, OpenSenderError> + Send + Sync>;

impl Transport for Sender {
    fn send<'a>(&'a self, body: &'a Bytes) -> Sending<'a> {
        Box::pin(Sender::send(self, body))
    }
}

/// The real ones.
pub(crate) fn senders() -> Opener {
    Arc::new(|destination, signal| Ok(Box::new(Sender::open(destination, signal)?)))
}
