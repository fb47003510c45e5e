//! One request, and what is known about where it came from.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use hyper::Request;
use hyper::body::Incoming;

use super::watch::Watch;
use super::{Peer, Site};

/// A request with what is known about where it came from.
pub struct Ask {
    /// The request.
    pub request: Request<Incoming>,
    /// The meter that is asked about.
    pub site: Arc<Site>,
    /// The connection.
    pub watch: Rc<Watch>,
    /// What it goes over.
    pub peer: Peer,
    /// Whether the connection was let in only to be told that all others are busy.
    pub busy: bool,
    /// When the request's head was whole.
    pub began: Instant,
}
