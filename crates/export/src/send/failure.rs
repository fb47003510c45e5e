//! Why there is no answer: what a broken connection, a timeout or a stranger on the port seems to
//! be, in a sentence that names the endpoint.
//!
//! All of these may pass, so all of them are tried again; the exceptions are gRPC's, whose rules
//! give each way of resetting a stream a status.

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::{AlertDescription, InvalidMessage};

use super::attempt::Attempt;
use super::certificate;
use super::connector::NotFound;
use super::outcome::{Problem, Reason};
use super::stranger::stranger;
use super::trail::Phase;

impl Attempt {
    /// No answer within `limit`.
    pub(super) fn timeout(&self, limit: Duration) -> Problem {
        let Attempt { shown, host, .. } = self;
        let limit = seconds(limit);
        let message = match self.trail.phase() {
            Phase::Resolving => format!(
                "the name {host} of {shown} was not looked up within {limit}: the name server does \
                 not answer"
            ),
            Phase::Connecting => format!(
                "nothing answers at {shown}, not even to refuse, within {limit}: a firewall may \
                 swallow it, or the address is wrong"
            ),
            Phase::Securing => format!(
                "{shown} accepts connections, but TLS was not agreed on within {limit}: it may be \
                 overloaded, or speak something else"
            ),
            Phase::Asking => format!(
                "{shown} is connected, but did not answer within {limit}: it may be overloaded; \
                 the option timeoutMs says how long to wait"
            ),
        };
        Problem::new(Reason::Timeout, message)
    }

    /// A request failed before there was a whole answer.
    pub(super) fn failure(&self, error: &(dyn Error + 'static)) -> Problem {
        if let Some(problem) = stranger(self, &self.trail.greeting()) {
            return problem;
        }
        if let Some(error) = self.trail.refusal() {
            return self.tls(&error);
        }
        for cause in causes(error) {
            if let Some(NotFound(why)) = cause.downcast_ref() {
                return Problem::new(
                    Reason::Dns,
                    format!("the host {} of {} is not known ({why})", self.host, self.shown),
                );
            }
            if let Some(error) = cause.downcast_ref::<rustls::Error>() {
                return self.tls(error);
            }
            if let Some(error) = cause.downcast_ref::<io::Error>()
                && (error.get_ref().is_none() || is_telling(error.kind()))
            {
                return self.io(error);
            }
            if let Some(error) = cause.downcast_ref::<hyper::Error>() {
                if error.is_parse() {
                    let message = format!(
                        "what {} answers is not HTTP ({error}){}",
                        self.shown,
                        self.port_hint()
                    );
                    return Problem::new(Reason::Protocol, message);
                }
                if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
                    return self.closed();
                }
            }
        }
        let last = causes(error).last().map_or_else(|| error.to_string(), ToString::to_string);
        let message = format!("the connection to {} broke: {last}", self.shown);
        Problem::new(Reason::Connection, message)
    }

    fn io(&self, error: &io::Error) -> Problem {
        let shown = &self.shown;
        let message = match error.kind() {
            io::ErrorKind::ConnectionRefused => {
                format!("nobody listens at {shown} ({error}): is the collector running there?")
            }
            io::ErrorKind::NotFound => format!("there is no socket at {shown} ({error})"),
            io::ErrorKind::TimedOut if self.trail.phase() == Phase::Connecting => {
                let message = format!(
                    "nothing answers at {shown}, not even to refuse: a firewall may swallow it, or \
                     the address is wrong"
                );
                return Problem::new(Reason::Timeout, message);
            }
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => return self.closed(),
            _ => format!("the connection to {shown} failed: {error}"),
        };
        Problem::new(Reason::Connection, message)
    }

    /// Closed or reset without an answer.
    pub(super) fn closed(&self) -> Problem {
        let when = match self.trail.phase() {
            Phase::Securing => "while TLS was being agreed on",
            _ => "before it answered",
        };
        let hint = if self.is_turned_away() {
            ": it may want a certificate of ours, by the options clientCertificate and clientKey, \
             or another one"
        } else {
            self.port_hint()
        };
        let message = format!("{} closed the connection {when}{hint}", self.shown);
        Problem::new(Reason::Connection, message)
    }

    /// Whether TLS was agreed on, as far as we know, and then nothing came. With TLS 1.3 a server sees
    /// our certificate, or none, after that; not all of them send the alert that says so.
    fn is_turned_away(&self) -> bool {
        let is_silent = self.trail.greeting().is_empty();
        self.encrypted && is_silent && self.trail.phase() == Phase::Asking
    }

    fn tls(&self, error: &rustls::Error) -> Problem {
        let Attempt { shown, host, .. } = self;
        let message = match error {
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)
            | rustls::Error::InvalidMessage(InvalidMessage::UnknownProtocolVersion) => {
                let message = format!(
                    "{shown} does not speak TLS: if that is intended, begin the endpoint with \
                     http://"
                );
                return Problem::new(Reason::Protocol, message);
            }
            rustls::Error::InvalidCertificate(error) => certificate::refused(error, shown, host),
            rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol)
            | rustls::Error::NoApplicationProtocol => {
                let spoken = if self.speaks_grpc { "HTTP/2, so no gRPC" } else { "HTTP/1.1" };
                let message = format!("{shown} does not speak {spoken}{}", self.port_hint());
                return Problem::new(Reason::Protocol, message);
            }
            rustls::Error::AlertReceived(alert) => format!(
                "{shown} refuses TLS with us ({alert:?}): it may want a certificate of ours, by \
                 the options clientCertificate and clientKey, or another one"
            ),
            _ => format!("TLS with {shown} failed: {error}"),
        };
        Problem::new(Reason::Tls, message)
    }
}

/// An error and what caused it, outermost first. What an [`io::Error`] wraps is a cause, too.
pub(super) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match wrapped {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

/// Whether the kind says more than what the error wraps.
fn is_telling(kind: io::ErrorKind) -> bool {
    !matches!(kind, io::ErrorKind::Other | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
}

/// A time, to be shown: `10 s`, `0.25 s`.
fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
