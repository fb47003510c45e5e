//! The inspection server: one meter's metrics over HTTP/1, on TCP and on a Unix socket.
//!
//! ```text
//! listen, socket ──▶ accept ──▶ crowd ──▶ connection ──▶ request ──▶ routes ──▶ scrape, level, …
//! (caller's thread)  (the native thread, all of it, a turn each)                    │
//!                                        watch ◀── deadlines ── body, reply ◀───────┘
//! ```

mod ask;
mod body;
mod connection;
mod crowd;
mod events;
mod exporters;
mod flows;
mod level;
pub mod limits;
mod listen;
mod query;
mod reply;
mod request;
mod routes;
mod scrape;
mod site;
mod socket;
mod token;
mod traces;
mod tracing;
mod watch;
mod writing;

pub(crate) use listen::{bind_tcp, url_of};
pub(crate) use site::{Listener, Site, accept_forever};
pub(crate) use socket::bind_unix;
pub(crate) use token::Token;

/// What a connection goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// TCP: anybody who can reach the port.
    Tcp,
    /// The Unix socket: somebody whom its file mode lets in.
    Unix,
}
