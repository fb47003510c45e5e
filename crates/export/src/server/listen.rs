//! Listening on TCP. Sockets are bound by the thread that opens the meter, so that it knows the
//! port when it returns.

use std::io;
use std::net::TcpListener;

use nanometer_core::Warning;

/// Connections that wait to be accepted.
pub const BACKLOG: i32 = 1024;

/// Binds a TCP listener, not blocking; port 0 picks one.
///
/// # Errors
///
/// A warning that names the address: `NANOMETER_PORT_IN_USE`, or `NANOMETER_LISTEN` for any other
/// reason.
pub fn bind_tcp(host: &str, port: u16) -> Result<TcpListener, Warning> {
    let listener = TcpListener::bind((host, port)).and_then(|listener| {
        listener.set_nonblocking(true)?;
        // The standard library's 128 overflow when a thousand clients come at once, and those that
        // find the queue full try again after a whole second.
        rustix::net::listen(&listener, BACKLOG)?;
        Ok(listener)
    });
    listener.map_err(|error| {
        if error.kind() == io::ErrorKind::AddrInUse {
            Warning {
                code: "NANOMETER_PORT_IN_USE",
                message: format!(
                    "the inspection server has no TCP port: {host}:{port} is in use; recording goes on \
                     (set the option inspection.port, 0 picks a free one)"
                ),
            }
        } else {
            Warning {
                code: "NANOMETER_LISTEN",
                message: format!(
                    "the inspection server cannot listen on {host}:{port}: {error}; recording goes on \
                     (set the options inspection.host and inspection.port)"
                ),
            }
        }
    })
}

/// The URL of a server on that host and port.
pub fn url_of(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("http://[{host}]:{port}")
    } else {
        format!("http://{host}:{port}")
    }
}
